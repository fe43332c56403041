import { query } from "../../js/ui/dom.js";
import { colorFrom } from "../../js/themes/contrast.js";

/** The color fields: a text and a picker each, which follow one another. */
export class Fields {
  /**
   * @param {HTMLFormElement} form
   * @param {() => void} changed
   */
  constructor(form, changed) {
    /** @type {NodeListOf<HTMLInputElement>} */
    const texts = form.querySelectorAll("input[data-token]");
    this.texts = new Map([...texts].map((text) => [text.dataset.token ?? "", text]));
    this.changed = changed;
    for (const text of this.texts.values()) this.#join(text, pickerOf(text));
  }

  /** Returns all colors in #rrggbb; the last valid one of a field that has none now. */
  colors() {
    return Object.fromEntries([...this.texts].map(([token, text]) => [token, pickerOf(text).value]));
  }

  /** Returns whether every field has a color. */
  areValid() {
    return [...this.texts.values()].every((text) => colorFrom(text.value));
  }

  /** Sets all fields. @param {Colors} colors */
  set(colors) {
    for (const [token, text] of this.texts) {
      text.value = colors[token];
      read(text);
    }
    this.changed();
  }

  /** @param {HTMLInputElement} text @param {HTMLInputElement} picker */
  #join(text, picker) {
    picker.hidden = false;
    read(text);
    text.addEventListener("input", () => { read(text); this.changed(); });
    // As it will be saved: the user may have left the # out.
    text.addEventListener("change", () => { text.value = colorFrom(text.value) ?? text.value; });
    picker.addEventListener("input", () => { text.value = picker.value; read(text); this.changed(); });
  }
}

/** @param {HTMLInputElement} text */
function pickerOf(text) {
  return query(/** @type {Element} */ (text.parentElement), "input[type=color]", HTMLInputElement);
}

/** @param {HTMLInputElement} text */
function read(text) {
  const color = colorFrom(text.value);
  if (color) pickerOf(text).value = color;
  text.setAttribute("aria-invalid", String(!color));
}
