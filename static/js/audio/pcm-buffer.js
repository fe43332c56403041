/** Stores the received samples of an utterance: a contiguous range, in chunks as received. */
export class PcmBuffer {
  /** @type {{from: number, samples: Int16Array}[]} */
  #chunks = [];
  /** Index of the first sample. */
  first = 0;
  /** Index behind the last sample. */
  end = 0;

  /** Returns the size of the samples. */
  get bytes() {
    return 2 * (this.end - this.first);
  }

  /**
   * Appends samples.
   * @param {number} index of the first of them
   * @param {Int16Array} samples
   * @returns {boolean} false, and nothing stored, if `index` is not `end`
   */
  append(index, samples) {
    if (index !== this.end) return false;
    if (samples.length) this.#chunks.push({ from: index, samples });
    this.end += samples.length;
    return true;
  }

  /** Returns whether that sample is stored. @param {number} sample */
  covers(sample) {
    return sample >= this.first && sample < this.end;
  }

  /**
   * Returns the samples from `from` to the end of its chunk, or null if it is not stored.
   * @param {number} from
   */
  read(from) {
    if (!this.covers(from)) return null;
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#chunks[middle].from <= from) low = middle;
      else high = middle - 1;
    }
    return this.#chunks[low].samples.subarray(from - this.#chunks[low].from);
  }

  /** Deletes all samples; the next samples begin at `first`. */
  clear(first = 0) {
    this.#chunks = [];
    this.first = first;
    this.end = first;
  }
}
