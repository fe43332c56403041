import { byId, hide } from "./dom.js";

const MOST_ENTRIES = 500;

/**
 * @typedef {typeof import("./log-entry.js")} EntryModule
 * @typedef {import("./log-entry.js").LogEntry} LogEntry
 * @typedef {import("../speech/speech-document.js").SpeechDocument} SpeechDocument
 * @typedef {import("../speech/utterance.js").Utterance} Utterance
 * @typedef {{act: (name: string, document: SpeechDocument) => void, jump: (document: SpeechDocument, offset: number) => void,
 *   languageOf: (document: SpeechDocument) => string}} LogHandlers
 */

/** Lists the documents. Keeps the current entry in view until the user scrolls away. */
export class Log {
  /** @type {Map<SpeechDocument, LogEntry>} */
  #entries = new Map();
  /**
   * Documents that wait for a place in the log.
   * @type {SpeechDocument[]}
   */
  #unshown = [];
  #follows = true;
  /** Loaded at the first key or touch. @type {EntryModule | null} */
  #module = null;
  #loading = false;
  /** The queue. @type {Utterance[]} */
  #items = [];
  /**
   * The entry that plays, or played last.
   * @type {LogEntry | null}
   */
  #current = null;

  /**
   * @param {HTMLElement} list
   * @param {HTMLElement} welcome the element displayed while the list is empty
   * @param {LogHandlers & {onForget: (document: SpeechDocument) => void}} handlers
   */
  constructor(list, welcome, handlers) {
    this.list = list;
    this.welcome = welcome;
    this.handlers = handlers;
    window.addEventListener("scroll", () => { this.#follows = this.#inView(); }, { passive: true });
    window.addEventListener("resize", () => this.#keepInView(this.#current));
  }

  /** Returns the documents that are listed, in order. */
  get documents() {
    return [...this.#entries.keys()];
  }

  /** Loads the entries' modules, to keep the page's first load small. */
  load() {
    if (this.#loading) return;
    this.#loading = true;
    import("./log-entry.js").then((module) => {
      this.#module = module;
      module.listenForLogKeys(this.list);
      this.#fill();
    }, () => { this.#loading = false; });
  }

  /** Adds a document. @param {SpeechDocument} document */
  add(document) {
    this.welcome.hidden = true;
    this.#follows = true;
    if (this.#current?.document.ended) this.#current = null;
    this.#unshown.push(document);
    this.load();
    this.#fill();
  }

  /**
   * Draws a change of an utterance.
   * @param {Utterance} utterance
   * @param {Utterance[]} items the queue
   */
  update(utterance, items) {
    this.#items = items;
    const { document } = utterance;
    if (document.ended && this.#unshown.length) this.#fill();
    this.#draw(document);
    const next = this.#next;
    if (next && next !== document) this.#draw(next);
  }

  /** Draws the playback position. @param {Utterance} utterance @param {number} sample */
  paint(utterance, sample) {
    const entry = this.#entries.get(utterance.document);
    if (entry && entry !== this.#current) this.#makeCurrent(entry);
    if (entry?.paint(utterance, sample)) this.#keepInView(entry);
  }

  /** Scrolls to a character of a document, and focuses its entry. @param {SpeechDocument} document @param {number} offset */
  show(document, offset) {
    this.#follows = false;
    this.#entries.get(document)?.reveal(offset);
  }

  /** Lists queued documents in the order in which they will be spoken. @param {SpeechDocument[]} queued */
  arrange(queued) {
    const nodes = queued.flatMap((document) => this.#entries.get(document)?.node ?? []);
    const places = [...this.list.children].filter((node) => nodes.some((own) => own === node));
    const last = places.at(-1)?.nextSibling ?? null;
    for (const node of nodes) this.list.insertBefore(node, last);
  }

  /** Removes the documents that ended. */
  clear() {
    for (const document of this.documents) if (document.ended) this.#remove(document);
    const own = [...this.#entries.values()].map(({ node }) => node);
    for (const foreign of [...this.list.children]) if (!own.some((node) => node === foreign)) foreign.remove();
    this.welcome.hidden = this.#entries.size > 0;
  }

  /** Returns the first document behind the current one. */
  get #next() {
    const current = this.#items[0]?.document;
    return this.#items.find((item) => item.document !== current)?.document;
  }

  /** @param {SpeechDocument} document */
  #draw(document) {
    const entry = this.#entries.get(document);
    const isCurrent = document === this.#items[0]?.document;
    entry?.update(document === this.#next, isCurrent);
    if (entry && isCurrent && this.#current !== entry) this.#makeCurrent(entry);
  }

  #fill() {
    const module = this.#module;
    while (module && this.#unshown.length) {
      if (this.#entries.size >= MOST_ENTRIES && !this.#removeOldest()) return;
      const [document] = this.#unshown.splice(0, 1);
      if (document.ended && !document.error) continue;
      const entry = new module.LogEntry(document, this.handlers);
      this.#entries.set(document, entry);
      this.list.append(entry.node);
      module.makeStop(this.list, entry.node);
      this.#draw(document);
      this.#keepInView(entry);
    }
  }

  #removeOldest() {
    for (const document of this.#entries.keys()) {
      if (document.ended) {
        this.#remove(document);
        return true;
      }
    }
    return false;
  }

  /** @param {SpeechDocument} document */
  #remove(document) {
    const node = this.#entries.get(document)?.node;
    if (node) hide(node, true, byId("prompt"));
    node?.remove();
    this.#entries.delete(document);
    this.handlers.onForget(document);
    const last = this.list.lastElementChild;
    if (node?.tabIndex === 0 && last instanceof HTMLElement) this.#module?.makeStop(this.list, last);
  }

  /** @param {LogEntry} entry */
  #makeCurrent(entry) {
    this.#current?.rest();
    this.#current = entry;
    this.#module?.makeStop(this.list, entry.node);
    this.#keepInView(entry);
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
