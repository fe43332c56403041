import { splitRanges, normalized } from "./split-text.js";
import { Utterance } from "./utterance.js";

/** How many characters a second are spoken at speed 1, until the document's own pace is known. */
const CHARACTERS_PER_S = 15;

/** A text that the user submitted: one entry of the log, spoken in one or several utterances, its parts. */
export class SpeechDocument {
  /** The parts, in the order of the text. @type {Utterance[]} */
  parts;
  /** The character that was spoken last. */
  position = 0;
  /** The program that sent it; empty: the user. */
  sender = "";
  /** Its headings, if it was a file. @type {OutlineEntry[]} */
  outline = [];
  /** What the log shows above its text, if it was a file. @type {HTMLElement | null} */
  header = null;
  /** Its paragraphs and sentences, once it is shown. @type {import("./text-structure.js").TextStructure | null} */
  structure = null;

  /**
   * @param {number} number in the log
   * @param {string} text
   * @param {VoiceSettings | null} settings null: the voice selected when it is sent
   * @param {number} limit the longest part, in characters
   */
  constructor(number, text, settings, limit = Infinity) {
    this.number = number;
    this.text = normalized(text);
    const ranges = splitRanges(this.text, limit);
    // The parts of a long text use the voice selected when each part is sent.
    this.parts = (ranges.length ? ranges : [[0, 0]]).map(([start, end]) =>
      new Utterance(this, this.text.slice(start, end), ranges.length > 1 ? null : settings, start));
  }

  /** Returns the part that is spoken or comes next; the last one if all have ended. */
  get current() {
    return this.parts.find(({ ended }) => !ended) ?? this.parts[this.parts.length - 1];
  }

  /** Returns the state of the whole. @returns {UtteranceState} */
  get state() {
    const { current, parts } = this;
    if (!current.ended) return current.state;
    if (parts.some(({ state }) => state === "error")) return "error";
    return parts[parts.length - 1].state;
  }

  /** Returns whether it was spoken, stopped, or failed. */
  get ended() {
    return this.current.ended;
  }

  /** Returns why a part failed, or null. */
  get error() {
    return this.parts.find(({ error }) => error)?.error ?? null;
  }

  /** Returns its length in seconds, partly an estimate unless all parts are known. */
  get seconds() {
    return this.secondsBefore(this.parts.length);
  }

  /** Returns whether its length is exact. */
  get exact() {
    return this.parts.every(({ exact }) => exact);
  }

  /** Returns the length of the first `count` parts in seconds. @param {number} count */
  secondsBefore(count) {
    const pace = this.#pace();
    return this.parts.slice(0, count).reduce((sum, part) => sum + length(part, pace), 0);
  }

  /** Returns the playback position in seconds. @param {Utterance} part @param {number} sample */
  secondsAt(part, sample) {
    return this.secondsBefore(this.parts.indexOf(part)) + (part.rate ? sample / part.rate : 0);
  }

  /**
   * Returns what is spoken at a position: a sample of a part whose length is known, or a character of another part.
   * @param {number} seconds
   * @returns {{part: Utterance, sample: number | null, offset: number}}
   */
  at(seconds) {
    const pace = this.#pace();
    let left = Math.max(0, seconds);
    let [part] = this.parts;
    for (part of this.parts) {
      const long = length(part, pace);
      if (left < long) break;
      left -= part === this.parts.at(-1) ? 0 : long;
    }
    const share = Math.min(1, left / (length(part, pace) || 1));
    const offset = part.offset + Math.floor(share * part.text.length);
    return { part, sample: part.total ? Math.round(left * part.rate) : null, offset };
  }

  /**
   * Returns the part and the sample at which the character is spoken. A part whose timing is not known there is split, so
   * that the character begins a part.
   * @param {number} offset
   * @returns {{part: Utterance, sample: number}}
   */
  locate(offset) {
    const place = Math.max(0, this.parts.filter((candidate) => candidate.offset <= offset).length - 1);
    const part = this.parts[place];
    const local = offset - part.offset;
    const word = part.words.covering(local);
    if (local <= 0 || part.text.slice(0, local).trim() === "") return { part, sample: 0 };
    if (word) return { part, sample: word[2] };
    return { part: this.#split(place, local), sample: 0 };
  }

  /** @param {number} place @param {number} local */
  #split(place, local) {
    const { text, settings, follows, offset } = this.parts[place];
    const pieces = [[0, local], [local, text.length]].map(([start, end]) => {
      const piece = new Utterance(this, text.slice(start, end), settings, offset + start);
      piece.follows = follows || this.parts.length > 1;
      return piece;
    });
    pieces[0].move("stopped");
    this.parts.splice(place, 1, ...pieces);
    return pieces[1];
  }

  /** Returns the seconds per character at speed 1. */
  #pace() {
    let [seconds, characters] = [0, 0];
    for (const part of this.parts) {
      if (!part.total) continue;
      seconds += part.seconds * (part.settings?.speed ?? 1);
      characters += part.text.length;
    }
    return characters ? seconds / characters : 1 / CHARACTERS_PER_S;
  }
}

/** @param {Utterance} part @param {number} pace seconds per character at speed 1 */
function length(part, pace) {
  return part.seconds || (part.text.length * pace) / (part.settings?.speed ?? 1);
}
