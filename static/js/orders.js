/**
 * What the server was asked for: which utterance goes by which number on the wire. A number is used once; an utterance
 * that is asked for again gets a new one, and what still comes under the old one finds nobody.
 */
export class Orders {
  #wire = 0;
  #byWire = new Map();
  #reported = "";

  /** @param {(type: string, fields?: object) => boolean} send */
  constructor(send) {
    this.send = send;
  }

  /** @returns {import("./utterance.js").Utterance | null} the one that the server still owes something for */
  find(wire) {
    const utterance = this.#byWire.get(wire);
    return utterance?.live ? utterance : null;
  }

  /** How many the server still owes something for. */
  get outstanding() {
    return [...this.#byWire.values()].filter(({ live }) => live).length;
  }

  /** Ask for it, or for the rest of it. */
  place(utterance) {
    this.#wire += 1;
    const { text, tune, pcm } = utterance;
    utterance.wire = this.#wire;
    utterance.live = this.send("speech.create", { id: this.#wire, text, ...tune, start: pcm.end || null });
    this.#byWire.set(this.#wire, utterance);
  }

  /** The server shall make no more of it. */
  recall(utterance) {
    if (utterance.live) this.send("speech.cancel", { id: utterance.wire });
    this.forget(utterance);
  }

  /** We take no more of it; what the server holds as unheard counts as heard, so that it may go on. */
  forget(utterance) {
    if (!utterance.live) this.report(utterance, utterance.total);
    this.detach(utterance);
  }

  /** The server knows it no longer. */
  detach(utterance) {
    this.#byWire.delete(utterance.wire);
    utterance.wire = null;
    utterance.live = false;
  }

  detachAll() {
    for (const utterance of [...this.#byWire.values()]) this.detach(utterance);
  }

  /** How far it was heard. */
  report(utterance, sample) {
    if (utterance.wire === null) return;
    const report = `${utterance.wire} ${sample}`;
    if (report === this.#reported) return;
    this.#reported = report;
    this.send("speech.played", { id: utterance.wire, sample });
  }
}
