import { element } from "../../ui/dom.js";
import { swatch } from "../../ui/controls.js";

/** @type {Record<Scheme, string>} */
const GROUPS = { dark: "Dark", light: "Light" };

/** Lists the themes in two groups. A text field narrows the list and moves the active option. */
export class ThemeListbox {
  /** @type {Theme[]} */
  #themes = [];
  /** @type {string | null} */
  #active = null;
  /** @type {(theme: Theme) => string} */
  #badge = () => "";

  /**
   * @param {HTMLInputElement} field
   * @param {HTMLElement} box
   * @param {{onActivate: (theme: Theme | null) => void, onSelect: (theme: Theme) => void, onConfirm: (theme: Theme) => void}} handlers
   *   `onSelect`: a theme was clicked; `onConfirm`: Enter was pressed
   */
  constructor(field, box, handlers) {
    this.field = field;
    this.box = box;
    this.handlers = handlers;
    field.addEventListener("input", () => this.#narrow());
    field.addEventListener("keydown", (event) => this.#key(event));
    // The field keeps the focus, so that arrow keys continue from the clicked option.
    box.addEventListener("pointerdown", (event) => event.pointerType === "mouse" && event.preventDefault());
    box.addEventListener("click", (event) => {
      const option = event.target instanceof Element ? event.target.closest("[role=option]") : null;
      const id = option instanceof HTMLElement && option.dataset.id;
      if (id) this.#press(id);
    });
  }

  /** Returns the active theme, if it is listed. */
  get active() {
    return this.#shown.find(({ id }) => id === this.#active);
  }

  /**
   * Lists themes.
   * @param {Theme[]} themes
   * @param {(theme: Theme) => string} badge returns the label at the end of a theme's line
   */
  show(themes, badge) {
    this.#badge = badge;
    this.#themes = themes;
    this.#draw();
  }

  /** Activates a theme. @param {string | null | undefined} id */
  activate(id) {
    this.#active = id ?? null;
    for (const option of this.#options) {
      option.setAttribute("aria-selected", String(option.dataset.id === id));
    }
    const option = this.box.querySelector("[aria-selected=true]");
    this.field.setAttribute("aria-activedescendant", option?.id ?? "");
    option?.scrollIntoView({ block: "nearest" });
  }

  /** @returns {NodeListOf<HTMLElement>} */
  get #options() {
    return this.box.querySelectorAll("[role=option]");
  }

  get #shown() {
    const words = this.field.value.toLowerCase().split(/\s+/);
    const found = this.#themes.filter(({ name, scheme, own, id }) => {
      const text = `${name} ${scheme} ${own ? "own" : id}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
    return Object.keys(GROUPS).flatMap((group) => found.filter(({ scheme }) => scheme === group)
      .sort((one, other) => Number(other.own) - Number(one.own)));
  }

  #narrow() {
    this.#draw();
    const { active } = this;
    if (active) return;
    const [first] = this.#shown;
    this.activate(first?.id ?? null);
    this.handlers.onActivate(first ?? null);
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

  /** @param {Theme} theme */
  #option(theme) {
    const { id, name, own } = theme;
    return element("div", { role: "option", id: `theme-${id}`, "data-id": id, "aria-selected": "false" },
      swatch(theme), element("span", { class: "name" }, name),
      element("span", { class: "badge" }, [own ? "yours" : "", this.#badge(theme)].filter(Boolean).join(", ")));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.isComposing) return;
    const shown = this.#shown;
    const at = shown.findIndex(({ id }) => id === this.#active);
    /** @type {Record<string, number>} */
    const targets = { ArrowDown: at + 1, ArrowUp: Math.max(at, 0) - 1, PageDown: Math.min(at + 6, shown.length - 1), PageUp: Math.max(at - 6, 0) };
    const to = targets[event.key];
    if (to === undefined && event.key !== "Enter") return;
    event.preventDefault();
    if (!shown.length) return;
    if (to === undefined) {
      if (this.active) this.handlers.onConfirm(this.active);
      return;
    }
    const theme = shown[(to + shown.length) % shown.length];
    this.activate(theme.id);
    this.handlers.onActivate(theme);
  }

  /** @param {string} id */
  #press(id) {
    this.activate(id);
    if (this.active) this.handlers.onSelect(this.active);
  }
}
