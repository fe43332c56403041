import { element, setText } from "./dom.js";

/** @type {Record<string, number>} */
const STEPS_S = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -5, PageUp: 5 };
/** The End key moves to this many seconds before the end, so that there is something to hear. */
const BEFORE_END_S = 0.5;

/** Shows the position within a document; keys and dragging change it. */
export class SeekBar {
  #seconds = 0;
  #total = 1;
  #described = "";
  /**
   * The position of the drag, which is not the playback position yet.
   * @type {number | null}
   */
  #dragged = null;

  /** @param {(seconds: number) => void} onSeek */
  constructor(onSeek) {
    this.onSeek = onSeek;
    this.track = element("div", {
      class: "track", role: "slider", tabindex: "0", "aria-label": "Position", "aria-valuemin": "0",
    }, element("span", { class: "played" }), element("span", { class: "thumb" }));
    this.time = element("span", { class: "time" });
    this.track.addEventListener("keydown", (event) => this.#key(event));
    this.track.addEventListener("pointerdown", (event) => this.#grab(event));
    this.track.addEventListener("pointermove", (event) => this.#drag(event));
    this.track.addEventListener("pointerup", () => this.#drop());
    this.track.addEventListener("pointercancel", () => this.#letGo());
  }

  /**
   * Shows a position. Called for every frame, so it changes only properties that differ.
   * @param {number} seconds
   * @param {number} total in seconds
   * @param {boolean} exact whether `total` is exact
   */
  show(seconds, total, exact) {
    this.#seconds = seconds;
    this.#total = Math.max(0.1, total);
    const shown = Math.min(this.#dragged ?? seconds, this.#total);
    this.track.style.setProperty("--played", (shown / this.#total).toFixed(4));
    setText(this.time, total ? `${clock(shown)} \u00b7 ${exact ? "" : "~"}${clock(Math.max(0, total - shown))} left` : "");
    this.#describe(Math.round(shown));
  }

  /** @param {number} second */
  #describe(second) {
    const described = `${spoken(second)} of ${spoken(Math.round(this.#total))}`;
    if (described === this.#described) return;
    this.#described = described;
    this.track.setAttribute("aria-valuemax", String(Math.ceil(this.#total)));
    this.track.setAttribute("aria-valuenow", String(Math.min(second, Math.ceil(this.#total))));
    this.track.setAttribute("aria-valuetext", described);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    /** @type {Record<string, number>} */
    const ends = { Home: 0, End: Math.max(0, this.#total - BEFORE_END_S) };
    const step = STEPS_S[event.key];
    if (step === undefined && !(event.key in ends)) return;
    event.preventDefault();
    this.onSeek(step === undefined ? ends[event.key] : Math.max(0, this.#seconds + step));
  }

  /** @param {PointerEvent} event */
  #grab(event) {
    if (event.button !== 0) return;
    this.track.setPointerCapture(event.pointerId);
    this.#dragged = this.#secondsAt(event);
  }

  /** @param {PointerEvent} event */
  #drag(event) {
    if (this.#dragged !== null) this.#dragged = this.#secondsAt(event);
  }

  #drop() {
    const seconds = this.#dragged;
    this.#letGo();
    if (seconds !== null) this.onSeek(seconds);
  }

  #letGo() {
    this.#dragged = null;
  }

  /** @param {PointerEvent} event */
  #secondsAt(event) {
    const { left, width } = this.track.getBoundingClientRect();
    return Math.max(0, Math.min(1, (event.clientX - left) / width)) * this.#total;
  }
}

/** Returns a time as `1:02:03` or `2:03`. @param {number} seconds */
export function clock(seconds) {
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
  const two = (/** @type {number} */ count) => String(count).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** Returns a time in words for screen readers. @param {number} seconds */
export function spoken(seconds) {
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return [[hours, "hour"], [minutes, "minute"], [rest, "second"]]
    .filter(([count, unit]) => count || (unit === "second" && seconds < 1))
    .map(([count, unit]) => `${count} ${unit}${count === 1 ? "" : "s"}`).join(" ");
}
