/** Completes a line: as far as all completions agree, then to one after the other. */
export class Completions {
  /** @type {string[]} */
  #lines = [];
  #at = 0;

  /**
   * Returns the next completion; null after the last, so that Tab leaves the field.
   * @param {string} line
   * @param {(line: string) => string[]} complete returns the completions of a line
   */
  next(line, complete) {
    if (this.#lines[this.#at] === line && this.#lines.length > 1) {
      this.#at += 1;
      return this.#lines[this.#at] ?? null;
    }
    const lines = complete(line);
    if (!lines.length || lines[0] === line) return null;
    const shared = commonStart(lines);
    if (shared.length > line.length) return shared;
    this.#lines = lines;
    this.#at = 0;
    return lines[0];
  }
}

/** @param {string[]} lines */
function commonStart(lines) {
  let start = lines[0];
  while (!lines.every((line) => line.startsWith(start))) start = start.slice(0, -1);
  return start;
}
