import { byId, hide } from "./dom.js";
import { LogEntry } from "./log-entry.js";

const MOST_ENTRIES = 500;

/**
 * @typedef {import("../speech/utterance.js").Utterance} Utterance
 * @typedef {{act: (name: string, utterance: Utterance) => void, seek: (sample: number) => void}} LogHandlers
 */

/** Lists the utterances. Keeps the current entry in view until the user scrolls away. */
export class Log {
  /** @type {Map<Utterance, LogEntry>} */
  #entries = new Map();
  /**
   * Utterances that wait for a place in the log.
   * @type {Utterance[]}
   */
  #unshown = [];
  #follows = true;
  /**
   * The entry that plays, or played last.
   * @type {LogEntry | null}
   */
  #current = null;

  /**
   * @param {HTMLElement} list
   * @param {HTMLElement} welcome the element displayed while the list is empty
   * @param {LogHandlers & {onForget: (utterance: Utterance) => void}} handlers
   */
  constructor(list, welcome, handlers) {
    this.list = list;
    this.welcome = welcome;
    this.handlers = handlers;
    window.addEventListener("scroll", () => { this.#follows = this.#inView(); }, { passive: true });
    window.addEventListener("resize", () => this.#keepInView(this.#current));
  }

  /** Returns the utterances that are listed, in order. */
  get utterances() {
    return [...this.#entries.keys()];
  }

  /** Adds utterances. @param {Utterance[]} utterances */
  add(utterances) {
    this.welcome.hidden = true;
    this.#follows = true;
    if (this.#current?.utterance.ended) this.#current = null;
    this.#unshown.push(...utterances);
    this.#fill();
    this.#keepInView(this.#entries.get(utterances[0]));
  }

  /**
   * Draws a change of an utterance.
   * @param {Utterance} utterance
   * @param {Utterance[]} items the queue
   */
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

  /** Draws the playback position. @param {Utterance} utterance @param {number} sample */
  paint(utterance, sample) {
    const entry = this.#entries.get(utterance);
    this.#current = entry ?? null;
    if (entry?.paint(sample)) this.#keepInView(entry);
  }

  /** Removes the utterances that ended. */
  clear() {
    for (const utterance of this.utterances) if (utterance.ended) this.#remove(utterance);
    for (const foreign of [...this.list.children]) {
      if (!this.utterances.some((utterance) => this.#entries.get(utterance)?.node === foreign)) foreign.remove();
    }
    this.welcome.hidden = this.#entries.size > 0;
  }

  #fill() {
    while (this.#unshown.length) {
      if (this.#entries.size >= MOST_ENTRIES && !this.#removeOldest()) return;
      const [utterance] = this.#unshown.splice(0, 1);
      if (utterance.ended) continue;
      const entry = new LogEntry(utterance, this.handlers);
      this.#entries.set(utterance, entry);
      entry.update(false);
      this.list.append(entry.node);
    }
  }

  #removeOldest() {
    for (const utterance of this.#entries.keys()) {
      if (utterance.ended) {
        this.#remove(utterance);
        return true;
      }
    }
    return false;
  }

  /** @param {Utterance} utterance */
  #remove(utterance) {
    const node = this.#entries.get(utterance)?.node;
    if (node) hide(node, true, byId("prompt"));
    node?.remove();
    this.#entries.delete(utterance);
    this.handlers.onForget(utterance);
  }

  /** @param {LogEntry | null} [entry] */
  #keepInView(entry) {
    if (!entry || !this.#follows) return;
    entry.node.scrollIntoView({ block: "nearest" });
    // If both do not fit, the spoken entry has priority over the added entry.
    if (this.#current?.node.isConnected) this.#current.spot.scrollIntoView({ block: "nearest" });
  }

  /** Returns whether the spoken word is in view: a user who scrolls away from it reads elsewhere. */
  #inView() {
    if (!this.#current?.node.isConnected) return this.#atBottom();
    const { top, bottom } = this.#current.spot.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  }

  #atBottom() {
    const { scrollHeight, scrollTop, clientHeight } = document.scrollingElement ?? document.documentElement;
    return scrollHeight - scrollTop - clientHeight < 80;
  }
}
