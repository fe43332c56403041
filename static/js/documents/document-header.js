import { button } from "../ui/controls.js";
import { element } from "../ui/dom.js";

/** Above the text of a document: its title, its length, and its outline. */
export class DocumentHeader {
  /**
   * @param {import("../speech/speech-document.js").SpeechDocument} document
   * @param {{title: string, language: string, words: number}} facts
   * @param {import("./document-opener.js").OpenerPage} page
   */
  constructor(document, { title, language, words }, { actions }) {
    this.document = document;
    this.actions = actions;
    this.node = element("div", { class: "document-header" },
      element("h2", { dir: "auto", lang: language || null }, title),
      element("p", {}, `${words.toLocaleString("en")} words`));
    if (!document.outline.length) return;
    /** @type {HTMLButtonElement[]} */
    this.entries = [];
    const list = element("ol", { lang: language || null });
    const details = element("details", {}, element("summary", {}, `Contents (${document.outline.length})`), list);
    details.addEventListener("toggle", () => {
      if (!this.entries?.length) this.#fill(list);
      this.#mark();
    });
    list.addEventListener("keydown", (event) => this.#key(event));
    this.node.append(
      element("p", { class: "buttons" },
        button("previous chapter", () => actions.skip(-1, "chapter")), button("next chapter", () => actions.skip(1, "chapter"))),
      details);
  }

  /** @param {HTMLElement} list */
  #fill(list) {
    this.entries = this.document.outline.map(({ title, offset }) => button(title, () => {
      this.actions.jump(this.document, offset);
      this.#mark();
    }, { dir: "auto" }));
    list.append(...this.document.outline.map(({ level }, place) => {
      const item = element("li", { "data-level": String(level) });
      item.append(/** @type {HTMLButtonElement[]} */ (this.entries)[place]);
      return item;
    }));
  }

  /** Marks the chapter that is spoken. */
  #mark() {
    const { outline, position } = this.document;
    const current = outline.filter(({ offset }) => offset <= position).length - 1;
    this.entries?.forEach((entry, place) => {
      if (place === current) entry.setAttribute("aria-current", "location");
      else entry.removeAttribute("aria-current");
    });
  }

  /** Moves between the entries with the arrow keys, which would leave the log's entry. @param {KeyboardEvent} event */
  #key(event) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const place = this.entries?.findIndex((entry) => entry === document.activeElement) ?? -1;
    if (!step || place < 0) return;
    event.preventDefault();
    event.stopPropagation();
    this.entries?.[place + step]?.focus();
  }
}
