import { element, hide, setText } from "../../ui/dom.js";
import { colorFrom, written } from "../contrast.js";
import { button, enable } from "../../ui/controls.js";

/**
 * @typedef {object} ColorHandlers
 * @property {(name: string, color: string | null, gesture: string | null) => void} pick a color that is null is reset
 * @property {() => void} pause called when a gesture ends
 * @property {(name: string) => void} fix
 * @property {(sentence: string) => void} mistake
 */

/** Edits one color of a theme: a picker, its hex text, its contrast on every background, and a reset button. */
export class ColorRow {
  /** @type {string | null} */
  #shown = null;
  #typing = false;

  /**
   * @param {ThemeToken} token
   * @param {(name: string) => string} labelOf
   * @param {ColorHandlers} handlers
   */
  constructor(token, labelOf, handlers) {
    this.token = token;
    this.handlers = handlers;
    const { name, label, group } = token;
    const spoken = `${group}: ${label}`;
    this.picker = element("input", { type: "color", id: `color-${name}`, "aria-label": spoken });
    this.text = element("input", { type: "text", class: "hex", id: `hex-${name}`, "aria-label": `${spoken}, as text`, size: "8",
      autocomplete: "off", autocapitalize: "off", spellcheck: "false" });
    this.back = button("reset", () => handlers.pick(name, null, null), { label: `reset ${spoken}` });
    this.fixer = button("fix", () => handlers.fix(name), { label: `fix the contrast of ${spoken}`, hidden: true });
    this.grounds = token.against.map((ground) => ({ ground, label: labelOf(ground), node: element("span", { class: "contrast-pair" }) }));
    this.node = element("div", { class: "color-row", "data-token": name },
      this.picker, element("label", { for: `hex-${name}` }, label), this.text, this.back,
      ...(this.grounds.length ? [element("p", { class: "contrast-pairs" }, ...this.grounds.map(({ node }) => node), this.fixer)] : []));
    this.#listen();
  }

  /**
   * Shows the color.
   * @param {string} color
   * @param {boolean} changed whether it differs from the origin's
   * @param {ContrastPair[]} pairs
   */
  show(color, changed, pairs) {
    if (this.picker.value !== color) this.picker.value = color;
    // Incomplete input stays, unless the color was changed elsewhere.
    if (color !== this.#shown || !this.#typing) this.#write(color);
    enable(this.back, changed);
    for (const { ground, label, node } of this.grounds) {
      const pair = pairs.find((candidate) => candidate.token === this.token.name && candidate.ground === ground);
      if (!pair) continue;
      const { ratio, required, passes } = pair;
      node.dataset.passes = String(passes);
      setText(node, `${passes ? "✓" : "✗"} ${written(ratio)} on ${label}: ${passes ? "passes" : "fails"} ${required}`);
    }
    hide(this.fixer, pairs.every(({ token, passes }) => token !== this.token.name || passes), this.text);
  }

  /** @param {string} color */
  #write(color) {
    if (this.text.value !== color) this.text.value = color;
    this.#shown = color;
    this.#typing = false;
    this.text.removeAttribute("aria-invalid");
  }

  #listen() {
    const { name } = this.token;
    this.picker.addEventListener("input", () => this.handlers.pick(name, this.picker.value, `pick ${name}`));
    this.picker.addEventListener("change", () => this.handlers.pause());
    this.text.addEventListener("input", () => {
      const color = colorFrom(this.text.value);
      this.#typing = true;
      // Half of a color is no mistake while it is typed.
      if (color && this.text.value.trim().length > 5) this.handlers.pick(name, color, `type ${name}`);
    });
    this.text.addEventListener("change", () => this.#enter());
    this.text.addEventListener("keydown", (event) => event.key === "Enter" && this.#enter());
  }

  #enter() {
    const color = colorFrom(this.text.value);
    this.text.setAttribute("aria-invalid", String(color === null));
    if (color === null) this.handlers.mistake(`"${this.text.value.slice(0, 20)}" is not a color such as #1e90ff or #19f.`);
    else {
      this.handlers.pick(this.token.name, color, `type ${this.token.name}`);
      this.handlers.pause();
      this.#write(color);
    }
  }
}
