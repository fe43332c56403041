const LONGEST_WAIT_MS = 8_000;

/** Fetches the list of all that can be chosen, and knows when it has become old. */
export class ThemeListLoader {
  /** Whether what `changes` knows is all there is. */
  fresh = false;
  #parts = null;
  #waiting = null;

  /**
   * @param {import("./theme.js").Theme} theme
   * @param {import("./pending-changes.js").PendingChanges} changes
   */
  constructor(theme, changes, later = (work, ms) => setTimeout(work, ms)) {
    Object.assign(this, { theme, changes, later });
    theme.followers.push(this);
  }

  /** @returns {Promise<boolean>} whether the list is here */
  load() {
    if (this.fresh) return Promise.resolve(true);
    this.#waiting ??= this.#ask();
    return this.#waiting.promise;
  }

  receive({ type, themes, last }) {
    if (type === "session.created" || type === "theme.changed") this.fresh = false;
    if (type === "session.created") this.#end(false);
    if (type !== "theme.listed" || !this.#parts) return;
    this.#parts.push(...themes);
    if (!last) return;
    this.changes.known = new Map(this.#parts.map((theme) => [theme.id, theme]));
    this.fresh = true;
    this.#end(true);
  }

  #ask() {
    this.#parts = [];
    const waiting = {};
    waiting.promise = new Promise((resolve) => Object.assign(waiting, { resolve }));
    if (this.theme.send("theme.list", {})) this.later(() => this.#waiting === waiting && this.#end(false), LONGEST_WAIT_MS);
    else queueMicrotask(() => this.#waiting === waiting && this.#end(false));
    return waiting;
  }

  #end(found) {
    this.#parts = null;
    this.#waiting?.resolve(found);
    this.#waiting = null;
  }
}
