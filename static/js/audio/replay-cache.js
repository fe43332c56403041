/** Bounds what is kept for replays: the utterances finished longest ago lose their samples first. */
export class ReplayCache {
  #utterances = new Set();

  constructor(maxBytes = 32 * 2 ** 20) {
    this.maxBytes = maxBytes;
  }

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

  /** In use again, or gone from the log: not ours to evict. */
  remove(utterance) {
    this.#utterances.delete(utterance);
  }
}
