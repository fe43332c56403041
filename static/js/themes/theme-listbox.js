import { element } from "../ui/dom.js";
import { swatch } from "../ui/controls.js";

const GROUPS = { dark: "Dark", light: "Light" };

/** The themes in two groups, as a list box that a text field drives: it narrows, and one option is active. */
export class ThemeListbox {
  #themes = [];
  #active = null;

  /**
   * @param {HTMLInputElement} field
   * @param {HTMLElement} box
   * @param {{look: (theme: object) => void, keep: (theme: object) => void, take: (theme: object) => void}} handlers
   *   `look`: it became active; `keep`: it was pressed; `take`: Enter
   */
  constructor(field, box, handlers) {
    Object.assign(this, { field, box, handlers });
    field.addEventListener("input", () => this.#narrow());
    field.addEventListener("keydown", (event) => this.#key(event));
    // The field keeps the focus, so that arrows go on from what was pressed.
    box.addEventListener("pointerdown", (event) => event.pointerType === "mouse" && event.preventDefault());
    box.addEventListener("click", (event) => {
      const id = event.target.closest("[role=option]")?.dataset.id;
      if (id) this.#press(id);
    });
  }

  /** The theme that is active, if it is among those that are shown. */
  get active() {
    return this.#shown.find(({ id }) => id === this.#active);
  }

  /** @param {object[]} themes @param {(theme: object) => string} mark what is said of a theme at the end of its line */
  show(themes, mark) {
    this.mark = mark;
    this.#themes = themes;
    this.#draw();
  }

  activate(id) {
    this.#active = id;
    for (const option of this.box.querySelectorAll("[role=option]")) {
      option.setAttribute("aria-selected", String(option.dataset.id === id));
    }
    const option = this.box.querySelector("[aria-selected=true]");
    this.field.setAttribute("aria-activedescendant", option?.id ?? "");
    option?.scrollIntoView({ block: "nearest" });
  }

  get #shown() {
    const words = this.field.value.toLowerCase().split(/\s+/);
    const found = this.#themes.filter(({ name, scheme, own, id }) => {
      const text = `${name} ${scheme} ${own ? "own" : id}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
    return Object.keys(GROUPS).flatMap((group) => found.filter(({ scheme }) => scheme === group)
      .sort((one, other) => other.own - one.own));
  }

  #narrow() {
    this.#draw();
    const { active } = this;
    if (active) return;
    const [first] = this.#shown;
    this.activate(first?.id ?? null);
    this.handlers.look(first ?? null);
  }

  #draw() {
    const shown = this.#shown;
    const groups = Object.entries(GROUPS).map(([scheme, title]) => ({ title, themes: shown.filter((theme) => theme.scheme === scheme) }));
    this.box.replaceChildren(...groups.filter(({ themes }) => themes.length).map(({ title, themes }) =>
      element("div", { role: "group", "aria-labelledby": `themes-${title}` },
        element("div", { class: "group", id: `themes-${title}`, role: "presentation" }, title),
        ...themes.map((theme) => this.#option(theme)))));
    this.box.hidden = shown.length === 0;
    this.activate(this.#active);
  }

  #option(theme) {
    const { id, name, own } = theme;
    return element("div", { role: "option", id: `theme-${id}`, "data-id": id, "aria-selected": "false" },
      swatch(theme), element("span", { class: "name" }, name),
      element("span", { class: "badge" }, [own ? "yours" : "", this.mark(theme)].filter(Boolean).join(", ")));
  }

  #key(event) {
    if (event.isComposing) return;
    const shown = this.#shown;
    const at = shown.findIndex(({ id }) => id === this.#active);
    const to = { ArrowDown: at + 1, ArrowUp: Math.max(at, 0) - 1, PageDown: Math.min(at + 6, shown.length - 1), PageUp: Math.max(at - 6, 0) }[event.key];
    if (to === undefined && event.key !== "Enter") return;
    event.preventDefault();
    if (!shown.length) return;
    if (to === undefined) {
      if (this.active) this.handlers.take(this.active);
      return;
    }
    const theme = shown[(to + shown.length) % shown.length];
    this.activate(theme.id);
    this.handlers.look(theme);
  }

  #press(id) {
    this.activate(id);
    this.handlers.keep(this.active);
  }
}
