/** @typedef {{from: number, samples: Int16Array}} Chunk */

/** Stores the received samples of an utterance in chunks as received: a current range, and other ranges after seeks. */
export class PcmBuffer {
  /** @type {Chunk[]} */
  #chunks = [];
  /** @type {{chunks: Chunk[], first: number, end: number}[]} */
  #others = [];
  /** Index of the first sample of the current range. */
  first = 0;
  /** Index behind the last sample of the current range. */
  end = 0;

  /** Returns the size of all samples. */
  get bytes() {
    return this.#others.reduce((bytes, { first, end }) => bytes + 2 * (end - first), 2 * (this.end - this.first));
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
    this.#join();
    return true;
  }

  /** Makes the range that has the sample the current one, or begins an empty one there. @param {number} sample */
  seek(sample) {
    if (this.covers(sample)) return;
    if (this.end > this.first) this.#others.push({ chunks: this.#chunks, first: this.first, end: this.end });
    const place = this.#others.findIndex(({ first, end }) => sample >= first && sample < end);
    const [range] = place < 0 ? [{ chunks: [], first: sample, end: sample }] : this.#others.splice(place, 1);
    this.#chunks = range.chunks;
    this.first = range.first;
    this.end = range.end;
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

  /** Appends the ranges that the current one has reached. */
  #join() {
    for (const range of this.#others.slice()) {
      if (range.first < this.first || range.first > this.end) continue;
      this.#others.splice(this.#others.indexOf(range), 1);
      for (const { from, samples } of range.chunks) {
        const fresh = samples.subarray(Math.max(0, this.end - from));
        if (fresh.length) this.#chunks.push({ from: this.end, samples: fresh });
        this.end += fresh.length;
      }
    }
  }

  /** Deletes all samples; the next samples begin at `first`. */
  clear(first = 0) {
    this.#chunks = [];
    this.#others = [];
    this.first = first;
    this.end = first;
  }
}
