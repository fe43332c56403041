/** @typedef {import("./utterance.js").Utterance} Utterance */

/**
 * Assigns wire ids to the requested utterances. An id is used once: an utterance that is requested
 * again gets a new one, and frames that still arrive with the old one are ignored.
 */
export class InFlightUtterances {
  #lastWireId = 0;
  /** @type {Map<number, Utterance>} */
  #byWireId = new Map();
  /** The last position that was reported, to send each once. */
  #reported = "";

  /** @param {Send} send */
  constructor(send) {
    this.send = send;
  }

  /** Returns the utterance with that id if the server has not finished it. @param {number} wireId */
  find(wireId) {
    const utterance = this.#byWireId.get(wireId);
    return utterance?.awaitingServer ? utterance : null;
  }

  /** Returns the number of utterances that the server has not finished. */
  get count() {
    return [...this.#byWireId.values()].filter(({ awaitingServer }) => awaitingServer).length;
  }

  /** Requests an utterance, or the rest of it. @param {Utterance} utterance */
  request(utterance) {
    this.#lastWireId += 1;
    const { text, settings, pcm, resume } = utterance;
    utterance.wireId = this.#lastWireId;
    utterance.awaitingServer = this.send("speech.create", { id: this.#lastWireId, text, ...settings, start: pcm.end || null, resume });
    this.#byWireId.set(this.#lastWireId, utterance);
  }

  /** Cancels an utterance at the server. @param {Utterance} utterance */
  cancel(utterance) {
    if (utterance.awaitingServer) this.send("speech.cancel", { id: utterance.wireId });
    utterance.resume = null;
    this.discard(utterance);
  }

  /** Cancels those of them that were requested. @param {Utterance[]} utterances */
  cancelAll(utterances) {
    for (const utterance of [...this.#byWireId.values()]) if (utterances.includes(utterance)) this.cancel(utterance);
  }

  /**
   * Ignores further frames of an utterance. Reports its audio as played, so that the server's flow control continues.
   * @param {Utterance} utterance
   */
  discard(utterance) {
    if (!utterance.awaitingServer) this.report(utterance, utterance.total);
    this.unlink(utterance);
  }

  /** Removes the wire id of an utterance that the server no longer knows. @param {Utterance} utterance */
  unlink(utterance) {
    if (utterance.wireId !== null) this.#byWireId.delete(utterance.wireId);
    utterance.wireId = null;
    utterance.awaitingServer = false;
  }

  /** Removes the wire ids of all utterances after a lost connection. */
  unlinkAll() {
    for (const utterance of [...this.#byWireId.values()]) this.unlink(utterance);
  }

  /** Reports the playback position of an utterance to the server. @param {Utterance} utterance @param {number} sample */
  report(utterance, sample) {
    if (utterance.wireId === null) return;
    const report = `${utterance.wireId} ${sample}`;
    if (report === this.#reported) return;
    this.#reported = report;
    this.send("speech.played", { id: utterance.wireId, sample });
  }
}
