/** @typedef {import("./utterance.js").Utterance} Utterance */

/**
 * Assigns wire ids to the utterances that the server was asked for. An id is used once: an utterance that is requested
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

  /** Returns the utterance of that id for which the server still owes something. @param {number} wireId */
  find(wireId) {
    const utterance = this.#byWireId.get(wireId);
    return utterance?.awaitingServer ? utterance : null;
  }

  /** Returns for how many utterances the server still owes something. */
  get count() {
    return [...this.#byWireId.values()].filter(({ awaitingServer }) => awaitingServer).length;
  }

  /** Requests an utterance, or the rest of it. @param {Utterance} utterance */
  request(utterance) {
    this.#lastWireId += 1;
    const { text, settings, pcm } = utterance;
    utterance.wireId = this.#lastWireId;
    utterance.awaitingServer = this.send("speech.create", { id: this.#lastWireId, text, ...settings, start: pcm.end || null });
    this.#byWireId.set(this.#lastWireId, utterance);
  }

  /** Has the server make no more of an utterance. @param {Utterance} utterance */
  cancel(utterance) {
    if (utterance.awaitingServer) this.send("speech.cancel", { id: utterance.wireId });
    this.discard(utterance);
  }

  /**
   * Ignores what still arrives of an utterance. What the server counts as unheard is reported as heard, so that it goes on.
   * @param {Utterance} utterance
   */
  discard(utterance) {
    if (!utterance.awaitingServer) this.report(utterance, utterance.total);
    this.unlink(utterance);
  }

  /** Takes the wire id from an utterance that the server no longer knows. @param {Utterance} utterance */
  unlink(utterance) {
    if (utterance.wireId !== null) this.#byWireId.delete(utterance.wireId);
    utterance.wireId = null;
    utterance.awaitingServer = false;
  }

  /** Takes the wire ids from all utterances: the connection was lost. */
  unlinkAll() {
    for (const utterance of [...this.#byWireId.values()]) this.unlink(utterance);
  }

  /** Tells the server how far an utterance was heard. @param {Utterance} utterance @param {number} sample */
  report(utterance, sample) {
    if (utterance.wireId === null) return;
    const report = `${utterance.wireId} ${sample}`;
    if (report === this.#reported) return;
    this.#reported = report;
    this.send("speech.played", { id: utterance.wireId, sample });
  }
}
