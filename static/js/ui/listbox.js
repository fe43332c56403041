import { element } from "./dom.js";

/**
 * @typedef {{id: string, label: string, badge?: string, lang?: string}} ListboxOption
 * @typedef {{title: string, options: ListboxOption[]}} ListboxGroup
 */

const PAGE = 8;

/** A listbox in groups, whose active option a text field moves. */
export class Listbox {
  /** @type {ListboxOption[]} */
  #options = [];
  /** @type {string | null} */
  #active = null;

  /**
   * @param {HTMLInputElement} field
   * @param {HTMLElement} box
   * @param {{onActivate: (id: string) => void, onConfirm: (id: string) => void}} handlers `onConfirm`: Enter was pressed
   */
  constructor(field, box, handlers) {
    this.field = field;
    this.box = box;
    this.handlers = handlers;
    field.addEventListener("keydown", (event) => this.#key(event));
    // The field keeps the focus, so that arrow keys continue from the clicked option.
    box.addEventListener("pointerdown", (event) => event.pointerType === "mouse" && event.preventDefault());
    box.addEventListener("click", ({ target }) => {
      const option = target instanceof Element ? target.closest("[role=option]") : null;
      if (option instanceof HTMLElement && option.dataset.id !== undefined) this.#move(option.dataset.id);
    });
  }

  /** Returns the id of the active option; null without one. */
  get active() {
    return this.#active;
  }

  /** Lists groups; a group without a title has no heading. @param {ListboxGroup[]} groups */
  show(groups) {
    this.#options = groups.flatMap(({ options }) => options);
    this.box.replaceChildren(...groups.flatMap(({ title, options }, number) => {
      const nodes = options.map((option) => this.#node(option, this.#options.indexOf(option)));
      if (!title) return nodes;
      const id = `${this.box.id}-group-${number}`;
      return [element("div", { role: "group", "aria-labelledby": id },
        element("div", { class: "group", id, role: "presentation" }, title), ...nodes)];
    }));
    this.box.hidden = !this.#options.length;
    this.activate(this.#options.some(({ id }) => id === this.#active) ? this.#active : this.#options[0]?.id ?? null);
  }

  /** Marks an option as active. @param {string | null} id */
  activate(id) {
    this.#active = id;
    /** @type {HTMLElement | null} */
    let active = null;
    for (const option of this.box.querySelectorAll("[role=option]")) {
      const is = option instanceof HTMLElement && option.dataset.id === id;
      option.setAttribute("aria-selected", String(is));
      if (is) active = option;
    }
    this.field.setAttribute("aria-activedescendant", active?.id ?? "");
    active?.scrollIntoView({ block: "nearest" });
  }

  /** @param {ListboxOption} option @param {number} place */
  #node({ id, label, badge = "", lang }, place) {
    return element("div", { role: "option", id: `${this.box.id}-${place}`, "data-id": id, "aria-selected": "false" },
      element("span", { class: "name", dir: "auto", lang: lang ?? null }, label), element("span", { class: "badge" }, badge));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    const place = this.#options.findIndex(({ id }) => id === this.#active);
    const last = this.#options.length - 1;
    /** @type {Record<string, number>} */
    const targets = {
      ArrowDown: place < last ? place + 1 : 0, ArrowUp: place > 0 ? place - 1 : last,
      PageDown: Math.min(place + PAGE, last), PageUp: Math.max(place - PAGE, 0),
    };
    const to = targets[event.key];
    if (to === undefined && event.key !== "Enter") return;
    event.preventDefault();
    if (to !== undefined && this.#options[to]) this.#move(this.#options[to].id);
    else if (event.key === "Enter" && this.#active !== null) this.handlers.onConfirm(this.#active);
  }

  /** @param {string} id */
  #move(id) {
    this.activate(id);
    this.handlers.onActivate(id);
  }
}

/**
 * Creates a field and a listbox that it moves.
 * @param {string} name prefix of their ids
 * @param {{search: string, list: string, placeholder: string}} labels
 * @param {{onActivate: (id: string) => void, onConfirm: (id: string) => void, onInput: () => void}} handlers
 */
export function searchableList(name, { search, list, placeholder }, handlers) {
  const field = element("input", {
    id: `${name}-search`, type: "text", role: "combobox", "aria-label": search, "aria-expanded": "true", "aria-controls": `${name}-list`,
    "aria-autocomplete": "list", autocomplete: "off", spellcheck: "false", placeholder,
  });
  const box = element("div", { id: `${name}-list`, class: "listbox", role: "listbox", "aria-label": list, tabindex: "-1" });
  field.addEventListener("input", () => handlers.onInput());
  return { field, box, listbox: new Listbox(field, box, handlers) };
}
