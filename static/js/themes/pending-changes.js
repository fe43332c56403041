import { applyChanges } from "./apply-changes.js";

/** At most twenty writes a second. */
const GAP_MS = 50;
const MERGED = ["theme.set", "theme.edit"];
/** What the server says to a change that it had already made before the connection was lost. */
const MADE_BEFORE = { "theme.create": "theme_used", "theme.delete": "theme_unknown" };

/**
 * What this tab changed: shown at once, sent in order, merged while it waits, and kept until the server's state has it in
 * it. Connections may come and go meanwhile.
 */
export class PendingChanges {
  /** Everything that can be chosen, as far as it was listed. @type {Map<string, object>} */
  known = new Map();
  #queue = [];
  #number = 0;
  #timer = null;
  #free = 0;

  /**
   * @param {import("./theme.js").Theme} theme
   * @param {{refused: (error: object) => void, changed: () => void}} handlers
   */
  constructor(theme, handlers, clock = { now: () => performance.now(), setTimeout: (work, ms) => setTimeout(work, ms) }) {
    Object.assign(this, { theme, handlers, clock });
    theme.changes = this;
    theme.followers.push(this);
  }

  /** How many the server's state has not in it. */
  get pending() {
    return this.#queue.length;
  }

  /** @returns {object} the state as it will be when all is saved */
  over(state) {
    return applyChanges(state, this.known, this.#queue).state;
  }

  /** Every theme that can be chosen, in order, with the changes of this tab. @returns {object[]} */
  get themes() {
    const { state } = this.theme;
    return state ? [...applyChanges(state, this.known, this.#queue).themes.values()].filter(({ deleted }) => !deleted) : [];
  }

  /** @returns {object | undefined} the theme of that id */
  find(id) {
    return this.themes.find((theme) => theme.id === id);
  }

  isPending(id) {
    return this.#queue.some(({ fields }) => fields.id === id);
  }

  /** @returns {Promise<object | null>} when it is answered: the error, or null */
  set(fields) {
    return this.#add("theme.set", fields);
  }

  create(fields) {
    return this.#add("theme.create", fields);
  }

  edit(id, fields) {
    return this.#add("theme.edit", { id, ...fields });
  }

  delete(id) {
    return this.#add("theme.delete", { id });
  }

  restore(id) {
    return this.#add("theme.restore", { id });
  }

  receive({ type, change: number, revision, ...rest }) {
    const change = this.#queue.find((candidate) => candidate.number === number);
    if (type === "session.created") this.#resend();
    if (type === "theme.saved" && change) {
      change.saved = revision;
      change.answer(null);
    }
    if (type === "error" && change) this.#refuse(change, rest);
    const here = this.theme.state?.revision ?? 0;
    if (type.startsWith("theme.")) this.#queue = this.#queue.filter(({ saved }) => saved === null || saved > here);
  }

  #add(type, fields) {
    const waiting = this.#sameThatWaits(type, fields);
    if (waiting) merge(waiting.fields, fields);
    const change = waiting ?? this.#enqueue(type, structuredClone(fields));
    this.theme.redraw();
    this.#pump();
    this.handlers.changed();
    return change.answered;
  }

  #enqueue(type, fields) {
    this.#number += 1;
    const change = { number: this.#number, type, fields, sent: false, again: false, saved: null };
    change.answered = new Promise((answer) => Object.assign(change, { answer }));
    this.#queue.push(change);
    return change;
  }

  /** One that has not gone out yet and can take these fields in, without overtaking one that it depends on. */
  #sameThatWaits(type, fields) {
    for (const change of this.#queue.slice().reverse()) {
      if (change.sent || !mergeable(change) || !mergeable({ type, fields })) return null;
      if (change.type === type && change.fields.id === fields.id) return change;
    }
    return null;
  }

  #pump() {
    const next = this.#queue.find(({ sent }) => !sent);
    if (!next || this.#timer !== null) return;
    const wait = this.#free - this.clock.now();
    if (wait > 0) {
      this.#timer = this.clock.setTimeout(() => {
        this.#timer = null;
        this.#pump();
      }, wait);
      return;
    }
    next.sent = this.theme.send(next.type, { change: next.number, ...next.fields });
    if (!next.sent) return;
    this.#free = this.clock.now() + GAP_MS;
    this.#pump();
  }

  /** The new connection knows of nothing: what was saved is in its state, and whether the rest arrived nobody can say. */
  #resend() {
    this.#queue = this.#queue.filter(({ saved }) => saved === null);
    for (const change of this.#queue) Object.assign(change, { sent: false, again: change.sent || change.again });
    this.#pump();
  }

  #refuse(change, error) {
    const madeBefore = change.again && error.code === MADE_BEFORE[change.type];
    // Without the theme there is nothing that its edits could change.
    const lost = change.type === "theme.create" && !madeBefore ? change.fields.id : null;
    const dropped = this.#queue.filter((other) => other === change || (lost && other.fields.id === lost));
    this.#queue = this.#queue.filter((other) => !dropped.includes(other));
    for (const other of dropped) other.answer(madeBefore ? null : error);
    if (!madeBefore) this.handlers.refused(error);
  }
}

function mergeable({ type, fields }) {
  return MERGED.includes(type) && fields.here === undefined && fields.revision === undefined;
}

function merge(fields, { colours, typography, ...rest }) {
  Object.assign(fields, rest);
  if (colours) fields.colours = { ...fields.colours, ...colours };
  if (typography) fields.typography = { ...fields.typography, ...typography };
}
