import { element, hide, setText } from "../../ui/dom.js";
import { button } from "../../ui/controls.js";

/** @type {[number, string][]} */
const MINIMA = [[1, "none"], [4.5, "AA, 4.5 for text"], [7, "AAA, 7 for text"]];

/** Selects the contrast to aim for, and shows whether the theme has it. */
export class ContrastSummary {
  /** @param {{setMinimum: (minimum: number) => void, fix: () => void}} handlers */
  constructor({ setMinimum, fix }) {
    this.minimum = element("select", { id: "editor-minimum" }, ...MINIMA.map(([value, text]) => element("option", { value: String(value) }, text)));
    this.minimum.addEventListener("change", () => setMinimum(Number(this.minimum.value)));
    this.summary = element("p", { id: "editor-contrast", role: "status" });
    this.fixer = button("fix all", fix, { id: "editor-fix" });
    this.node = element("div", { class: "contrast" },
      element("p", { class: "field" }, element("label", { for: "editor-minimum" }, "contrast"), this.minimum), this.summary, this.fixer);
  }

  /** Shows the result. @param {number} failing how many pairs @param {number} minimum */
  show(failing, minimum) {
    this.minimum.value = String(minimum);
    this.summary.dataset.passes = String(!failing);
    hide(this.fixer, !failing, this.minimum);
    if (minimum <= 1) setText(this.summary, "✓ No contrast is required.");
    else if (!failing) setText(this.summary, "✓ All color pairs have enough contrast.");
    else setText(this.summary, `✗ ${failing === 1 ? "1 color pair has" : `${failing} color pairs have`} too little contrast.`);
  }
}
