import { element, setText } from "../ui/dom.js";

/** Font, size and line height. */
export class Typography {
  /**
   * @param {{fonts: {name: string, stack: string}[], sizes: number[], line_heights: number[]}} facts
   * @param {{set: (typography: object, gesture: string | null) => void, pause: () => void}} handlers
   */
  constructor({ fonts, sizes, line_heights: heights }, handlers) {
    this.handlers = handlers;
    this.font = element("select", { id: "theme-font" }, ...fonts.map(({ name }) => element("option", { value: name }, name)));
    this.font.addEventListener("change", () => handlers.set({ font: this.font.value }, null));
    this.size = this.#range("theme-size", sizes, 1, "size");
    this.height = this.#range("theme-line-height", heights, 0.1, "lineHeight");
    this.node = element("div", { class: "typography" },
      element("label", { for: "theme-font" }, "font"), this.font,
      element("label", { for: "theme-size" }, "size"), this.size.node,
      element("label", { for: "theme-line-height" }, "line height"), this.height.node);
  }

  show({ font, size, lineHeight }) {
    this.font.value = font;
    this.size.show(size, `${size} px`);
    this.height.show(lineHeight, String(lineHeight));
  }

  #range(id, [least, most], step, field) {
    const input = element("input", { type: "range", id, min: String(least), max: String(most), step: String(step) });
    const told = element("output", { for: id });
    input.addEventListener("input", () => this.handlers.set({ [field]: Number(input.value) }, `set ${field}`));
    input.addEventListener("change", () => this.handlers.pause());
    return {
      node: element("span", { class: "range" }, input, told),
      show(value, text) {
        input.value = String(value);
        input.setAttribute("aria-valuetext", text);
        setText(told, text);
      },
    };
  }
}
