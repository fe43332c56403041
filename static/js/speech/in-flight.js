/**
 * What the server was asked for: which utterance goes by which number on the wire. A number is used once; an utterance
 * that is asked for again gets a new one, and what still comes under the old one finds nobody.
 */
export class InFlightUtterances {
  #lastWireId = 0;
  #byWireId = new Map();
  #reported = "";

  /** @param {(type: string, fields?: object) => boolean} send */
  constructor(send) {
    this.send = send;
  }

  /** @returns {import("./utterance.js").Utterance | null} the one that the server still owes something for */
  find(wireId) {
    const utterance = this.#byWireId.get(wireId);
    return utterance?.awaitingServer ? utterance : null;
  }

  /** How many the server still owes something for. */
  get count() {
    return [...this.#byWireId.values()].filter(({ awaitingServer }) => awaitingServer).length;
  }

  /** Ask for it, or for the rest of it. */
  request(utterance) {
    this.#lastWireId += 1;
    const { text, settings, pcm } = utterance;
    utterance.wireId = this.#lastWireId;
    utterance.awaitingServer = this.send("speech.create", { id: this.#lastWireId, text, ...settings, start: pcm.end || null });
    this.#byWireId.set(this.#lastWireId, utterance);
  }

  /** The server shall make no more of it. */
  cancel(utterance) {
    if (utterance.awaitingServer) this.send("speech.cancel", { id: utterance.wireId });
    this.discard(utterance);
  }

  /** We take no more of it; what the server holds as unheard counts as heard, so that it may go on. */
  discard(utterance) {
    if (!utterance.awaitingServer) this.report(utterance, utterance.total);
    this.unlink(utterance);
  }

  /** The server knows it no longer. */
  unlink(utterance) {
    this.#byWireId.delete(utterance.wireId);
    utterance.wireId = null;
    utterance.awaitingServer = false;
  }

  unlinkAll() {
    for (const utterance of [...this.#byWireId.values()]) this.unlink(utterance);
  }

  /** How far it was heard. */
  report(utterance, sample) {
    if (utterance.wireId === null) return;
    const report = `${utterance.wireId} ${sample}`;
    if (report === this.#reported) return;
    this.#reported = report;
    this.send("speech.played", { id: utterance.wireId, sample });
  }
}
