import { withReference } from "../correlation.js";
import { byId, element } from "../ui/dom.js";
import { contrast } from "./contrast.js";
import { Editor } from "./editor/editor.js";
import { PendingChanges } from "./state/pending-changes.js";
import { ApiError, getThemeFacts } from "./state/theme-api.js";
import { runThemeCommand } from "./theme-command.js";
import { ThemeDialog } from "./dialog/theme-dialog.js";
import { ThemeListLoader } from "./dialog/theme-list-loader.js";
import { ThemeOperations } from "./state/theme-operations.js";
import { oncePerFrame } from "./theme-painter.js";
import { reduceThemes } from "./state/theme-reducer.js";
import { shownTheme } from "./state/theme-store.js";

/** Below this contrast, panels in a theme's own colors could not be used. */
const MIN_PANEL_CONTRAST = 3;
const NO_COOKIES = "This browser stores no cookies, so your themes are lost when this tab closes.";

/** Builds the theme dialog, editor and commands, which are loaded when they are first used. */
export class ThemeController {
  #warned = false;
  /** @type {Editor | null} */
  #editor = null;

  /** @param {ThemePage} page */
  constructor({ store, send, status, frame }) {
    this.store = store;
    this.status = status;
    store.addReducer(reduceThemes);
    this.changes = new PendingChanges(store, send, {
      onRefused: (error) => this.notify(withReference(error), "error"),
      onRequested: () => this.#warnOnce(),
    });
    this.list = new ThemeListLoader(store, send);
    /** @type {Notify} */
    const notify = (text, kind, undo) => this.notify(text, kind, undo);
    this.operations = new ThemeOperations(store, this.changes, notify);
    /** Resolves when the stylesheet of the theme panels is loaded. */
    this.styled = loadStyles();
    /** @type {ThemeParts} */
    this.parts = { store, frame, notify, changes: this.changes, operations: this.operations, load: () => this.#load() };
    this.dialog = new ThemeDialog({ ...this.parts, styled: this.styled, edit: () => this.openEditor() });
    store.subscribe(oncePerFrame(frame, () => this.#markUnreadable()));
  }

  /** Returns the names of all themes, each once. */
  get names() {
    return [...new Set(this.store.state.themes.map(({ name }) => name))];
  }

  /** Opens the editor. Throws `ApiError` if the server does not return the list of tokens. */
  async openEditor() {
    const [facts] = await Promise.all([getThemeFacts(), this.#load()]);
    this.#editor ??= new Editor({ ...this.parts, facts, openDialog: () => this.dialog.open() });
    this.#editor.open();
  }

  /**
   * Runs `/theme ARGUMENT`.
   * @param {string} argument
   * @returns {Promise<string | null>} an error message, or null
   */
  async runCommand(argument) {
    try {
      return await runThemeCommand(this, argument);
    } catch (error) {
      if (error instanceof ApiError) return error.message;
      throw error;
    }
  }

  /**
   * Shows a message in the dialog where it is open, for the page behind it is inert then.
   * @type {Notify}
   */
  notify(text, kind = "notice", undo = null) {
    if (this.dialog.isOpen) this.dialog.showMessage(text, kind, undo);
    else this.status.hint(text, kind);
  }

  /** Waits for the list and the styles, so that the panel opens complete. */
  async #load() {
    const [listed] = await Promise.all([this.list.load(), this.styled]);
    return listed;
  }

  /** Applies the theme to the panels unless it is unreadable: the panels are needed to change it. */
  #markUnreadable() {
    const theme = shownTheme(this.store.state);
    if (theme) document.documentElement.toggleAttribute("data-unreadable", !isReadable(theme.colors));
  }

  #warnOnce() {
    if (!this.store.state.device || this.#warned) return;
    this.#warned = true;
    this.notify(NO_COOKIES);
  }
}

/** @param {Colors} colors */
function isReadable({ background, surface, foreground, dim, accent, onAccent }) {
  const grounds = [background, surface];
  return contrast(onAccent, accent) >= MIN_PANEL_CONTRAST
    && [foreground, dim].every((color) => grounds.every((ground) => contrast(color, ground) >= MIN_PANEL_CONTRAST));
}

/** @returns {Promise<void>} */
function loadStyles() {
  return new Promise((resolve) => {
    const link = element("link", { rel: "stylesheet", href: byId("theme-button").dataset.styles ?? "" });
    link.addEventListener("load", () => resolve());
    // Without its styles everything can still be used.
    link.addEventListener("error", () => resolve());
    document.head.append(link);
  });
}
