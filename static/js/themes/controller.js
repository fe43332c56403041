import { byId, element } from "../ui/dom.js";
import { ThemeListLoader } from "./theme-list-loader.js";
import { PendingChanges } from "./pending-changes.js";
import { ThemeDialog } from "./theme-dialog.js";
import { contrast } from "./contrast.js";
import { Editor } from "./editor.js";
import { freeName } from "./theme-search.js";
import { runThemeCommand } from "./theme-command.js";
import { documentOf, ApiError } from "./theme-api.js";
import { uuid } from "./uuid.js";

/** Below this, panels in a theme's own colours could not be used. */
const LEAST = 3;
const FORGOTTEN = "This browser keeps no cookies, so your themes will be forgotten when this tab closes.";

/** Everything about themes that is only loaded when it is wanted: it holds the parts together. */
export class ThemeController {
  #told = false;

  /** @param {{theme: import("./theme.js").Theme, status: import("../ui/status-bar.js").StatusBar}} page */
  constructor({ theme, status }) {
    Object.assign(this, { theme, status });
    this.changes = new PendingChanges(theme, {
      refused: ({ message }) => this.tell(String(message), "error"),
      changed: () => this.#warnOnce(),
    });
    this.themeList = new ThemeListLoader(theme, this.changes);
    theme.followers.push(this);
    this.chooser = new ThemeDialog(this);
    this.editor = new Editor(this);
    /** Nothing of themes may be shown before. @type {Promise<void>} */
    this.styled = styled();
  }

  /** Waits for the list and the styles, so that what opens next is whole. */
  async ready() {
    const [listed] = await Promise.all([this.themeList.load(), this.styled]);
    return listed;
  }

  /** The theme that is shown, or will be once the preview is over. */
  get shown() {
    return this.theme.now?.[this.theme.scheme];
  }

  get names() {
    return [...new Set(this.changes.themes.map(({ name }) => name))];
  }

  /** Show a theme from now on: what one chose is what one sees, even if the system would have the other scheme. */
  select({ id, name, scheme }) {
    const { now } = this.theme;
    const follows = now.mode === "system";
    const fields = scheme === this.theme.scheme ? {} : { mode: scheme };
    if (now[scheme].id !== id) fields[scheme] = id;
    if (follows && fields.mode) this.tell(`${name} is shown. The page no longer follows the system; /theme system brings that back.`);
    if (Object.keys(fields).length) this.changes.set(fields);
  }

  /** Make a theme of one's own, and show it. @returns {string} its id */
  create({ theme, source, name = theme?.name }) {
    const id = uuid();
    const from = theme ?? this.changes.find(source);
    const whole = theme ? { theme: documentOf(theme) } : { source };
    this.changes.create({ id, ...whole, name: freeName(this.changes.themes, name), show: true });
    if (from.scheme !== this.theme.scheme) this.changes.set({ mode: from.scheme });
    return id;
  }

  /** What `/theme ...` asks for. @returns {Promise<string | null>} what is wrong with it, if anything is */
  async runCommand(argument) {
    try {
      return await runThemeCommand(this, argument);
    } catch (error) {
      if (error instanceof ApiError) return error.message;
      throw error;
    }
  }

  duplicate(theme) {
    return this.create({ source: theme.id, name: theme.own ? theme.name : `${theme.name}, mine` });
  }

  /** Delete a theme, and offer to take that back in the open dialog. */
  delete({ id, name }) {
    this.changes.delete(id);
    this.chooser.tell(`"${name}" is deleted.`, "notice", () => this.changes.restore(id).then(() => id));
  }

  /** In the dialog where it is open, for the page behind it is silent then. */
  tell(text, kind = "notice") {
    if (this.chooser.isOpen) this.chooser.tell(text, kind);
    else this.status.hint(text, kind);
  }

  receive() {}

  /** Where a theme cannot be read, the panels do not follow it: they are the way back. */
  drawn() {
    document.documentElement.toggleAttribute("data-unreadable", !isReadable(this.theme.shown.colours));
  }

  #warnOnce() {
    if (!this.theme.device || this.#told) return;
    this.#told = true;
    this.tell(FORGOTTEN);
  }
}

function isReadable({ background, surface, foreground, dim, accent, onAccent }) {
  const grounds = [background, surface];
  return contrast(onAccent, accent) >= LEAST && [foreground, dim].every((colour) => grounds.every((ground) => contrast(colour, ground) >= LEAST));
}

function styled() {
  return new Promise((resolve) => {
    const link = element("link", { rel: "stylesheet", href: byId("theme-button").dataset.styles });
    link.addEventListener("load", resolve);
    // Without its styles everything can still be used.
    link.addEventListener("error", resolve);
    document.head.append(link);
  });
}
