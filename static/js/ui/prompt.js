import { byId } from "./dom.js";
import { complete } from "../commands/slash-commands.js";
import { PromptHistory } from "./prompt-history.js";
import { splitText } from "../speech/split-text.js";

/** The line that people type into: it grows, remembers, completes, and says how much a long text is. */
export class Prompt {
  #history = new PromptHistory();

  /**
   * @param {{enter: (line: string) => boolean, hint: (text: string) => void, onInput: () => void,
   *   choices: () => Record<string, string[]>, limit: () => number}} handlers `enter` tells whether the line was taken
   */
  constructor(handlers) {
    this.handlers = handlers;
    this.area = byId("prompt");
    this.area.addEventListener("input", () => this.#changed());
    this.area.addEventListener("keydown", (event) => this.#key(event));
    this.area.form.noValidate = true;
    this.area.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.enter();
    });
    window.addEventListener("resize", () => this.grow());
    this.grow();
  }

  get isListening() {
    return document.activeElement === this.area && this.area.value.trim() !== "";
  }

  enter() {
    const line = this.area.value;
    if (!line.trim()) return;
    // Before the line is obeyed, for its answer is told in the same place.
    this.handlers.hint("");
    if (!this.handlers.enter(line)) return;
    this.#history.add(line);
    this.#put("");
  }

  /** Put a text back, for editing. */
  edit(text) {
    this.#set(text);
    this.area.focus();
  }

  focus() {
    this.area.focus();
  }

  /** What completes the line has become known. */
  hintAgain() {
    if (this.area.value) this.#hint();
  }

  #set(text) {
    this.#put(text);
    this.#hint();
  }

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

  /** Take the room that the text needs. */
  grow() {
    this.area.style.setProperty("block-size", "auto");
    this.area.style.setProperty("block-size", `${this.area.scrollHeight}px`);
  }

  #hint() {
    const text = this.area.value;
    const found = complete(text, this.handlers.choices());
    if (found.length) {
      const only = found.length === 1 && found[0].says;
      this.handlers.hint(`${found.map(({ label }) => label).join("  ")}${only ? `  ${only}` : ""}`);
    } else if (text.length > this.handlers.limit()) {
      const parts = splitText(text, this.handlers.limit()).length;
      this.handlers.hint(`${text.length.toLocaleString("en")} characters: spoken in ${parts} parts`);
    } else {
      this.handlers.hint("");
    }
  }

  #key(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" && !event.shiftKey) {
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

  #complete(event) {
    const found = complete(this.area.value, this.handlers.choices());
    if (!found.length || found[0].line === this.area.value) return;
    event.preventDefault();
    const lines = found.map(({ line }) => line);
    const shared = commonStart(lines);
    if (shared.length > this.area.value.length) this.#set(shared);
    else if (lines.length === 1) this.#set(lines[0]);
  }

  /** Within a text of several rows the arrows move the caret first; where it cannot move, the history is next. */
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

function commonStart(lines) {
  let start = lines[0];
  while (!lines.every((line) => line.startsWith(start))) start = start.slice(0, -1);
  return start;
}
