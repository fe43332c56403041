const ANSWER_TIMEOUT_MS = 8_000;

/** Requests the list of all themes into the store, once for all who wait for it. */
export class ThemeListLoader {
  /** @type {{promise: Promise<boolean>, resolve: (listed: boolean) => void} | null} */
  #waiting = null;

  /**
   * @param {import("../state/theme-store.js").ThemeStore} store
   * @param {Send} send
   * @param {(work: () => void, ms: number) => unknown} [later]
   */
  constructor(store, send, later = (work, ms) => setTimeout(work, ms)) {
    this.store = store;
    this.send = send;
    this.later = later;
    store.subscribe((state, before, { type }) => {
      if (type === "session.created") this.#settle(false);
      else if (state.listed && !before.listed) this.#settle(true);
    });
  }

  /** Resolves with whether the store has the list: false without a connection or a response. @returns {Promise<boolean>} */
  load() {
    if (this.store.state.listed) return Promise.resolve(true);
    this.#waiting ??= this.#request();
    return this.#waiting.promise;
  }

  #request() {
    this.store.dispatch({ type: "list.requested" });
    /** @type {(listed: boolean) => void} */
    let resolve = () => {};
    const waiting = { promise: /** @type {Promise<boolean>} */ (new Promise((settle) => { resolve = settle; })), resolve: (/** @type {boolean} */ listed) => resolve(listed) };
    const abandon = () => {
      if (this.#waiting !== waiting) return;
      this.store.dispatch({ type: "list.abandoned" });
      this.#settle(false);
    };
    if (this.send("theme.list", {})) this.later(abandon, ANSWER_TIMEOUT_MS);
    else queueMicrotask(abandon);
    return waiting;
  }

  /** @param {boolean} listed */
  #settle(listed) {
    this.#waiting?.resolve(listed);
    this.#waiting = null;
  }
}
