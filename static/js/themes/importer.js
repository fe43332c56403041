import { element, setText } from "../ui/dom.js";
import { written } from "./contrast.js";
import { button, swatch } from "../ui/controls.js";
import { fix, importTheme, withLine, tokens } from "./theme-api.js";

/** The view in which a file becomes a theme of one's own: read, looked at on the page itself, kept. */
export class Importer {
  #theme = null;

  /** @param {ThemeController} controller @param {() => void} leave back to the list */
  constructor(controller, leave) {
    Object.assign(this, { controller, leave });
    this.file = element("input", { type: "file", id: "theme-file", hidden: true, "aria-label": "Theme file",
      accept: ".json,.itermcolors,.yaml,.yml,application/json,application/yaml" });
    this.text = element("textarea", { id: "theme-text", rows: "5", spellcheck: "false", autocomplete: "off", "aria-label": "Text of a theme file",
      placeholder: "or paste its text here" });
    this.choose = button("choose a file", () => this.file.click());
    this.problem = element("p", { class: "error-text", role: "alert" });
    this.found = element("div", { class: "import-result" });
    this.what = element("p", { class: "muted" });
    this.node = element("section", { class: "import", hidden: true },
      this.what, element("p", {}, this.choose, this.file), this.text,
      element("p", {}, button("read it", () => this.take(this.text.value)), " ", button("back to the list", leave)),
      this.problem, this.found);
    this.file.addEventListener("change", () => this.#takeFile());
  }

  begin() {
    this.#show(null);
    setText(this.what, "A file of up to 50 KB. Choose it, drop it here, or paste its text.");
    tokens().then(({ formats }) => {
      const labels = formats.filter(({ readable }) => readable).map(({ label }) => label);
      setText(this.what, `A file of ${labels.join(", ")}, up to 50 KB. Choose it, drop it here, or paste its text.`);
    }, () => {});
    this.choose.focus();
  }

  /** @param {Blob | string} file */
  async take(file) {
    this.#show(null);
    try {
      const { theme, failing } = await importTheme(file, this.controller.theme.now?.minimum_contrast ?? 4.5);
      this.#show({ theme, failing });
    } catch (error) {
      setText(this.problem, withLine(error));
    }
  }

  #takeFile() {
    const [file] = this.file.files;
    this.file.value = "";
    if (file) this.take(file);
  }

  #show(result) {
    setText(this.problem, "");
    this.#theme = result?.theme ?? null;
    this.controller.theme.preview(this.#theme);
    this.found.replaceChildren(...(result ? this.#offer(result) : []));
    this.found.querySelector("button")?.focus();
  }

  #offer({ theme, failing }) {
    const line = element("p", { class: "import-summary" }, swatch(theme), element("span", {}, `${theme.name}, ${theme.scheme}. The page shows it now.`));
    if (!failing.length) return [line, button("keep it", () => this.#keep(theme), { class: "primary" })];
    const pairs = failing.map(({ token, ground, ratio, required }) =>
      element("li", {}, `${token} on ${ground}: ${written(ratio)}, of ${required} that it should have`));
    return [line, element("p", {}, `${failing.length} pairs of colours are hard to read:`), element("ul", {}, ...pairs),
      element("p", {}, button("fix them and keep it", () => this.#keepFixed(theme), { class: "primary" }), " ", button("keep it as it is", () => this.#keep(theme)))];
  }

  async #keepFixed(theme) {
    try {
      this.#keep((await fix(theme, this.controller.theme.now.minimum_contrast)).theme);
    } catch ({ message }) {
      setText(this.problem, message);
    }
  }

  #keep(theme) {
    this.text.value = "";
    this.controller.create({ theme });
    this.leave();
    this.controller.tell(`"${theme.name}" is yours, and shown.`);
  }
}
