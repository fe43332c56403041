import { LogEntry } from "./log-entry.js";

const MOST_ENTRIES = 500;

/** The list of what was, is and will be spoken. It keeps the current one in view until a person scrolls away. */
export class Log {
  #entries = new Map();
  /** Utterances that found no room yet: they come in as the oldest go. */
  #unshown = [];
  #follows = true;
  /** The entry that is heard, or was heard last. */
  #current = null;

  /**
   * @param {HTMLElement} region the live region around the list
   * @param {HTMLElement} list
   * @param {HTMLElement} welcome what stands there while the list is empty
   * @param {{act: Function, seek: Function, onForget: Function}} handlers
   */
  constructor(region, list, welcome, handlers) {
    Object.assign(this, { region, list, welcome, handlers });
    for (const type of ["wheel", "touchmove"]) {
      window.addEventListener(type, () => { this.#follows = this.#atBottom(); }, { passive: true });
    }
  }

  get utterances() {
    return [...this.#entries.keys()];
  }

  /** @param {import("../speech/utterance.js").Utterance[]} utterances */
  add(utterances) {
    this.welcome.hidden = true;
    this.#follows = true;
    if (this.#current?.utterance.ended) this.#current = null;
    // A long paste is not read out: its count is announced instead.
    this.region.ariaBusy = String(utterances.length > 1);
    this.#unshown.push(...utterances);
    this.#fill();
    this.region.ariaBusy = "false";
    this.#keepInView(this.#entries.get(utterances[0]));
  }

  update(utterance, items) {
    if (utterance.ended && this.#unshown.length) this.#fill();
    const entry = this.#entries.get(utterance);
    const before = entry?.node.dataset.state;
    entry?.update(items.indexOf(utterance) < 2);
    if (entry && utterance === items[0] && before === "queued") {
      this.#current = entry;
      this.#keepInView(entry);
    }
    if (items[1] !== utterance) this.#entries.get(items[1])?.update(true);
  }

  paint(utterance, sample) {
    const entry = this.#entries.get(utterance);
    this.#current = entry;
    if (entry?.paint(sample)) this.#keepInView(entry);
  }

  clear() {
    for (const utterance of this.utterances) if (utterance.ended) this.#forget(utterance);
    for (const foreign of [...this.list.children]) {
      if (!this.utterances.some((utterance) => this.#entries.get(utterance).node === foreign)) foreign.remove();
    }
    this.welcome.hidden = this.#entries.size > 0;
  }

  #fill() {
    while (this.#unshown.length) {
      if (this.#entries.size >= MOST_ENTRIES && !this.#forgetOldest()) return;
      const utterance = this.#unshown.shift();
      if (utterance.ended) continue;
      const entry = new LogEntry(utterance, this.handlers);
      this.#entries.set(utterance, entry);
      entry.update(false);
      this.list.append(entry.node);
    }
  }

  #forgetOldest() {
    for (const utterance of this.#entries.keys()) {
      if (utterance.ended) {
        this.#forget(utterance);
        return true;
      }
    }
    return false;
  }

  #forget(utterance) {
    this.#entries.get(utterance).node.remove();
    this.#entries.delete(utterance);
    this.handlers.onForget(utterance);
  }

  #keepInView(entry) {
    if (!entry || !this.#follows) return;
    entry.node.scrollIntoView({ block: "nearest" });
    // Where not both fit, what is being spoken goes before what was added.
    if (this.#current?.node.isConnected) this.#current.spot.scrollIntoView({ block: "nearest" });
  }

  #atBottom() {
    const { scrollHeight, scrollTop, clientHeight } = document.scrollingElement;
    return scrollHeight - scrollTop - clientHeight < 80;
  }
}
