import { TextStructure } from "../../speech/text-structure.js";
import { element } from "../dom.js";

/** A longer text is folded while it is not spoken, in characters. */
const LONGEST_FOLDED = 400;

/** Shows the text of a document, paragraph by paragraph; marks the spoken word and its sentence. */
export class EntryText {
  node = element("div", { class: "text" });
  folded = false;
  /** The paragraph with the mark. @type {number | null} */
  #marked = null;

  /** @param {import("../../speech/speech-document.js").SpeechDocument} document */
  constructor(document) {
    this.document = document;
    document.structure ??= new TextStructure(document.text);
    this.structure = document.structure;
    this.#draw(LONGEST_FOLDED);
  }

  /** Returns whether the text is so long that it can be folded. */
  get isLong() {
    return this.document.text.length > LONGEST_FOLDED;
  }

  /** Returns the marked word, or null. */
  get mark() {
    return this.node.querySelector("mark");
  }

  /** Shows the beginning or all of the text. @param {boolean} folded */
  fold(folded) {
    if (folded && this.isLong === this.folded) return;
    if (!folded && !this.folded) return;
    this.#draw(folded ? LONGEST_FOLDED : Infinity);
  }

  /** Marks a word, from `start` to `end` in the document. @param {number} start @param {number} end */
  highlight(start, end) {
    const { structure, document: { text } } = this;
    const index = structure.paragraphAt(start);
    const paragraph = this.node.children[index];
    if (!paragraph || this.folded) return;
    if (this.#marked !== index) this.clear();
    this.#marked = index;
    const [first, last] = structure.paragraphs[index];
    const [from, to] = structure.sentenceAt(start);
    const until = Math.max(end, to);
    const sentence = element("span", { class: "sentence" }, text.slice(from, start), element("mark", {}, text.slice(start, end)), text.slice(end, until));
    paragraph.replaceChildren(text.slice(first, from), sentence, text.slice(until, last));
  }

  /** Removes the mark. */
  clear() {
    if (this.#marked === null) return;
    const [start, end] = this.structure.paragraphs[this.#marked];
    this.node.children[this.#marked]?.replaceChildren(this.document.text.slice(start, end));
    this.#marked = null;
  }

  /** Returns the offset in the document of the character at a point of the window, or null. @param {number} x @param {number} y */
  offsetAt(x, y) {
    const [node, offset] = caretAt(x, y);
    const paragraph = node?.parentElement?.closest(".text > p");
    if (!node || !paragraph || paragraph.parentElement !== this.node) return null;
    const range = document.createRange();
    range.setStart(paragraph, 0);
    range.setEnd(node, offset);
    return this.structure.paragraphs[[...this.node.children].indexOf(paragraph)][0] + range.toString().length;
  }

  /** @param {number} characters */
  #draw(characters) {
    const { structure, document: { text } } = this;
    this.#marked = null;
    this.folded = text.length > characters;
    /** @type {HTMLElement[]} */
    const shown = [];
    for (const [start, end] of structure.paragraphs) {
      if (start >= characters) break;
      const whole = end <= characters;
      shown.push(element("p", { dir: "auto" }, whole ? text.slice(start, end) : `${text.slice(start, characters).trimEnd()}\u2026`));
    }
    this.node.replaceChildren(...shown);
  }
}

/** @param {number} x @param {number} y @returns {[Node | null, number]} */
function caretAt(x, y) {
  if (document.caretPositionFromPoint) {
    const caret = document.caretPositionFromPoint(x, y);
    return [caret?.offsetNode ?? null, caret?.offset ?? 0];
  }
  const range = document.caretRangeFromPoint?.(x, y);
  return [range?.startContainer ?? null, range?.startOffset ?? 0];
}
