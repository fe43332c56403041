import { element, setText } from "../../ui/dom.js";
import { button } from "../../ui/controls.js";
import { importTheme, textOf, withLine } from "../state/theme-api.js";

const CONFLICT = "The theme was changed elsewhere. Apply your text again to overwrite that change, or reload the theme.";

/** Edits the theme as JSON. An error is shown at its line. */
export class JsonEditor {
  #shown = "";
  #revision = 0;
  /** @type {string | null} */
  #id = null;
  /** Whether the user has changed the text. */
  #touched = false;
  /** The theme's revision on which the text is based. */
  #base = 0;

  /**
   * @param {{apply: (theme: ThemeDocument, revision: number) => Promise<ServerError | null>, minimum: () => number}} handlers
   *   `apply` resolves with an error, or null
   */
  constructor(handlers) {
    this.handlers = handlers;
    this.area = element("textarea", { id: "theme-json", spellcheck: "false", autocomplete: "off", autocapitalize: "off", wrap: "off",
      "aria-label": "The theme as JSON", "aria-describedby": "theme-json-error" });
    this.lines = element("ol", { "aria-hidden": "true" });
    this.problem = element("p", { class: "error-text", id: "theme-json-error", role: "alert" });
    this.stale = element("p", { class: "muted", hidden: true }, "The theme has changed; your text is unsaved.");
    this.node = element("div", { class: "json-editor" },
      element("div", { class: "numbered-lines" }, this.lines, this.area), this.problem, this.stale,
      element("p", {}, button("apply", () => this.#apply(), { id: "theme-json-apply" }), " ", button("reload", () => this.#put(this.#shown))));
    this.area.addEventListener("input", () => {
      this.#touched = true;
      this.#number();
    });
    this.area.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      this.#apply();
    });
  }

  /** Shows a theme, unless the user has changed the text. @param {Theme} theme */
  show(theme) {
    const text = textOf(theme);
    const another = theme.id !== this.#id;
    this.#id = theme.id;
    this.#revision = theme.revision;
    if (text === this.#shown && !another) {
      if (!this.#touched) this.#base = theme.revision;
      return;
    }
    this.#shown = text;
    if (this.#touched && !another) this.stale.hidden = text === this.area.value;
    else this.#put(text);
  }

  /** @param {string} text */
  #put(text) {
    this.area.value = text;
    this.#touched = false;
    this.#base = this.#revision;
    this.stale.hidden = true;
    this.#number();
  }

  /** @param {number | null} bad the line with the error */
  #number(bad = null) {
    const count = this.area.value.split("\n").length;
    // One row more than needed: a scroll bar covers the last row.
    this.area.rows = count + 1;
    this.lines.replaceChildren(...Array.from({ length: count }, (_, at) => element("li", { class: at + 1 === bad ? "failing" : null })));
    if (bad === null) {
      setText(this.problem, "");
      this.area.removeAttribute("aria-invalid");
    }
  }

  async #apply() {
    this.#number();
    try {
      const { theme } = await importTheme(this.area.value, this.handlers.minimum());
      const error = await this.handlers.apply(theme, this.#base);
      if (error) throw error;
      // Show the server's version: colors in full, in order.
      this.#put(this.#shown);
    } catch (error) {
      this.#showError(/** @type {ServerError & {line?: number | null}} */ (error));
    }
  }

  /** @param {{message: string, line?: number | null, code?: string}} error */
  #showError({ message, line = null, code }) {
    const conflict = code === "theme_conflict";
    if (conflict) this.#base = this.#revision;
    setText(this.problem, conflict ? CONFLICT : withLine({ message, line }));
    this.area.setAttribute("aria-invalid", "true");
    if (line) this.#goTo(line);
  }

  /** @param {number} line */
  #goTo(line) {
    this.#number(line);
    const before = this.area.value.split("\n").slice(0, line - 1).join("\n").length;
    const start = line === 1 ? 0 : before + 1;
    const end = this.area.value.indexOf("\n", start);
    this.area.focus();
    this.area.setSelectionRange(start, end < 0 ? this.area.value.length : end);
    this.lines.children[line - 1]?.scrollIntoView({ block: "nearest" });
  }
}
