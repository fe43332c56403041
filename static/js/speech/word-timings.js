/** When each written word sounds: `[start, end, from, to]` in the text's code units and the utterance's samples. */
export class WordTimings {
  #list = [];

  get length() {
    return this.#list.length;
  }

  get(index) {
    return this.#list[index] ?? null;
  }

  /** Adds a segment's words. Those of a repeated segment (after a reconnect) take the place of the earlier ones. */
  merge(words) {
    const usable = Array.isArray(words) ? words.filter(isTiming) : [];
    if (!usable.length) return;
    const first = usable[0][0];
    const last = usable.at(-1)[0];
    this.#list = [
      ...this.#list.filter(([start]) => start < first),
      ...usable,
      ...this.#list.filter(([start]) => start > last),
    ];
  }

  /** @returns {number} index of the last word that has begun by `sample`, or -1 */
  at(sample) {
    let low = 0;
    let high = this.#list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#list[middle][2] <= sample) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

function isTiming(word) {
  return Array.isArray(word) && word.length === 4 && word.every(Number.isFinite) && word[0] <= word[1];
}
