import { element, setText } from "./dom.js";

/** @type {Record<string, number>} */
const STEPS_S = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -5, PageUp: 5 };

/** Shows the position within the current utterance; keys and dragging change it. */
export class SeekBar {
  #sample = 0;
  #total = 1;
  #rate = 1;
  #second = -1;
  /**
   * The position of the drag, which is not the playback position yet.
   * @type {number | null}
   */
  #dragged = null;

  /** @param {(sample: number) => void} onSeek */
  constructor(onSeek) {
    this.onSeek = onSeek;
    this.track = element("div", {
      class: "track", role: "slider", tabindex: "0", "aria-label": "Position", "aria-valuemin": "0",
    }, element("span", { class: "received" }), element("span", { class: "played" }), element("span", { class: "thumb" }));
    this.time = element("span", { class: "time" });
    this.node = element("div", { class: "seek-bar" }, this.track, this.time);
    this.track.addEventListener("keydown", (event) => this.#key(event));
    this.track.addEventListener("pointerdown", (event) => this.#grab(event));
    this.track.addEventListener("pointermove", (event) => this.#drag(event));
    this.track.addEventListener("pointerup", () => this.#drop());
    this.track.addEventListener("pointercancel", () => this.#letGo());
  }

  /**
   * Shows a position. Called for every frame, so it changes only properties that differ.
   * @param {number} sample
   * @param {import("../speech/utterance.js").Utterance} utterance
   */
  show(sample, utterance) {
    this.#sample = sample;
    this.#total = Math.max(1, utterance.total);
    this.#rate = utterance.rate || 1;
    const shown = Math.min(this.#dragged ?? sample, this.#total);
    this.track.style.setProperty("--played", (shown / this.#total).toFixed(4));
    this.track.style.setProperty("--received", Math.min(1, utterance.pcm.end / this.#total).toFixed(3));
    const total = (this.#total / this.#rate).toFixed(1);
    const known = `${(shown / this.#rate).toFixed(1)} / ${utterance.exact ? "" : "~"}${total} s`;
    setText(this.time, utterance.total ? known : "");
    this.#describe(Math.round(shown / this.#rate), total);
  }

  /** @param {number} second @param {string} total in seconds */
  #describe(second, total) {
    if (second === this.#second) return;
    this.#second = second;
    this.track.setAttribute("aria-valuemax", String(Math.ceil(Number(total))));
    this.track.setAttribute("aria-valuenow", String(second));
    this.track.setAttribute("aria-valuetext", `${second} of ${total} seconds`);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    /** @type {Record<string, number>} */
    const ends = { Home: 0, End: this.#total - this.#rate / 2 };
    const step = STEPS_S[event.key];
    if (step === undefined && !(event.key in ends)) return;
    event.preventDefault();
    this.onSeek(step === undefined ? ends[event.key] : this.#sample + step * this.#rate);
  }

  /** @param {PointerEvent} event */
  #grab(event) {
    if (event.button !== 0) return;
    this.track.setPointerCapture(event.pointerId);
    this.#dragged = this.#sampleAt(event);
  }

  /** @param {PointerEvent} event */
  #drag(event) {
    if (this.#dragged !== null) this.#dragged = this.#sampleAt(event);
  }

  #drop() {
    const sample = this.#dragged;
    this.#letGo();
    if (sample !== null) this.onSeek(sample);
  }

  #letGo() {
    this.#dragged = null;
  }

  /** @param {PointerEvent} event */
  #sampleAt(event) {
    const { left, width } = this.track.getBoundingClientRect();
    const share = Math.max(0, Math.min(1, (event.clientX - left) / width));
    return Math.round(share * this.#total);
  }
}
