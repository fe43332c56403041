import { element } from "../ui/dom.js";
import { button } from "../ui/controls.js";

/** The line in which a theme gets another name. */
export class Rename {
  #theme = null;

  /** @param {{rename: (theme: object, name: string) => void, closed: () => void}} handlers */
  constructor(handlers) {
    this.handlers = handlers;
    this.name = element("input", { type: "text", id: "theme-name", maxlength: "60", "aria-label": "New name", autocomplete: "off" });
    this.node = element("form", { class: "rename", hidden: true }, this.name, element("button", {}, "rename"), button("leave it", () => this.close()));
    this.node.addEventListener("submit", (event) => {
      event.preventDefault();
      const name = this.name.value.trim();
      if (name) handlers.rename(this.#theme, name);
      this.close();
    });
  }

  open(theme) {
    this.#theme = theme;
    this.node.hidden = false;
    this.name.value = theme.name;
    this.name.focus();
    this.name.select();
  }

  close() {
    if (this.node.hidden) return;
    this.node.hidden = true;
    this.handlers.closed();
  }

  /** Another theme is meant now. */
  mind(theme) {
    if (theme?.id !== this.#theme?.id) this.close();
  }
}
