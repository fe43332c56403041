import { element } from "../../ui/dom.js";
import { button } from "../../ui/controls.js";

/** Asks for the new name of a theme. */
export class Rename {
  /** @type {Theme | null} */
  #theme = null;

  /** @param {{rename: (theme: Theme, name: string) => void, closed: () => void}} handlers */
  constructor(handlers) {
    this.handlers = handlers;
    this.name = element("input", { type: "text", id: "theme-name", maxlength: "60", "aria-label": "New name", autocomplete: "off" });
    this.node = element("form", { class: "rename", hidden: true }, this.name, element("button", {}, "rename"), button("cancel", () => this.close()));
    this.node.addEventListener("submit", (event) => {
      event.preventDefault();
      const name = this.name.value.trim();
      if (name && this.#theme) handlers.rename(this.#theme, name);
      this.close();
    });
  }

  /** Opens the form. @param {Theme} theme */
  open(theme) {
    this.#theme = theme;
    this.node.hidden = false;
    this.name.value = theme.name;
    this.name.focus();
    this.name.select();
  }

  /** Closes the form. */
  close() {
    if (this.node.hidden) return;
    this.node.hidden = true;
    this.handlers.closed();
  }

  /** Closes the form if another theme is active now. @param {Theme | undefined} theme */
  closeUnless(theme) {
    if (theme?.id !== this.#theme?.id) this.close();
  }
}
