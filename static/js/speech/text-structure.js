import { splitRanges } from "./split-text.js";

/** @typedef {[start: number, end: number]} Range in UTF-16 code units of the text */

/** A longer paragraph is shown in several pieces, because marking a word lays out its whole piece. */
const LONGEST_PARAGRAPH = 2000;
const ABBREVIATION = /(?:^|\s)(?:\p{L}|Mr|Mrs|Ms|Dr|Prof|St|No|vs|cf|e\.g|i\.e)\.\s+$/u;

/** Finds the paragraphs of a text, and the sentences of the paragraph that is asked for. */
export class TextStructure {
  /** @type {Range[]} */
  paragraphs = [];
  /** The paragraph whose sentences were asked for last. @type {{index: number, sentences: Range[]} | null} */
  #last = null;

  /** @param {string} text normalized */
  constructor(text) {
    this.text = text;
    let start = 0;
    for (const gap of text.matchAll(/\n[^\S\n]*\n\s*/g)) {
      this.#addParagraph(start, gap.index);
      start = gap.index + gap[0].length;
    }
    this.#addParagraph(start, text.length);
  }

  /** Returns the index of the paragraph that has that character, or that follows it. @param {number} offset */
  paragraphAt(offset) {
    let low = 0;
    let high = this.paragraphs.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.paragraphs[middle][1] <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Returns the sentence that has that character, or that follows it. @param {number} offset @returns {Range} */
  sentenceAt(offset) {
    const sentences = this.#sentencesOf(this.paragraphAt(offset));
    return sentences.find(([, end]) => offset < end) ?? sentences[sentences.length - 1];
  }

  /**
   * Returns where the sentence or paragraph begins that is `by` (1 or -1) from the one at `offset`; null: there is none.
   * @param {number} offset
   * @param {number} by
   * @param {"sentence" | "paragraph"} unit
   */
  neighbor(offset, by, unit) {
    const at = this.paragraphAt(offset);
    if (unit === "paragraph") return this.paragraphs[at + by]?.[0] ?? null;
    const sentences = this.#sentencesOf(at);
    const place = sentences.indexOf(this.sentenceAt(offset)) + by;
    if (sentences[place]) return sentences[place][0];
    return this.paragraphs[at + by] ? (this.#sentencesOf(at + by).at(by > 0 ? 0 : -1)?.[0] ?? null) : null;
  }

  /** @param {number} start @param {number} end */
  #addParagraph(start, end) {
    if (end - start <= LONGEST_PARAGRAPH) this.paragraphs.push([start, end]);
    else for (const [from, to] of splitRanges(this.text.slice(start, end), LONGEST_PARAGRAPH)) this.paragraphs.push([start + from, start + to]);
  }

  /** @param {number} index */
  #sentencesOf(index) {
    if (this.#last?.index !== index) this.#last = { index, sentences: sentencesOf(this.text, this.paragraphs[index]) };
    return this.#last.sentences;
  }
}

/** @param {string} text @param {Range} paragraph @returns {Range[]} without the white space after each */
function sentencesOf(text, [start, end]) {
  /** @type {Range[]} */
  const found = [];
  // A line break before a small letter is a wrapped line.
  const paragraph = text.slice(start, end).replace(/\n(?=\p{Ll})/gu, " ");
  let from = start;
  for (const { segment, index } of new Intl.Segmenter(undefined, { granularity: "sentence" }).segment(paragraph)) {
    const to = start + index + segment.length;
    if (ABBREVIATION.test(segment) && to < end) continue;
    const length = text.slice(from, to).trimEnd().length;
    if (length) found.push([from, from + length]);
    from = to;
  }
  return found.length ? found : [[start, end]];
}
