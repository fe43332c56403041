/**
 * Stores when each written word is spoken: `[start, end, from, to]`, in the text's code units and the utterance's samples.
 * @typedef {[start: number, end: number, from: number, to: number]} Timing
 */

/** Punctuation between two words is shorter, in code units. */
const LONGEST_GAP = 20;

export class WordTimings {
  /** @type {Timing[]} */
  #list = [];

  /** Returns how many words are stored. */
  get length() {
    return this.#list.length;
  }

  /** Returns the timing of a word, or null. @param {number} index */
  get(index) {
    return this.#list[index] ?? null;
  }

  /**
   * Adds a segment's words. A repeated segment (after a reconnect) replaces its earlier words.
   * @param {unknown} words
   */
  merge(words) {
    const usable = Array.isArray(words) ? words.filter(isTiming) : [];
    if (!usable.length) return;
    const first = usable[0][0];
    const last = usable[usable.length - 1][0];
    this.#list = [
      ...this.#list.filter(([start]) => start < first),
      ...usable,
      ...this.#list.filter(([start]) => start > last),
    ];
  }

  /** Returns the word at the character or shortly behind it; null where it is not known yet. @param {number} offset @returns {Timing | null} */
  covering(offset) {
    const word = this.#list.find(([, end]) => end > offset);
    return word && word[0] - offset <= LONGEST_GAP ? word : null;
  }

  /** Multiplies all times. @param {number} ratio */
  scale(ratio) {
    this.#list = this.#list.map(([start, end, from, to]) => [start, end, Math.round(from * ratio), Math.round(to * ratio)]);
  }

  /** Returns the index of the last word that has begun by `sample`, or -1. @param {number} sample */
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

/**
 * @param {unknown} word
 * @returns {word is Timing}
 */
function isTiming(word) {
  return Array.isArray(word) && word.length === 4 && word.every(Number.isFinite) && word[0] <= word[1];
}
