/** The lines that were entered, oldest first, and the unsent draft that waits below the newest. */
export class PromptHistory {
  #lines = [];
  #at = 0;
  #draft = "";

  constructor(most = 200) {
    this.most = most;
  }

  add(line) {
    if (line !== this.#lines.at(-1)) this.#lines.push(line);
    if (this.#lines.length > this.most) this.#lines.shift();
    this.#at = this.#lines.length;
    this.#draft = "";
  }

  /** @returns {string | null} the line before, or null at the oldest; `present` is what stands in the prompt */
  older(present) {
    if (this.#at === 0) return null;
    if (this.#at === this.#lines.length) this.#draft = present;
    this.#at -= 1;
    return this.#lines[this.#at];
  }

  /** @returns {string | null} the line after, the draft after the newest, or null below that */
  newer() {
    if (this.#at >= this.#lines.length) return null;
    this.#at += 1;
    return this.#at === this.#lines.length ? this.#draft : this.#lines[this.#at];
  }
}
