import { mergeTarget, wasAlreadySaved } from "./theme-reducer.js";

/** At most twenty writes a second. */
const MIN_INTERVAL_MS = 50;

/**
 * Sends the changes of this tab. The queue is in the store, so a change shows immediately and stays until the server's state has
 * it; this class sends it in order, at a limited rate, and again after a reconnect.
 */
export class PendingChanges {
  /** @type {Map<number, {promise: Promise<ServerError | null>, resolve: (error: ServerError | null) => void}>} */
  #answers = new Map();
  #lastNumber = 0;
  /** @type {unknown} */
  #timer = null;
  #nextSendAt = 0;

  /**
   * @param {import("./theme-store.js").ThemeStore} store
   * @param {Send} send
   * @param {{onRefused: (error: ServerError) => void, onRequested: () => void}} handlers
   * @param {{now: () => number, setTimeout: (work: () => void, ms: number) => unknown}} [clock]
   */
  constructor(store, send, handlers, clock = { now: () => performance.now(), setTimeout: (work, ms) => setTimeout(work, ms) }) {
    this.store = store;
    this.send = send;
    this.handlers = handlers;
    this.clock = clock;
    store.subscribe((state, before, action) => this.#follow(state, before, action));
  }

  /**
   * Selects themes, the mode, or the contrast to aim for.
   * @param {ChangeFields} fields
   * @returns {Promise<ServerError | null>} the answer: an error, or null once it is saved
   */
  set(fields) {
    return this.#request("theme.set", fields);
  }

  /** Creates a theme. @param {ChangeFields} fields */
  create(fields) {
    return this.#request("theme.create", fields);
  }

  /** Changes the given fields of a theme. @param {string} id @param {ChangeFields} fields */
  edit(id, fields) {
    return this.#request("theme.edit", { id, ...fields });
  }

  /** Deletes a theme, which `restore` undoes. @param {string} id */
  delete(id) {
    return this.#request("theme.delete", { id });
  }

  /** Restores a deleted theme. @param {string} id */
  restore(id) {
    return this.#request("theme.restore", { id });
  }

  /**
   * @param {string} type
   * @param {ChangeFields} given
   */
  #request(type, given) {
    const request = { type, fields: structuredClone(given) };
    const target = mergeTarget(this.store.state.changes, request);
    if (!target) this.#lastNumber += 1;
    const number = target?.number ?? this.#lastNumber;
    const { promise } = this.#answerOf(number);
    this.store.dispatch({ type: "change.requested", number, request });
    this.handlers.onRequested();
    return promise;
  }

  /** @param {number} number */
  #answerOf(number) {
    let answer = this.#answers.get(number);
    if (!answer) {
      /** @type {(error: ServerError | null) => void} */
      let resolve = () => {};
      const promise = /** @type {Promise<ServerError | null>} */ (new Promise((settle) => { resolve = settle; }));
      answer = { promise, resolve };
      this.#answers.set(number, answer);
    }
    return answer;
  }

  /** @type {ThemeListener} */
  #follow(state, before, action) {
    if (action.type === "theme.saved") this.#resolve(action.request_id, null);
    if (action.type === "error" && action.request_id !== undefined) this.#refuse(state, before, action);
    if (action.type === "session.created" || action.type === "change.requested") this.#sendNext();
  }

  /**
   * @param {ThemeState} state
   * @param {ThemeState} before
   * @param {ErrorMessage} error
   */
  #refuse(state, before, error) {
    const change = before.changes.find(({ number }) => number === error.request_id);
    if (!change) return;
    const saved = wasAlreadySaved(change, error);
    for (const dropped of before.changes.filter((other) => !state.changes.includes(other))) {
      this.#resolve(dropped.number, saved ? null : error);
    }
    if (!saved) this.handlers.onRefused(error);
  }

  /** @param {number} number @param {ServerError | null} error */
  #resolve(number, error) {
    this.#answers.get(number)?.resolve(error);
    this.#answers.delete(number);
  }

  #sendNext() {
    const next = this.store.state.changes.find(({ sent }) => !sent);
    if (!next || this.#timer !== null) return;
    const wait = this.#nextSendAt - this.clock.now();
    if (wait > 0) {
      this.#timer = this.clock.setTimeout(() => {
        this.#timer = null;
        this.#sendNext();
      }, wait);
      return;
    }
    if (!this.send(next.type, { request_id: next.number, ...next.fields })) return;
    this.#nextSendAt = this.clock.now() + MIN_INTERVAL_MS;
    this.store.dispatch({ type: "change.sent", number: next.number });
    this.#sendNext();
  }
}
