// The colour fields: a text and a picker each, which follow one another.
import { colourFrom } from "../../js/themes/contrast.js";

export class Fields {
  constructor(form, changed) {
    this.texts = new Map([...form.querySelectorAll("input[data-token]")].map(text => [text.dataset.token, text]));
    this.changed = changed;
    for (const text of this.texts.values()) this.#join(text, pickerOf(text));
  }

  /** All colours in #rrggbb; the last sound one of a field that holds none now. */
  colours() {
    return Object.fromEntries([...this.texts].map(([token, text]) => [token, pickerOf(text).value]));
  }

  /** Whether every field holds a colour. */
  sound() {
    return [...this.texts.values()].every(text => colourFrom(text.value));
  }

  set(colours) {
    for (const [token, text] of this.texts) {
      text.value = colours[token];
      read(text);
    }
    this.changed();
  }

  #join(text, picker) {
    picker.hidden = false;
    read(text);
    text.addEventListener("input", () => { read(text); this.changed(); });
    // As it will be saved: a person may have left the # out.
    text.addEventListener("change", () => { text.value = colourFrom(text.value) ?? text.value; });
    picker.addEventListener("input", () => { text.value = picker.value; read(text); this.changed(); });
  }
}

const pickerOf = text => text.previousElementSibling;

function read(text) {
  const colour = colourFrom(text.value);
  if (colour) pickerOf(text).value = colour;
  text.setAttribute("aria-invalid", String(!colour));
}
