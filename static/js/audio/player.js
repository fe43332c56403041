import { Timeline } from "./timeline.js";
import { pcm16ToFloat32 } from "../protocol.js";

/** How far ahead sound is scheduled: longer than a hidden tab's timers are apart. */
const AHEAD_S = 4;
const FADE_S = 0.008;
const TICKS_UNTIL_BLOCKED = 2;
const LONGEST_LATENCY_S = 0.5;

/** @returns {AudioContext} at the voice's own rate, for resampling chunk by chunk would click at every seam */
function audioContext(sampleRate) {
  const Context = window.AudioContext ?? window.webkitAudioContext;
  try {
    return new Context({ sampleRate, latencyHint: "interactive" });
  } catch {
    return new Context();
  }
}

/**
 * Plays the utterances of `items`, in order and without a gap. It never changes `items` nor a state: it tells what it
 * hears through its handlers, from within `tick`.
 */
export class Player {
  /** @type {AudioContext | null} */
  context = null;
  /** @type {GainNode | null} the last node before the speakers */
  output = null;
  blocked = false;
  #paused = false;
  #rate = 0;
  #timeline = null;
  #gain = null;
  #sources = new Map();
  #silentTicks = 0;

  /**
   * @param {import("../speech/utterance.js").Utterance[]} items
   * @param {{onEnd: Function, onBlocked: Function}} handlers
   */
  constructor(items, handlers, createContext = audioContext) {
    Object.assign(this, { items, handlers, createContext });
  }

  /** Within a gesture: the only moment at which every browser lets sound begin. */
  unlock(rate) {
    if (rate && rate !== this.#rate && !this.items.length) this.#open(rate);
    this.#run();
  }

  pause() {
    this.#paused = true;
    this.context?.suspend();
  }

  resume() {
    this.#paused = false;
    this.#run();
  }

  /** Schedule what has arrived. */
  feed() {
    for (const utterance of this.items) {
      if (!this.#fits(utterance.rate)) return;
      let samples = utterance.pcm.read(utterance.cursor);
      while (samples && this.#timeline.ahead(this.context.currentTime) < AHEAD_S) {
        this.#schedule(utterance, samples);
        samples = utterance.pcm.read(utterance.cursor);
      }
      if (!this.#scheduledWhole(utterance)) return;
    }
  }

  /** Keep up with the clock: several times a second while `items` holds anything. */
  tick() {
    this.#pass();
    this.feed();
    while (this.items.length && this.#scheduledWhole(this.items[0]) && !this.holds(this.items[0])) {
      this.handlers.onEnd(this.items[0]);
    }
    this.#watch();
  }

  /** Whether any of it is scheduled and has not sounded. */
  holds(utterance) {
    return Boolean(this.#timeline?.pieces.some(({ owner }) => owner === utterance));
  }

  /** @returns {{owner: object, sample: number} | null} what sounds now */
  sounding() {
    return this.#timeline?.at(this.context.currentTime) ?? null;
  }

  /** What is heard now, or next: what sounded a moment ago, for the sound still has to reach the ear. */
  heard() {
    if (!this.#timeline) return null;
    const latency = this.context.outputLatency || this.context.baseLatency || 0;
    const [next] = this.#timeline.pieces;
    return this.#timeline.at(this.context.currentTime - Math.min(latency, LONGEST_LATENCY_S))
      ?? (next ? { owner: next.owner, sample: next.from } : null);
  }

  /** Silence, within milliseconds and without a click. Cursors go back to what was not heard. */
  cut() {
    if (!this.#timeline) return;
    this.#pass();
    const now = this.context.currentTime;
    const sounding = this.#timeline.at(now);
    this.#takeBack(() => true);
    if (sounding) sounding.owner.cursor = sounding.sample;
    this.#timeline = new Timeline(this.#rate);
    this.#fade(now);
  }

  /** Take back what is scheduled behind the first utterance: something else comes next. */
  trim() {
    this.#pass();
    for (const piece of this.#takeBack(({ owner }) => owner !== this.items[0])) {
      this.#sources.get(piece).stop();
      this.#sources.delete(piece);
    }
  }

  #takeBack(which) {
    const pieces = this.#timeline?.pieces ?? [];
    const taken = [];
    while (pieces.length && which(pieces.at(-1))) {
      const piece = this.#timeline.pop();
      piece.owner.cursor = piece.from;
      taken.push(piece);
    }
    return taken;
  }

  #fade(now) {
    const running = this.context.state === "running";
    if (running) {
      this.#gain.gain.setValueAtTime(1, now);
      this.#gain.gain.linearRampToValueAtTime(0, now + FADE_S);
    } else {
      // A suspended clock would sound the ramp later, when it goes on.
      this.#gain.disconnect();
    }
    for (const source of this.#sources.values()) source.stop(running ? now + 2 * FADE_S : 0);
    this.#sources.clear();
    this.#connectGain();
  }

  #schedule(utterance, samples) {
    const { context } = this;
    const buffer = context.createBuffer(1, samples.length, utterance.rate);
    pcm16ToFloat32(samples, buffer.getChannelData(0));
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.#gain);
    const { when, piece } = this.#timeline.place(utterance, utterance.cursor, samples.length, context.currentTime);
    source.start(when);
    this.#sources.set(piece, source);
    utterance.cursor += samples.length;
  }

  #scheduledWhole(utterance) {
    return utterance.received && utterance.cursor >= utterance.pcm.end;
  }

  #pass() {
    for (const piece of this.#timeline?.pass(this.context.currentTime) ?? []) this.#sources.delete(piece);
  }

  #fits(rate) {
    if (!rate) return false;
    if (rate === this.#rate) return true;
    this.#pass();
    if (this.#timeline?.pieces.length) return false;
    this.#open(rate);
    return true;
  }

  #open(rate) {
    this.context?.close();
    this.#rate = rate;
    this.context = this.createContext(rate);
    this.output = this.context.createGain();
    this.output.connect(this.context.destination);
    this.#timeline = new Timeline(rate);
    this.#sources.clear();
    this.#connectGain();
    this.#run();
  }

  #connectGain() {
    this.#gain = this.context.createGain();
    this.#gain.connect(this.output);
  }

  /** Not awaited: without sound hardware some browsers never settle it. `interrupted` is a state of iOS. */
  #run() {
    if (this.context && !this.#paused && this.context.state !== "running") this.context.resume()?.catch(() => {});
  }

  #watch() {
    const silent = !this.#paused && this.#timeline?.pieces.length && this.context.state !== "running";
    this.#silentTicks = silent ? this.#silentTicks + 1 : 0;
    const blocked = this.#silentTicks >= TICKS_UNTIL_BLOCKED;
    if (blocked === this.blocked) return;
    this.blocked = blocked;
    this.handlers.onBlocked(blocked);
  }
}
