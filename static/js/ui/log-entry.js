import { withReference } from "../correlation.js";
import { element, setText } from "./dom.js";
import { EntryText } from "./entry/entry-text.js";
import { clock } from "./seek-bar.js";

export { listenForLogKeys, makeStop } from "./entry/log-keys.js";

/** @type {Record<UtteranceState, string[]>} */
const ACTIONS = {
  queued: ["remove", "more"],
  processing: [],
  speaking: [],
  paused: [],
  done: ["again", "copy", "more"],
  stopped: ["continue", "more"],
  error: ["edit", "again", "more"],
};
/** The log shows longer times in minutes. */
const LONGEST_SECONDS = 60;

/** Draws one document of the log. */
export class LogEntry {
  /** @type {Map<string, HTMLButtonElement>} */
  #buttons = new Map();
  /** The word that is marked. @type {string} */
  #word = "";
  /** Whether the user unfolded the text. */
  #unfolded = false;

  /**
   * @param {import("../speech/speech-document.js").SpeechDocument} document
   * @param {import("./log.js").LogHandlers} handlers
   */
  constructor(document, handlers) {
    this.document = document;
    this.handlers = handlers;
    this.number = element("span", { class: "number" }, String(document.number));
    this.text = new EntryText(document);
    this.status = element("span", { class: "status" });
    this.actions = element("span", { class: "actions" });
    this.problem = element("p", { class: "error-message", hidden: true });
    this.fold = element("button", { type: "button", class: "fold", tabindex: "-1" });
    this.fold.addEventListener("click", () => this.#toggle());
    this.node = element("li", { class: "entry", tabindex: "-1" },
      this.number, ...senderOf(document), ...(document.header ? [document.header] : []), this.text.node, this.actions, this.status, ...(this.text.isLong ? [this.fold] : []), this.problem);
    this.text.node.addEventListener("click", (event) => this.#jump(event));
    this.#showFold();
  }

  /**
   * Draws the state.
   * @param {boolean} isNext whether it is the first queued document
   * @param {boolean} isCurrent whether it is spoken now
   */
  update(isNext, isCurrent) {
    // Between two parts it is not queued.
    const state = isCurrent && this.document.state === "queued" && this.document.position > 0 ? "processing" : this.document.state;
    const { error } = this.document;
    const changed = this.node.dataset.state !== state;
    this.node.dataset.state = state;
    this.#setLanguage();
    setText(this.status, this.#statusText(state, isNext));
    setText(this.problem, error ? withReference(error) : "");
    this.problem.hidden = !error;
    if (!changed) return;
    const hadFocus = this.actions.contains(document.activeElement);
    this.#showActions(ACTIONS[state]);
    // The pressed button may be hidden now: keep the focus within this entry.
    if (hadFocus && !this.node.contains(document.activeElement)) this.node.focus();
    if (isCurrent) this.#foldText(false);
    if (this.document.ended || state === "queued") {
      this.text.clear();
      this.#word = "";
    }
  }

  /** Folds a long text that is not spoken any more. */
  rest() {
    if (!this.#unfolded) this.#foldText(true);
  }

  /** Returns the part that should be in view. */
  get spot() {
    return this.text.mark ?? this.number;
  }

  /**
   * Marks the spoken word.
   * @param {import("../speech/utterance.js").Utterance} part
   * @param {number} sample the audible sample
   * @returns {boolean} whether it is another word
   */
  paint(part, sample) {
    const index = part.words.at(sample);
    const word = `${part.offset} ${index}`;
    if (word === this.#word) return false;
    this.#word = word;
    const timing = part.words.get(index);
    if (!timing) return false;
    this.document.position = part.offset + timing[0];
    this.text.highlight(this.document.position, part.offset + timing[1]);
    return true;
  }

  /** Unfolds the text, scrolls to a character, and focuses the entry. @param {number} offset */
  reveal(offset) {
    if (this.text.folded) this.#toggle();
    this.node.focus({ preventScroll: true });
    this.text.node.children[this.text.structure.paragraphAt(offset)]?.scrollIntoView({ block: "center" });
  }

  /** @param {MouseEvent} event */
  #jump({ clientX, clientY }) {
    // A selection of text is no jump.
    if (this.text.folded || !getSelection()?.isCollapsed) return;
    const offset = this.text.offsetAt(clientX, clientY);
    if (offset !== null) this.handlers.jump(this.document, this.text.structure.sentenceAt(offset)[0]);
  }

  #toggle() {
    this.#unfolded = this.text.folded;
    this.#foldText(!this.#unfolded);
  }

  /** @param {boolean} folded */
  #foldText(folded) {
    this.text.fold(folded);
    this.#showFold();
  }

  #showFold() {
    const { length } = this.text.structure.paragraphs;
    setText(this.fold, this.text.folded ? `show all${length > 1 ? ` ${length} paragraphs` : ""}` : "show less");
    this.fold.setAttribute("aria-label", `${this.fold.textContent} of ${this.document.number}`);
    this.fold.setAttribute("aria-expanded", String(!this.text.folded));
  }

  /** A screen reader reads the text with a voice of its language; the voice that speaks it is known when it is sent. */
  #setLanguage() {
    const { node } = this.text;
    const language = this.handlers.languageOf(this.document);
    if (node.lang !== language) node.lang = language;
  }

  /** @param {UtteranceState} state @param {boolean} isNext */
  #statusText(state, isNext) {
    const { seconds, current: { place } } = this.document;
    if (place && (state === "queued" || state === "processing")) {
      return `place ${place.position} in line, about ${place.seconds} s`;
    }
    if (state === "queued") return isNext ? "next" : "queued";
    if (state === "processing") return "preparing";
    if (state === "done") return seconds < LONGEST_SECONDS ? `${seconds.toFixed(1)} s` : clock(seconds);
    return state;
  }

  /** @param {string[]} names */
  #showActions(names) {
    const buttons = names.map((name) => this.#button(name));
    // Remaining buttons are not recreated, so that a pressed button keeps the focus.
    for (const child of [...this.actions.children]) if (!buttons.some((button) => button === child)) child.remove();
    buttons.forEach((button, place) => {
      if (this.actions.children[place] !== button) this.actions.insertBefore(button, this.actions.children[place] ?? null);
    });
  }

  /** @param {string} name */
  #button(name) {
    let button = this.#buttons.get(name);
    if (!button) {
      // The arrow keys reach it; see entry/log-keys.js.
      button = element("button", { type: "button", tabindex: "-1", "aria-label": `${name} ${this.document.number}` }, name);
      if (name === "more") button.setAttribute("aria-haspopup", "dialog");
      button.addEventListener("click", () => this.handlers.act(name, this.document));
      this.#buttons.set(name, button);
    }
    return button;
  }
}

/** @param {import("../speech/speech-document.js").SpeechDocument} document */
function senderOf({ sender }) {
  return sender ? [element("span", { class: "sender", dir: "auto" }, sender)] : [];
}
