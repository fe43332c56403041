import { findById } from "./theme-reducer.js";
import { documentOf } from "./theme-api.js";
import { freeName } from "../dialog/theme-search.js";
import { activeScheme } from "./theme-store.js";
import { uuid } from "./uuid.js";

/** Operations on whole themes: each is one or two changes. */
export class ThemeOperations {
  /**
   * @param {import("./theme-store.js").ThemeStore} store
   * @param {import("./pending-changes.js").PendingChanges} changes
   * @param {Notify} notify
   */
  constructor(store, changes, notify) {
    this.store = store;
    this.changes = changes;
    this.notify = notify;
  }

  /**
   * Shows a theme from now on, even if the system prefers the other scheme.
   * @param {Theme} theme
   */
  select({ id, name, scheme }) {
    const { state } = this.store;
    if (!state.current) return;
    /** @type {ChangeFields} */
    const fields = scheme === activeScheme(state) ? {} : { mode: scheme };
    if (state.current[scheme].id !== id) fields[scheme] = id;
    const leaves = state.current.mode === "system" && fields.mode;
    this.notify(`${name} is shown.${leaves ? " The page no longer follows the system; use /theme system to follow it again." : ""}`);
    if (Object.keys(fields).length) this.changes.set(fields);
  }

  /**
   * Creates a theme from a document and shows it.
   * @param {ThemeDocument} theme
   * @returns {string} its id
   */
  create(theme) {
    return this.#create({ theme: documentOf(theme) }, theme.scheme, theme.name);
  }

  /**
   * Copies a theme and shows the copy.
   * @param {Theme} theme
   * @returns {string} the copy's id
   */
  duplicate({ id, own, name, scheme }) {
    return this.#create({ source: id }, findById(this.store.state, id)?.scheme ?? scheme, own ? name : `${name}, mine`);
  }

  /**
   * Deletes a theme and offers to restore it.
   * @param {Theme} theme
   */
  delete({ id, name }) {
    this.changes.delete(id);
    this.notify(`"${name}" is deleted.`, "notice", () => this.changes.restore(id).then(() => id));
  }

  /**
   * @param {ChangeFields} origin
   * @param {Scheme} scheme
   * @param {string} name
   */
  #create(origin, scheme, name) {
    const id = uuid();
    this.changes.create({ id, ...origin, name: freeName(this.store.state.themes, name), activate: true });
    if (scheme !== activeScheme(this.store.state)) this.changes.set({ mode: scheme });
    return id;
  }
}
