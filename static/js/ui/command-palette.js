import { byId, element, setText } from "./dom.js";

/** Shows all commands in one list that narrows while the user types. */
export class CommandPalette {
  /** @type {PaletteEntry[]} */
  #shown = [];
  #chosen = 0;

  /** @param {(typed: string) => PaletteEntry[]} commands returns the entries for a search text */
  constructor(commands) {
    this.commands = commands;
    this.dialog = byId("command-palette", HTMLDialogElement);
    this.find = byId("command-search", HTMLInputElement);
    this.list = byId("command-list");
    this.find.addEventListener("input", () => this.#narrow());
    this.find.addEventListener("keydown", (event) => this.#key(event));
    this.list.addEventListener("click", (event) => {
      const option = event.target instanceof Element && event.target.closest("[role=option]");
      if (option) this.#run([...this.list.children].indexOf(option));
    });
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
  }

  /** Updates the list when the dialog opens, and when more entries are available. */
  refresh() {
    if (this.dialog.open) this.#narrow();
  }

  #narrow() {
    const words = this.find.value.toLowerCase().split(/\s+/);
    this.#shown = this.commands(this.find.value).filter(({ label, keys, found }) =>
      found || words.every((word) => `${label} ${keys}`.toLowerCase().includes(word)));
    this.list.replaceChildren(...this.#shown.map(({ label, keys }, place) =>
      element("li", { role: "option", id: `command-${place}` }, element("span", { dir: "auto" }, label), ...(keys ? [element("kbd", {}, keys)] : []))));
    setText(byId("command-no-match"), this.#shown.length ? "" : "No command matches.");
    this.#choose(0);
  }

  /** @param {number} place */
  #choose(place) {
    const options = [...this.list.children];
    this.#chosen = options.length ? (place + options.length) % options.length : 0;
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === this.#chosen)));
    const chosen = options[this.#chosen];
    this.find.setAttribute("aria-activedescendant", chosen?.id ?? "");
    chosen?.scrollIntoView({ block: "nearest" });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.isComposing) return;
    const move = /** @type {Record<string, number>} */ ({ ArrowDown: this.#chosen + 1, ArrowUp: this.#chosen - 1 })[event.key];
    if (move === undefined && event.key !== "Enter") return;
    event.preventDefault();
    if (move !== undefined) this.#choose(move);
    else this.#run(this.#chosen);
  }

  /** @param {number} place */
  #run(place) {
    const command = this.#shown[place];
    if (!command) return;
    this.dialog.close();
    command.run();
  }
}
