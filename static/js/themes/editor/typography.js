import { element, setText } from "../../ui/dom.js";

/** Edits font, size and line height. */
export class TypographyEditor {
  /**
   * @param {ThemeFacts} facts
   * @param {{set: (typography: Partial<Typography>, gesture: string | null) => void, pause: () => void}} handlers
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

  /** Shows the values. @param {ThemeDocument["typography"]} typography */
  show({ font, size, lineHeight }) {
    this.font.value = font;
    this.size.show(size, `${size} px`);
    this.height.show(lineHeight, String(lineHeight));
  }

  /**
   * @param {string} id
   * @param {[number, number]} range
   * @param {number} step
   * @param {"size" | "lineHeight"} field
   */
  #range(id, [least, most], step, field) {
    const input = element("input", { type: "range", id, min: String(least), max: String(most), step: String(step) });
    const output = element("output", { for: id });
    input.addEventListener("input", () => this.handlers.set({ [field]: Number(input.value) }, `set ${field}`));
    input.addEventListener("change", () => this.handlers.pause());
    return {
      node: element("span", { class: "range" }, input, output),
      /** @param {number} value @param {string} text */
      show(value, text) {
        input.value = String(value);
        input.setAttribute("aria-valuetext", text);
        setText(output, text);
      },
    };
  }
}
