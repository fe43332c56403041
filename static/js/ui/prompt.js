import { byId } from "./dom.js";
import { complete, Completions } from "../commands/slash-commands.js";
import { PromptHistory } from "./prompt-history.js";
import { splitText } from "../speech/split-text.js";

/** The text field: it grows, recalls earlier lines, completes commands, and shows into how many parts a text is split. */
export class Prompt {
  #history = new PromptHistory();
  #completions = new Completions();

  /**
   * @param {{enter: (line: string, next: boolean) => boolean, hint: (text: string) => void, announce: (text: string) => void, onInput: () => void,
   *   choices: () => CommandChoices, limit: () => number}} handlers `enter` returns whether the line is done with; `next`: before
   *   what is queued
   */
  constructor(handlers) {
    this.handlers = handlers;
    this.area = byId("prompt", HTMLTextAreaElement);
    const { form } = this.area;
    this.area.addEventListener("input", () => this.#changed());
    this.area.addEventListener("keydown", (event) => this.#key(event));
    if (form) form.noValidate = true;
    form?.addEventListener("submit", (event) => {
      event.preventDefault();
      this.enter();
    });
    window.addEventListener("resize", () => this.grow());
    this.grow();
  }

  /** Returns whether the user is typing. */
  get isListening() {
    return document.activeElement === this.area && this.area.value.trim() !== "";
  }

  /** Returns whether the prompt is empty. */
  get isEmpty() {
    return this.area.value === "";
  }

  /** Speaks the text or runs the command in the prompt. @param {boolean} [next] whether to speak it before what is queued */
  enter(next = false) {
    const line = this.area.value;
    if (!line.trim()) return;
    // Before the command runs, because its message is displayed in the same place.
    this.handlers.hint("");
    if (!this.handlers.enter(line, next)) return;
    this.#history.add(line);
    this.#put("");
  }

  /** Puts a text into the field, to be edited. @param {string} text */
  edit(text) {
    this.#set(text);
    this.area.focus();
  }

  /** Inserts unspoken texts before the typed text. @param {string[]} texts */
  takeBack(texts) {
    if (texts.length) this.#put([...texts, this.area.value].filter(Boolean).join("\n"));
  }

  /** Sends a text with the form, which loads the page again. @param {string} text */
  submit(text) {
    // To the server a line that begins with a slash is a command.
    this.area.value = text.replace(/^\//, "//");
    this.area.form?.submit();
  }

  /** Focuses the field. */
  focus() {
    this.area.focus();
  }

  /** Shows the hint again: there are more completions now. */
  hintAgain() {
    if (this.area.value) this.#hint();
  }

  /** @param {string} text */
  #set(text) {
    this.#put(text);
    this.#hint();
  }

  /** @param {string} text */
  #put(text) {
    this.area.value = text;
    this.area.setSelectionRange(text.length, text.length);
    this.#fit();
  }

  #changed() {
    this.#fit();
    this.#hint();
  }

  #fit() {
    this.area.removeAttribute("aria-invalid");
    this.grow();
    this.handlers.onInput();
  }

  /** Adjusts the height of the field to its text. */
  grow() {
    this.area.style.setProperty("block-size", "auto");
    this.area.style.setProperty("block-size", `${this.area.scrollHeight}px`);
  }

  #hint() {
    const text = this.area.value;
    const found = complete(text, this.handlers.choices());
    if (found.length) {
      const only = found.length === 1 && found[0].description;
      this.handlers.hint(`${found.map(({ label }) => label).join("  ")}${only ? `  ${only}` : ""}`);
    } else if (text.length > this.handlers.limit()) {
      const parts = splitText(text, this.handlers.limit()).length;
      this.handlers.hint(`${text.length.toLocaleString("en")} characters: spoken in ${parts} parts`);
    } else {
      this.handlers.hint("");
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.isComposing || event.altKey) return;
    if (event.ctrlKey || event.metaKey) {
      if (event.key === "Enter") this.enter(true);
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.enter();
    } else if (event.key === "Tab" && !event.shiftKey) {
      this.#complete(event);
    } else if (event.key === "ArrowUp" && !event.shiftKey) {
      this.#recall(event, () => this.#history.older(this.area.value));
    } else if (event.key === "ArrowDown" && !event.shiftKey) {
      this.#recall(event, () => this.#history.newer());
    }
  }

  /** @param {KeyboardEvent} event */
  #complete(event) {
    const line = this.#completions.next(this.area.value, (typed) => complete(typed, this.handlers.choices()).map((found) => found.line));
    if (line === null) return;
    event.preventDefault();
    this.#set(line);
    this.handlers.announce(line);
  }

  /**
   * Recalls a line. Within a text of several rows the arrows move the caret first; where it cannot move, they recall.
   * @param {KeyboardEvent} event
   * @param {() => string | null} take
   */
  #recall(event, take) {
    const { selectionStart, selectionEnd, value } = this.area;
    if (selectionStart !== selectionEnd) return;
    const recall = () => {
      const line = take();
      if (line !== null) this.#set(line);
    };
    if (this.#isOneRow()) {
      event.preventDefault();
      recall();
    } else {
      setTimeout(() => {
        if (this.area.selectionStart === selectionStart && this.area.value === value) recall();
      });
    }
  }

  #isOneRow() {
    return this.area.scrollHeight < 2 * parseFloat(getComputedStyle(this.area).lineHeight);
  }
}
