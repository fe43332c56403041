/** The samples of one utterance that are here: one unbroken range, in the chunks in which they came. */
export class Pcm {
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

/** Bounds what is kept for replays: the utterances finished longest ago lose their samples first. */
export class Shelf {
  #kept = new Set();

  constructor(mostBytes = 32 * 2 ** 20) {
    this.mostBytes = mostBytes;
  }

  keep(utterance) {
    this.#kept.delete(utterance);
    this.#kept.add(utterance);
    let bytes = 0;
    for (const { pcm } of this.#kept) bytes += pcm.bytes;
    for (const oldest of this.#kept) {
      if (bytes <= this.mostBytes) break;
      bytes -= oldest.pcm.bytes;
      oldest.pcm.clear();
      this.#kept.delete(oldest);
    }
  }

  /** In use again, or gone from the log: not ours to evict. */
  release(utterance) {
    this.#kept.delete(utterance);
  }
}
