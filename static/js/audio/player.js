import { Timeline } from "./timeline.js";
import { pcm16ToFloat32 } from "../protocol.js";

/**
 * @typedef {import("../speech/utterance.js").Utterance} Utterance
 * @typedef {{onEnd: (utterance: Utterance) => void, onBlocked: (blocked: boolean) => void}} PlayerHandlers
 */

/** How far ahead audio is scheduled: longer than the timer interval of a hidden tab. */
const AHEAD_S = 4;
const FADE_S = 0.008;
/** A context needs some time to resume: until then it is not blocked. */
const BLOCKED_S = 0.7;
/** After an underrun playback waits for this much audio, or for as much as the connection's rate needs. */
const LEAST_BUFFER_S = 0.5;
const MOST_BUFFER_S = 4;
const LONGEST_LATENCY_S = 0.5;
/** How often the player tries to resume a context that the system has interrupted (a call on iOS), in seconds. */
const RETRY_S = 0.25;
/** The player replaces a running context whose clock has stood still for this long, in seconds. */
const FROZEN_S = 0.7;
/** A longer time between two checks counts as this many seconds: the page was busy, and the audio thread may have been, too. */
const LONGEST_INTERVAL_S = 0.3;
/** Replacements until the clock moves again: a context that the browser blocks is not replaced forever. */
const MOST_REPLACED = 3;

/**
 * Creates a context at the voice's own rate, for resampling chunk by chunk would click at every seam.
 * @param {number} sampleRate
 * @returns {AudioContext}
 */
function audioContext(sampleRate) {
  const Context = window.AudioContext ?? /** @type {any} */ (window).webkitAudioContext;
  try {
    return new Context({ sampleRate, latencyHint: "interactive" });
  } catch {
    return new Context();
  }
}

/**
 * Plays the utterances of `items`, in order and without a gap. It changes neither `items` nor a state, but calls its
 * handlers from within `tick`.
 */
export class Player {
  /** @type {AudioContext | null} */
  context = null;
  /** @type {GainNode | null} the last node before the speakers */
  output = null;
  /** Seconds that the server sends ahead of playback. */
  ahead = 2 * MOST_BUFFER_S;
  /** Whether the browser blocks audio until a user gesture (autoplay policy). */
  blocked = false;
  /** Silence before speech that follows a pause of the queue, in seconds: some devices swallow the first sounds. */
  leadSilence = 0;
  #volume = 1;
  /** Whether nothing was scheduled since the queue was empty. */
  #idle = true;
  /** The context's clock at the last check, how long it has stood still, when the player checked and resumed last, and its replacements. */
  #clock = { time: -1, stands: 0, seen: 0, retried: 0, replaced: 0 };
  /** Whether the context refused to resume. */
  #refused = false;
  #paused = false;
  #rate = 0;
  /** @type {Timeline | null} */
  #timeline = null;
  /** @type {GainNode | null} */
  #gain = null;
  /** @type {Map<Piece<Utterance>, AudioBufferSourceNode>} */
  #sources = new Map();
  /** @type {number | null} */
  #silentSince = null;
  /** The utterance that was scheduled last. @type {Utterance | null} */
  #scheduled = null;
  /** Since when, and after which sample, playback waits for more audio. @type {{time: number, end: number} | null} */
  #underrun = null;

  /**
   * @param {Utterance[]} items
   * @param {PlayerHandlers} handlers
   * @param {(sampleRate: number) => AudioContext} createContext
   * @param {() => number} now returns the time in seconds
   */
  constructor(items, handlers, createContext = audioContext, now = () => performance.now() / 1000) {
    this.items = items;
    this.handlers = handlers;
    this.createContext = createContext;
    this.now = now;
  }

  /**
   * Starts the audio context. Call it within a user gesture, when every browser allows audio.
   * @param {number} rate samples per second; 0: not known yet
   */
  unlock(rate) {
    if (rate && rate !== this.#rate && !this.items.length) this.#open(rate);
    this.#run();
  }

  /** Returns the volume, from 0 to 1. */
  get volume() {
    return this.#volume;
  }

  set volume(volume) {
    this.#volume = volume;
    if (this.output) this.output.gain.value = volume;
  }

  /** Suspends the audio context. */
  pause() {
    this.#paused = true;
    this.context?.suspend();
  }

  /** Resumes the audio context. */
  resume() {
    this.#paused = false;
    this.#silentSince = null;
    this.#run();
  }

  /** Schedules the received samples. */
  feed() {
    for (const utterance of this.items) {
      const output = this.#outputFor(utterance.rate);
      if (!output) return;
      if (this.#buffers(utterance, output.timeline)) return;
      let samples = utterance.pcm.read(utterance.cursor);
      while (samples && output.timeline.ahead(output.context.currentTime) < AHEAD_S) {
        this.#schedule(utterance, samples, output);
        samples = utterance.pcm.read(utterance.cursor);
      }
      if (!this.#scheduledWhole(utterance)) return;
    }
  }

  /** Updates the state from the clock. Call it several times a second while `items` is not empty. */
  tick() {
    this.#pass();
    this.feed();
    while (this.items.length && this.#scheduledWhole(this.items[0]) && !this.holds(this.items[0])) {
      this.handlers.onEnd(this.items[0]);
    }
    this.#idle ||= !this.items.length;
    this.#watch();
  }

  /** Returns whether samples of an utterance are scheduled and not played yet. @param {Utterance} utterance */
  holds(utterance) {
    return Boolean(this.#timeline?.pieces.some(({ owner }) => owner === utterance));
  }

  /** Returns the utterance and sample that plays now, or null. */
  sounding() {
    return this.#timeline?.at(this.#now) ?? null;
  }

  /** Returns the utterance and sample that is audible now, or next: output latency delays it. */
  heard() {
    if (!this.#timeline || !this.context) return null;
    const latency = this.context.outputLatency || this.context.baseLatency || 0;
    const [next] = this.#timeline.pieces;
    return this.#timeline.at(this.context.currentTime - Math.min(latency, LONGEST_LATENCY_S))
      ?? (next ? { owner: next.owner, sample: next.from } : null);
  }

  /** Stops playback within milliseconds and without a click. Cursors return to the first unplayed sample. */
  cut() {
    if (!this.#timeline) return;
    this.#pass();
    const now = this.#now;
    const sounding = this.#timeline.at(now);
    this.#takeBack(() => true);
    if (sounding) sounding.owner.cursor = sounding.sample;
    this.#timeline = new Timeline(this.#rate);
    this.#scheduled = null;
    this.#underrun = null;
    this.#fade(now);
  }

  /** Cancels the audio scheduled after the first utterance, because another utterance comes next. */
  trim() {
    this.#pass();
    for (const piece of this.#takeBack(({ owner }) => owner !== this.items[0])) {
      this.#sources.get(piece)?.stop();
      this.#sources.delete(piece);
    }
  }

  get #now() {
    return this.context?.currentTime ?? 0;
  }

  /** @param {(piece: Piece<Utterance>) => boolean} which */
  #takeBack(which) {
    /** @type {Piece<Utterance>[]} */
    const taken = [];
    for (let last = this.#timeline?.pieces.at(-1); last && which(last); last = this.#timeline?.pieces.at(-1)) {
      this.#timeline?.pop();
      last.owner.cursor = last.from;
      taken.push(last);
    }
    return taken;
  }

  /** @param {number} now */
  #fade(now) {
    const running = this.context?.state === "running";
    if (running) {
      this.#gain?.gain.setValueAtTime(1, now);
      this.#gain?.gain.linearRampToValueAtTime(0, now + FADE_S);
    } else {
      // On a suspended clock the ramp would play after the resume.
      this.#gain?.disconnect();
    }
    for (const source of this.#sources.values()) source.stop(running ? now + 2 * FADE_S : 0);
    this.#sources.clear();
    this.#connectGain();
  }

  /**
   * @param {Utterance} utterance
   * @param {Int16Array} samples
   * @param {{context: AudioContext, gain: GainNode, timeline: Timeline}} output
   */
  #schedule(utterance, samples, { context, gain, timeline }) {
    const buffer = context.createBuffer(1, samples.length, utterance.rate);
    pcm16ToFloat32(samples, buffer.getChannelData(0));
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(gain);
    const { when, piece } = timeline.place(utterance, utterance.cursor, samples.length, context.currentTime, this.#idle ? this.leadSilence : 0);
    this.#idle = false;
    source.start(when);
    this.#sources.set(piece, source);
    utterance.cursor += samples.length;
    this.#scheduled = utterance;
  }

  /**
   * Returns whether playback waits for more of the utterance: one pause instead of a gap after every chunk.
   * @param {Utterance} utterance
   * @param {Timeline} timeline
   */
  #buffers(utterance, timeline) {
    const { pcm, rate, cursor, received, total } = utterance;
    if (this.#scheduled === utterance && !received && timeline.ahead(this.#now) === 0) {
      this.#underrun ??= { time: this.now(), end: pcm.end };
    }
    if (!this.#underrun) return false;
    const { time, end } = this.#underrun;
    const arrival = (pcm.end - end) / (this.now() - time) || 0;
    const missing = Math.max(0, total - pcm.end);
    const needed = Math.max(LEAST_BUFFER_S, arrival ? missing / arrival - missing / rate : MOST_BUFFER_S);
    const waits = !received && (pcm.end - cursor) / rate < Math.min(needed, MOST_BUFFER_S, this.ahead / 2);
    if (!waits) this.#underrun = null;
    return waits;
  }

  /** @param {Utterance} utterance */
  #scheduledWhole(utterance) {
    return utterance.received && utterance.cursor >= utterance.pcm.end;
  }

  #pass() {
    for (const piece of this.#timeline?.pass(this.#now) ?? []) this.#sources.delete(piece);
  }

  /**
   * Returns the context of that sample rate, or null while audio of another rate still plays.
   * @param {number} rate
   */
  #outputFor(rate) {
    if (rate && rate !== this.#rate) {
      this.#pass();
      if (!this.#timeline?.pieces.length) this.#open(rate);
    }
    const { context } = this;
    if (!rate || rate !== this.#rate || !context || !this.#gain || !this.#timeline) return null;
    return { context, gain: this.#gain, timeline: this.#timeline };
  }

  /** @param {number} rate */
  #open(rate) {
    const { context } = this;
    if (context) context.onstatechange = null;
    // An interrupted context may refuse.
    Promise.resolve(context?.close()).catch(() => {});
    this.#rate = rate;
    this.context = this.createContext(rate);
    this.context.onstatechange = () => this.#watch();
    this.output = this.context.createGain();
    this.output.gain.value = this.#volume;
    this.output.connect(this.context.destination);
    this.#timeline = new Timeline(rate);
    this.#sources.clear();
    this.#connectGain();
    this.#run();
  }

  #connectGain() {
    if (!this.context || !this.output) return;
    this.#gain = this.context.createGain();
    this.#gain.connect(this.output);
  }

  /** Not awaited: without sound hardware some browsers never settle it. `interrupted` is a state of iOS. */
  #run() {
    if (this.context && !this.#paused && this.context.state !== "running") {
      this.context.resume()?.catch(() => { this.#refused = true; });
    }
  }

  /** Resumes a context that was interrupted, and replaces one whose clock stands still or that cannot be resumed. */
  #recover() {
    const { context } = this;
    if (!context || this.#paused || !this.#timeline?.pieces.length) {
      this.#clock.time = -1;
      return;
    }
    const now = this.now();
    const clock = this.#clock;
    if (context.currentTime !== clock.time) {
      // A new context begins at 0, which is no movement.
      const replaced = context.currentTime > 0 && clock.time >= 0 ? 0 : clock.replaced;
      this.#clock = { time: context.currentTime, stands: 0, seen: now, retried: now, replaced };
      return;
    }
    clock.stands += Math.min(now - clock.seen, LONGEST_INTERVAL_S);
    clock.seen = now;
    const running = context.state === "running";
    const broken = running ? clock.stands >= FROZEN_S : this.#refused && context.state === "suspended";
    if (broken && clock.replaced < MOST_REPLACED) this.#replace();
    else if (!running && now - clock.retried >= RETRY_S) {
      clock.retried = now;
      this.#run();
    }
  }

  #replace() {
    this.cut();
    this.#clock = { ...this.#clock, time: -1, replaced: this.#clock.replaced + 1 };
    this.#refused = false;
    this.#open(this.#rate);
    this.feed();
  }

  #watch() {
    this.#recover();
    const silent = !this.#paused && this.#timeline?.pieces.length && this.context?.state !== "running";
    this.#silentSince = silent ? this.#silentSince ?? this.now() : null;
    const blocked = this.#silentSince !== null && this.now() - this.#silentSince >= BLOCKED_S;
    if (blocked === this.blocked) return;
    this.blocked = blocked;
    this.handlers.onBlocked(blocked);
  }
}
