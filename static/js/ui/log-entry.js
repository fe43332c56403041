import { withReference } from "../correlation.js";
import { element, query, setText } from "./dom.js";
import { SeekBar } from "./seek-bar.js";

/** @type {Record<UtteranceState, string[]>} */
const ACTIONS = {
  queued: ["remove"],
  processing: ["pause", "stop"],
  speaking: ["pause", "stop"],
  paused: ["pause", "stop"],
  done: ["again", "copy", "save"],
  stopped: ["again", "copy", "save"],
  error: ["edit", "again"],
};
/** @type {UtteranceState[]} */
const WITH_BAR = ["speaking", "paused", "processing"];

/** Draws one utterance of the log. */
export class LogEntry {
  /** @type {Map<string, HTMLButtonElement>} */
  #buttons = new Map();
  /** @type {SeekBar | null} */
  #seekBar = null;
  /** @type {number | null} */
  #word = null;

  /**
   * @param {import("../speech/utterance.js").Utterance} utterance
   * @param {import("./log.js").LogHandlers} handlers
   */
  constructor(utterance, handlers) {
    this.utterance = utterance;
    this.handlers = handlers;
    this.number = element("span", { class: "number" }, String(utterance.number));
    this.before = element("span", { class: "spoken" });
    this.mark = element("mark");
    this.after = element("span", { class: "unspoken" }, utterance.text);
    this.status = element("span", { class: "status" });
    this.actions = element("span", { class: "actions" });
    this.problem = element("p", { class: "error-message", hidden: true });
    this.node = element("li", { class: "entry" },
      this.number,
      element("p", { class: "text", dir: "auto" }, ...senderOf(utterance), this.before, this.mark, this.after),
      this.actions, this.status, this.problem);
  }

  /** Draws the state. @param {boolean} isNext whether it is the first queued utterance */
  update(isNext) {
    const { state, error } = this.utterance;
    const changed = this.node.dataset.state !== state;
    this.node.dataset.state = state;
    setText(this.status, this.#statusText(isNext));
    if (!changed) return;
    setText(this.problem, error ? withReference(error) : "");
    this.problem.hidden = !error;
    const hadFocus = this.node.contains(document.activeElement);
    this.#showBar(WITH_BAR.includes(state));
    this.#showActions(ACTIONS[state]);
    // The pressed button may be hidden now: keep the focus within this entry.
    if (hadFocus && !this.node.contains(document.activeElement)) query(this.actions, "button").focus();
    if (this.utterance.ended) this.#highlight(this.utterance.text.length, this.utterance.text.length);
    if (state === "queued") this.#highlight(0, 0);
  }

  /** Returns the part that should be in view. */
  get spot() {
    return this.mark.textContent ? this.mark : this.number;
  }

  /** Highlights the spoken word. @param {number} sample the audible sample @returns {boolean} whether it is another word */
  paint(sample) {
    this.#seekBar?.show(sample, this.utterance);
    const { words } = this.utterance;
    const index = words.at(sample);
    if (index === this.#word) return false;
    const [start, end] = words.get(index) ?? [0, 0];
    this.#highlight(start, end);
    this.#word = index;
    return true;
  }

  /** @param {boolean} isNext */
  #statusText(isNext) {
    const { state, seconds, place } = this.utterance;
    if (place && (state === "queued" || state === "processing")) {
      return `place ${place.position} in line, about ${place.seconds} s`;
    }
    if (state === "queued") return isNext ? "next" : "queued";
    if (state === "done") return `${seconds.toFixed(1)} s`;
    return state;
  }

  /** @param {number} start @param {number} end */
  #highlight(start, end) {
    const { text } = this.utterance;
    this.#word = null;
    setText(this.before, text.slice(0, start));
    setText(this.mark, text.slice(start, end));
    setText(this.after, text.slice(end));
  }

  /** @param {boolean} visible */
  #showBar(visible) {
    if (visible && !this.#seekBar) {
      this.#seekBar = new SeekBar((sample) => this.handlers.seek(sample));
      this.#seekBar.show(this.utterance.cursor, this.utterance);
      this.status.after(this.#seekBar.node);
    } else if (!visible && this.#seekBar) {
      this.#seekBar.node.remove();
      this.#seekBar = null;
    }
  }

  /** @param {string[]} names */
  #showActions(names) {
    const buttons = names.map((name) => this.#button(name));
    // Remaining buttons are not recreated, so that a pressed button keeps the focus.
    for (const child of [...this.actions.children]) if (!buttons.some((button) => button === child)) child.remove();
    buttons.forEach((button, place) => {
      if (this.actions.children[place] !== button) this.actions.insertBefore(button, this.actions.children[place] ?? null);
    });
    const pause = this.#buttons.get("pause");
    if (pause) this.#name(pause, this.utterance.state === "paused" ? "resume" : "pause");
  }

  /** @param {string} name */
  #button(name) {
    let button = this.#buttons.get(name);
    if (!button) {
      button = element("button", { type: "button" });
      this.#name(button, name);
      button.addEventListener("click", () => this.handlers.act(name, this.utterance));
      this.#buttons.set(name, button);
    }
    return button;
  }

  /** @param {HTMLButtonElement} button @param {string} name */
  #name(button, name) {
    setText(button, name);
    button.setAttribute("aria-label", `${name} ${this.utterance.number}`);
  }
}

/** @param {import("../speech/utterance.js").Utterance} utterance */
function senderOf({ sender }) {
  return sender ? [element("span", { class: "sender" }, `${sender}: `)] : [];
}
