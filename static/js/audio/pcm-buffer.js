/** The samples of one utterance that are here: one unbroken range, in the chunks in which they came. */
export class PcmBuffer {
  #chunks = [];
  first = 0;
  end = 0;

  get bytes() {
    return 2 * (this.end - this.first);
  }

  /** @returns {boolean} false, and nothing kept, where `index` does not follow what is here */
  append(index, samples) {
    if (index !== this.end) return false;
    if (samples.length) this.#chunks.push({ from: index, samples });
    this.end += samples.length;
    return true;
  }

  covers(sample) {
    return sample >= this.first && sample < this.end;
  }

  /** @returns {Int16Array | null} samples from `from`, at most to the end of the chunk they lie in */
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

  /** Forget everything; the next samples begin at `first`. */
  clear(first = 0) {
    this.#chunks = [];
    this.first = first;
    this.end = first;
  }
}
