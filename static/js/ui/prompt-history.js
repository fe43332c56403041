/** Stores the lines that were entered, oldest first, and the draft below the newest. */
export class PromptHistory {
  /** @type {string[]} */
  #lines = [];
  #at = 0;
  #draft = "";

  /** @param {number} maxLines */
  constructor(maxLines = 200) {
    this.maxLines = maxLines;
  }

  /** Adds a line, unless it repeats the last one. @param {string} line */
  add(line) {
    if (line !== this.#lines.at(-1)) this.#lines.push(line);
    if (this.#lines.length > this.maxLines) this.#lines.shift();
    this.#at = this.#lines.length;
    this.#draft = "";
  }

  /**
   * Returns the previous line, or null at the oldest.
   * @param {string} present the text in the prompt
   * @returns {string | null}
   */
  older(present) {
    if (this.#at === 0) return null;
    if (this.#at === this.#lines.length) this.#draft = present;
    this.#at -= 1;
    return this.#lines[this.#at];
  }

  /**
   * Returns the line after, the draft after the newest, or null below that.
   * @returns {string | null}
   */
  newer() {
    if (this.#at >= this.#lines.length) return null;
    this.#at += 1;
    return this.#at === this.#lines.length ? this.#draft : this.#lines[this.#at];
  }
}
