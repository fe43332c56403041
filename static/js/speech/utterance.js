import { PcmBuffer } from "../audio/pcm-buffer.js";
import { WordTimings } from "./word-timings.js";

/** Every state with the states it may go to. */
export const TRANSITIONS = Object.freeze({
  queued: ["processing", "speaking", "paused", "done", "stopped", "error"],
  processing: ["queued", "speaking", "paused", "done", "stopped", "error"],
  speaking: ["queued", "processing", "paused", "done", "stopped", "error"],
  paused: ["queued", "processing", "speaking", "done", "stopped", "error"],
  done: ["queued"],
  stopped: ["queued"],
  error: ["queued"],
});

const ENDED = ["done", "stopped", "error"];

/** One text on its way to being heard. */
export class Utterance {
  state = "queued";
  /** The number it goes by on the wire, or null while the server does not know it. */
  wireId = null;
  /** Whether the server still owes something for `wireId`. */
  awaitingServer = false;
  attempts = 0;
  /** @type {{voice: string, speaker: string | null, speed: number} | null} null: what is chosen when it is sent */
  settings = null;
  rate = 0;
  pcm = new PcmBuffer();
  words = new WordTimings();
  /** Its whole length in samples; an estimate until `exact`. */
  total = 0;
  exact = false;
  /** The next sample to be scheduled. */
  cursor = 0;
  /** @type {{code: string, message: string} | null} */
  error = null;

  constructor(number, text, settings = null) {
    this.number = number;
    this.text = text;
    this.settings = settings;
  }

  get ended() {
    return ENDED.includes(this.state);
  }

  /** Whether every sample from the first one here to the last is here. */
  get received() {
    return this.exact && this.pcm.end >= this.total;
  }

  get complete() {
    return this.received && this.pcm.first === 0;
  }

  get seconds() {
    return this.rate ? this.total / this.rate : 0;
  }

  /** The one place where a state changes. @returns {boolean} whether it did */
  move(state) {
    if (state === this.state) return false;
    if (!TRANSITIONS[this.state].includes(state)) throw new RangeError(`${this.state} cannot become ${state}`);
    this.state = state;
    return true;
  }

  /** Take in what the server tells of it. */
  applyMessage(message) {
    const { type, sample_rate: rate, words, total, samples } = message;
    if (type === "speech.started" && isCount(rate)) this.rate = rate || this.rate;
    if (type === "speech.done" && isCount(samples)) Object.assign(this, { total: samples, exact: true });
    if (type !== "speech.words") return;
    this.words.merge(words);
    if (isCount(total) && !this.exact) Object.assign(this, { total, exact: message.exact === true });
  }

  /** From the start again: the samples are used if all of them are here, and asked for anew if not. */
  restart() {
    if (!this.complete) this.pcm.clear();
    this.cursor = 0;
    this.error = null;
    this.attempts = 0;
    this.move("queued");
  }
}

function isCount(value) {
  return Number.isSafeInteger(value) && value >= 0;
}
