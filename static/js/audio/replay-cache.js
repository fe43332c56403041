/** Limits the samples that are stored for replays: the utterances finished longest ago lose theirs first. */
export class ReplayCache {
  /** @type {Set<{pcm: import("./pcm-buffer.js").PcmBuffer}>} */
  #utterances = new Set();

  /** @param {number} maxBytes of samples */
  constructor(maxBytes = 32 * 2 ** 20) {
    this.maxBytes = maxBytes;
  }

  /** Adds a finished utterance, and evicts the oldest. @param {{pcm: import("./pcm-buffer.js").PcmBuffer}} utterance */
  add(utterance) {
    this.#utterances.delete(utterance);
    this.#utterances.add(utterance);
    let bytes = 0;
    for (const { pcm } of this.#utterances) bytes += pcm.bytes;
    for (const oldest of this.#utterances) {
      if (bytes <= this.maxBytes) break;
      bytes -= oldest.pcm.bytes;
      oldest.pcm.clear();
      this.#utterances.delete(oldest);
    }
  }

  /** Removes an utterance that is in use again, or deleted. @param {{pcm: import("./pcm-buffer.js").PcmBuffer}} utterance */
  remove(utterance) {
    this.#utterances.delete(utterance);
  }
}
