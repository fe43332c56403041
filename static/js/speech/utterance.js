import { PcmBuffer } from "../audio/pcm-buffer.js";
import { WordTimings } from "./word-timings.js";

/**
 * Every state with the states that may follow it.
 * @type {Readonly<Record<UtteranceState, UtteranceState[]>>}
 */
export const TRANSITIONS = Object.freeze({
  queued: ["processing", "speaking", "paused", "done", "stopped", "error"],
  processing: ["queued", "speaking", "paused", "done", "stopped", "error"],
  speaking: ["queued", "processing", "paused", "done", "stopped", "error"],
  paused: ["queued", "processing", "speaking", "done", "stopped", "error"],
  done: ["queued"],
  stopped: ["queued"],
  error: ["queued"],
});

/** @type {UtteranceState[]} */
const ENDED = ["done", "stopped", "error"];

/** Holds a part of a document with its state, its samples and its word timings. */
export class Utterance {
  /** @type {UtteranceState} */
  state = "queued";
  /**
   * The id on the connection, or null while the server does not know it.
   * @type {number | null}
   */
  wireId = null;
  /** Whether the server has not finished `wireId`. */
  awaitingServer = false;
  /** How often it was requested without success. */
  attempts = 0;
  /**
   * The voice; null: the voice selected when it is sent.
   * @type {VoiceSettings | null}
   */
  settings = null;
  /** Samples per second. */
  rate = 0;
  pcm = new PcmBuffer();
  words = new WordTimings();
  /** The server's proof that it was admitted, which a new connection sends with the request for the rest. @type {string | null} */
  resume = null;
  /**
   * The position in the server's queue, while the server has no capacity.
   * @type {{position: number, seconds: number} | null}
   */
  place = null;
  /** The total length in samples; an estimate until `exact`. */
  total = 0;
  exact = false;
  /** The next sample to be scheduled. */
  cursor = 0;
  /** @type {ServerError | null} */
  error = null;

  /**
   * @param {import("./speech-document.js").SpeechDocument} document which it is a part of
   * @param {string} text
   * @param {VoiceSettings | null} [settings]
   * @param {number} [offset] of its first character in the document
   */
  constructor(document, text, settings = null, offset = 0) {
    this.document = document;
    this.text = text;
    this.offset = offset;
    this.settings = settings;
    /** Whether its settings follow the selection until it is sent. */
    this.follows = settings === null;
  }

  /** Returns whether it was spoken, stopped, or failed. */
  get ended() {
    return ENDED.includes(this.state);
  }

  /** Returns whether every sample from the first stored one to the last has arrived. */
  get received() {
    return this.exact && this.pcm.end >= this.total;
  }

  /** Returns whether all samples are stored. */
  get complete() {
    return this.received && this.pcm.first === 0;
  }

  /** Returns its length in seconds. */
  get seconds() {
    return this.rate ? this.total / this.rate : 0;
  }

  /**
   * Changes the state. Throws `RangeError` if the transition is not allowed.
   * @param {UtteranceState} state
   * @returns {boolean} whether it is another state
   */
  move(state) {
    if (state === this.state) return false;
    if (!TRANSITIONS[this.state].includes(state)) throw new RangeError(`${this.state} cannot become ${state}`);
    this.state = state;
    return true;
  }

  /** Applies a message of the server about it. @param {SpeechMessage} message */
  applyMessage(message) {
    const waits = message.type === "speech.waiting" && isCount(message.position) && message.wait_s >= 0;
    this.place = waits ? { position: message.position, seconds: Math.ceil(message.wait_s) } : null;
    if (message.type === "speech.started") {
      if (isCount(message.sample_rate)) this.rate = message.sample_rate || this.rate;
      this.resume = typeof message.resume === "string" ? message.resume : null;
    }
    if (message.type === "speech.done") this.resume = null;
    if (message.type === "speech.done" && isCount(message.samples)) this.setLength(message.samples, true);
    if (message.type !== "speech.words") return;
    this.words.merge(message.words);
    if (isCount(message.total) && !this.exact) this.setLength(message.total, message.exact === true);
  }

  /** Sets the total length. @param {number} total in samples @param {boolean} exact false: an estimate */
  setLength(total, exact) {
    this.total = total;
    this.exact = exact;
  }

  /**
   * Changes the speed from a sample on: the spoken word and the rest are synthesized again.
   * @param {number} sample
   * @param {number} speed
   */
  changeSpeed(sample, speed) {
    if (!this.settings) return;
    const ratio = (this.settings.speed ?? 1) / speed;
    const word = this.words.get(this.words.at(sample));
    this.settings = { ...this.settings, speed };
    this.words.scale(ratio);
    this.setLength(Math.round(this.total * ratio), false);
    this.cursor = Math.round((word ? word[2] : sample) * ratio);
    this.pcm.clear(this.cursor);
  }

  /** Queues it again from a sample; one that follows the selection, with that speed. @param {number} sample @param {number | null} [speed] */
  restart(sample = 0, speed = null) {
    this.cursor = sample;
    if (this.follows && speed && this.settings && speed !== (this.settings.speed ?? 1)) this.changeSpeed(sample, speed);
    this.requeue();
  }

  /** Queues it again from its cursor. Samples that are not stored are requested. */
  requeue() {
    this.pcm.seek(this.cursor);
    this.error = null;
    this.resume = null;
    this.attempts = 0;
    this.move("queued");
  }
}

/** @param {unknown} value */
function isCount(value) {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
