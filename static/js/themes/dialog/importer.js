import { element, setText } from "../../ui/dom.js";
/** @typedef {import("../state/theme-api.js").ApiError} ApiError */

import { written } from "../contrast.js";
import { button, swatch } from "../../ui/controls.js";
import { fix, getThemeFacts, importTheme, withLine } from "../state/theme-api.js";

/** The view that imports a file: it is read, previewed on the page, and saved as a theme of the user's. */
export class Importer {
  /** Counts reads, so that a late answer does not replace a newer one. */
  #reads = 0;

  /**
   * @param {import("../state/theme-store.js").ThemeStore} store
   * @param {{create: (theme: ThemeDocument) => void, notify: Notify, close: () => void}} handlers `close` returns to the list
   */
  constructor(store, handlers) {
    this.store = store;
    this.handlers = handlers;
    // Without `accept`: Ghostty's themes and X resources have no extension.
    this.file = element("input", { type: "file", id: "theme-file", hidden: true, "aria-label": "Theme file" });
    this.text = element("textarea", { id: "theme-text", rows: "5", spellcheck: "false", autocomplete: "off", "aria-label": "Text of a theme file",
      placeholder: "or paste its text here" });
    this.choose = button("choose a file", () => this.file.click());
    this.problem = element("p", { class: "error-text", role: "alert" });
    this.schemes = element("fieldset", { class: "import-schemes", hidden: true });
    this.found = element("div", { class: "import-result" });
    this.description = element("p", { class: "muted" });
    this.node = element("section", { class: "import", hidden: true },
      this.description, element("p", {}, this.choose, this.file), this.text,
      element("p", {}, button("read", () => this.take(this.text.value)), " ", button("back to the list", handlers.close)),
      this.problem, this.schemes, this.found);
    this.file.addEventListener("change", () => this.#takeFile());
  }

  /** Empties the view. */
  begin() {
    this.#reads++;
    this.#show(null);
    this.#offerSchemes("", []);
    setText(this.description, "A file of up to 50 KB. Choose it, drop it here, or paste its text.");
    getThemeFacts().then(({ formats }) => {
      const labels = formats.filter(({ readable }) => readable).map(({ label }) => label);
      setText(this.description, `A file of ${labels.join(", ")}, up to 50 KB. Choose it, drop it here, or paste its text.`);
    }, () => {});
    this.choose.focus();
  }

  /** Reads a file or its text. @param {Blob | string} file */
  async take(file) {
    this.#show(null);
    this.#offerSchemes("", []);
    await this.#read(file, null);
  }

  /**
   * Shows the theme in a file, or offers the schemes of a file with several.
   * @param {Blob | string} file
   * @param {string | null} scheme the chosen scheme
   */
  async #read(file, scheme) {
    const read = ++this.#reads;
    try {
      const result = await importTheme(file, this.#minimumContrast, { scheme });
      if (read !== this.#reads) return;
      if (scheme === null) this.#offerSchemes(file, result.schemes, result.scheme);
      this.#show(result);
      if (scheme === null) /** @type {HTMLElement | null} */ (this.found.querySelector("button"))?.focus();
    } catch (problem) {
      if (read !== this.#reads) return;
      const error = /** @type {ApiError} */ (problem);
      this.#show(null);
      if (error.code === "scheme_required") this.#offerSchemes(file, error.choices);
      else setText(this.problem, withLine(error));
      // The focused button or scheme may be gone.
      if (!this.node.contains(document.activeElement)) this.choose.focus();
    }
  }

  /**
   * Offers the schemes of a file; choosing one previews it.
   * @param {Blob | string} file
   * @param {string[]} names
   * @param {string | null} shown the previewed scheme
   */
  #offerSchemes(file, names, shown = null) {
    const choices = names.map((name) => {
      const input = element("input", { type: "radio", name: "theme-scheme", value: name, checked: name === shown });
      input.addEventListener("change", () => this.#read(file, name));
      return element("label", { class: "choice" }, input, name);
    });
    this.schemes.hidden = !names.length;
    this.schemes.replaceChildren(element("legend", {}, `The file has ${names.length} color schemes. Choose one:`), ...choices);
    if (!shown) this.schemes.querySelector("input")?.focus();
  }

  get #minimumContrast() {
    return this.store.state.current?.minimum_contrast ?? 4.5;
  }

  #takeFile() {
    const [file] = this.file.files ?? [];
    this.file.value = "";
    if (file) this.take(file);
  }

  /** @param {ImportedTheme | null} result */
  #show(result) {
    setText(this.problem, "");
    const theme = result?.theme ?? null;
    this.store.dispatch({ type: "theme.previewed", theme });
    this.found.replaceChildren(...(result ? this.#offer(result) : []));
  }

  /** @param {ImportedTheme} result */
  #offer({ theme, failing, summary }) {
    const lines = [element("p", { class: "import-summary" }, swatch(theme), element("span", {}, `${theme.name}, ${theme.scheme}. This is a preview.`))];
    if (summary) lines.push(element("p", { class: "muted" }, summary));
    if (!failing.length) return [...lines, button("save", () => this.#keep(theme), { class: "primary" })];
    const pairs = failing.map(({ token, ground, ratio, required }) =>
      element("li", {}, `${token} on ${ground}: ${written(ratio)}, required: ${required}`));
    return [...lines, element("p", {}, `${failing.length} color pairs have too little contrast:`), element("ul", {}, ...pairs),
      element("p", {}, button("fix and save", () => this.#keepFixed(theme), { class: "primary" }), " ", button("save unchanged", () => this.#keep(theme)))];
  }

  /** @param {ThemeDocument} theme */
  async #keepFixed(theme) {
    try {
      this.#keep((await fix(theme, this.#minimumContrast)).theme);
    } catch (error) {
      setText(this.problem, withLine(/** @type {ApiError} */ (error)));
    }
  }

  /** @param {ThemeDocument} theme */
  #keep(theme) {
    this.text.value = "";
    this.handlers.create(theme);
    this.handlers.close();
    this.handlers.notify(`"${theme.name}" is saved to your themes and shown.`);
  }
}
