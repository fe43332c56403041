import { InFlightUtterances } from "./in-flight.js";
import { ReplayCache } from "../audio/replay-cache.js";
import { SpeechDocument } from "./speech-document.js";

/** Utterances that are sent to the server at a time; the others wait here, so that a lost connection does not lose them. */
const MAX_IN_FLIGHT = 4;
const MAX_ATTEMPTS = 5;
/** How long the requests of later utterances wait after a seek: further seeks would cancel them. */
const SETTLE_MS = 1000;
/** Utterances after the first that are considered for a request: some may be received already. */
const REACH = 100;
const TRANSIENT = ["busy", "not_ready", "queue_full", "id_used"];

/** @typedef {import("./utterance.js").Utterance} Utterance */

/**
 * @typedef {{onChange: (utterance: Utterance) => void, onBlocked: (blocked: boolean) => void,
 *   onHold: (seconds: number, message: string) => void}} QueueHandlers
 */

/**
 * Speaks utterances in order: the first of `items` is the current utterance. The parts of a document are adjacent. The queue
 * outlives connections; the server has at most a few of its utterances, with wire ids that are used once.
 */
export class Queue {
  /** @type {Utterance[]} */
  items = [];
  /** The utterances that `stopAll` stopped last, until another text is queued. @type {Utterance[]} */
  stopped = [];
  paused = false;
  /** @type {SpeechDocument | null} */
  #last = null;
  #ready = false;
  #number = 0;
  /** @type {unknown} */
  #retryTimer = null;
  #seeks = 0;
  #settled = 0;

  /**
   * @param {object} parts
   * @param {Send} parts.send
   * @param {() => VoiceSettings} parts.settings returns the current selection
   * @param {(items: Utterance[], handlers: import("../audio/player.js").PlayerHandlers) => import("../audio/player.js").Player} parts.createPlayer
   * @param {QueueHandlers} parts.handlers
   * @param {number} [parts.spoken] the last number assigned in the log
   * @param {ReplayCache} [parts.replayCache]
   * @param {(work: () => void, ms: number) => unknown} [parts.later]
   */
  constructor({ send, settings, createPlayer, handlers, spoken = 0, replayCache = new ReplayCache(), later = setTimeout }) {
    this.send = send;
    this.settings = settings;
    this.handlers = handlers;
    this.replayCache = replayCache;
    /** @type {(work: () => void, ms: number) => unknown} */
    this.later = (work, ms) => later(work, ms);
    this.inFlight = new InFlightUtterances(send);
    this.#number = spoken;
    this.limits = { queue: MAX_IN_FLIGHT };
    this.player = createPlayer(this.items, { onEnd: (utterance) => this.#end(utterance), onBlocked: handlers.onBlocked });
  }

  /** Returns the document that is spoken, or null. */
  get document() {
    return this.items[0]?.document ?? null;
  }

  /** Returns the document that is spoken, or was spoken last, or null. */
  get latest() {
    return this.document ?? this.#last;
  }

  /** Returns the documents that have queued parts, in order. */
  get documents() {
    return [...new Set(this.items.map(({ document }) => document))];
  }

  /**
   * Creates a document.
   * @param {string} text
   * @param {number} [limit] the longest part, in characters
   * @param {VoiceSettings} [settings] the selection, if omitted
   */
  create(text, limit, settings = this.settings()) {
    this.#number += 1;
    return new SpeechDocument(this.#number, text, settings, limit);
  }

  /** Appends a document. @param {SpeechDocument} document @param {number} [place] among the documents */
  add(document, place = Infinity) {
    this.stopped = [];
    this.#insert(document.parts, place);
    this.#advance();
  }

  /** Speaks a document again, right after the current one. @param {SpeechDocument} document */
  again(document) {
    if (this.items.some((item) => item.document === document)) return;
    for (const part of document.parts) this.#restart(part);
    this.#insert(document.parts, 1);
    this.#advance();
  }

  /** Stops or removes a document. @param {SpeechDocument} document */
  stop(document) {
    if (document === this.document) this.#unpause();
    // The last part first: playback of the next document must not begin.
    for (const utterance of this.items.filter((item) => item.document === document).reverse()) {
      if (this.#remove(utterance)) this.#finish(utterance, "stopped");
    }
    this.#advance();
  }

  /** Moves a document in the queue. @param {SpeechDocument} document @param {number} place among the documents; 0 is the current one's */
  move(document, place) {
    const parts = this.items.filter((item) => item.document === document);
    if (document === this.document || place < 1 || !parts.length) return;
    this.player.trim();
    if (place > this.documents.indexOf(document)) this.inFlight.cancelAll(parts);
    this.items.splice(this.items.indexOf(parts[0]), parts.length);
    this.#insert(parts, place);
    this.#advance();
    this.#changed(parts[0]);
  }

  /**
   * Speaks a document from a character on, at once; documents that are queued follow.
   * @param {SpeechDocument} document
   * @param {number} offset
   */
  jump(document, offset) {
    const { part, sample } = document.locate(offset);
    document.position = offset;
    this.#speakFrom(part, sample);
  }

  /** Moves to a position of a document. @param {SpeechDocument} document @param {number} seconds */
  jumpToSeconds(document, seconds) {
    const { part, sample, offset } = document.at(seconds);
    if (sample === null) this.jump(document, document.structure?.sentenceAt(offset)[0] ?? offset);
    else if (part === this.items[0]) this.seek(sample);
    else this.#speakFrom(part, Math.min(sample, part.total - 1));
  }

  /** Stops the current utterance and removes all others. */
  stopAll() {
    const all = this.items.slice();
    if (!all.length) return;
    this.#last = all[0].document;
    this.player.cut();
    this.#unpause();
    this.items.length = 0;
    this.stopped = all;
    this.send("speech.cancel_all");
    for (const utterance of all) {
      this.inFlight.discard(utterance);
      this.#finish(utterance, "stopped");
    }
  }

  /** Continues the utterances that `stopAll` stopped, at their cursors. */
  continue() {
    const rest = this.stopped.filter(({ state }) => state === "stopped");
    this.stopped = [];
    this.items.push(...rest);
    for (const utterance of rest) this.#restart(utterance, utterance.cursor);
    this.#advance();
  }

  /** Applies the selection: its speed to the current utterance, all of it to the parts of a long text that have not begun. */
  applySettings() {
    const { player } = this;
    const [current, ...later] = this.items;
    const settings = this.settings();
    player.trim();
    for (const utterance of later.filter(({ follows, settings: its }) => follows && its)) {
      this.inFlight.cancel(utterance);
      utterance.pcm.clear();
      utterance.setLength(0, false);
      utterance.cursor = 0;
      utterance.settings = null;
    }
    if (current?.settings && settings.speed && settings.speed !== current.settings.speed) {
      player.cut();
      this.inFlight.cancel(current);
      current.changeSpeed(current.cursor, settings.speed);
      this.#settle();
    }
    this.#advance();
  }

  /**
   * Seeks to `sample` of the current utterance: immediately if that is stored; otherwise requests the rest from the server.
   * @param {number} sample
   */
  seek(sample) {
    const [current] = this.items;
    if (!current) return;
    this.player.cut();
    current.cursor = Math.max(0, Math.min(Math.round(sample), current.total - 1));
    if (!current.pcm.covers(current.cursor)) {
      this.inFlight.cancel(current);
      current.pcm.seek(current.cursor);
      this.#settle();
    }
    this.#advance();
  }

  /** Pauses the current utterance. */
  pause() {
    if (this.paused || !this.items.length) return;
    this.paused = true;
    this.player.pause();
    this.send("speech.pause");
    this.syncState();
  }

  /** Resumes after a pause. */
  resume() {
    this.#unpause();
    this.syncState();
  }

  /** Requests the utterances that the new session does not have. @param {Limits} limits */
  connected(limits) {
    this.limits = limits;
    this.player.ahead = limits.max_buffer_ahead_s ?? this.player.ahead;
    this.#ready = true;
    if (this.paused) this.send("speech.pause");
    this.#advance();
  }

  /** Suspends sending until the next session. */
  disconnected() {
    this.#ready = false;
    this.inFlight.unlinkAll();
    this.syncState();
  }

  /** Applies a message of the server; ignores messages about unknown utterances. @param {SpeechMessage} message */
  receive(message) {
    const utterance = this.inFlight.find(message.id ?? 0);
    if (!utterance) return;
    utterance.applyMessage(message);
    if (message.type === "speech.done") this.#done(utterance);
    if (message.type === "speech.cancelled") this.#cancelled(utterance);
    if (message.type === "error") this.#fail(utterance, message);
    this.#advance();
    this.#changed(utterance);
  }

  /** Stores and schedules samples that arrived. @param {AudioFrame} frame */
  audio({ id, index, samples }) {
    const utterance = this.inFlight.find(id);
    if (!utterance?.rate) return;
    if (utterance.pcm.append(index, samples)) {
      utterance.attempts = 0;
      // It reached samples that are stored already.
      if (utterance.pcm.end > index + samples.length) this.#resend(utterance);
    } else if (index > utterance.pcm.end) this.#retry(utterance);
    this.player.feed();
    this.syncState();
  }

  /** Updates the state from the player. Call it at least once a second while `items` is not empty. */
  follow() {
    this.player.tick();
    this.syncState();
  }

  /** Reports the playback position to the server. Call it about four times a second. */
  report() {
    const sounding = this.player.sounding();
    if (sounding) this.inFlight.report(sounding.owner, sounding.sample);
  }

  /** Derives the current utterance's state from the player and the connection. */
  syncState() {
    const [current] = this.items;
    if (!current) return;
    const state = this.#stateOf(current);
    if (current.move(state)) this.#changed(current);
  }

  /** @param {Utterance} current @returns {UtteranceState} */
  #stateOf(current) {
    if (this.paused) return "paused";
    if (this.player.sounding()?.owner === current) return "speaking";
    // Between two buffers, as during a seek, it stays "speaking" while its audio is scheduled.
    if (["speaking", "paused"].includes(current.state) && this.player.holds(current)) return "speaking";
    return current.awaitingServer || current.received || current.pcm.end ? "processing" : "queued";
  }

  /** @param {Utterance} utterance */
  #resend(utterance) {
    this.inFlight.cancel(utterance);
    this.#sendNext();
  }

  /** @param {Utterance} utterance @param {number} [sample] */
  #restart(utterance, sample = 0) {
    this.replayCache.remove(utterance);
    utterance.restart(sample, this.settings().speed);
    this.#changed(utterance);
  }

  /** @param {Utterance[]} parts @param {number} place among the documents */
  #insert(parts, place) {
    const next = this.documents[place];
    const at = next ? this.items.findIndex(({ document }) => document === next) : this.items.length;
    if (next) {
      this.player.trim();
      // The server would send them in the order in which they were requested.
      this.inFlight.cancelAll(this.items.slice(at));
    }
    this.items.splice(at, 0, ...parts);
  }

  /** @param {Utterance} part @param {number} sample */
  #speakFrom(part, sample) {
    const { document } = part;
    this.player.cut();
    if (document !== this.document) this.#unpause();
    const others = this.items.filter((item) => item.document !== document);
    const rest = document.parts.slice(document.parts.indexOf(part));
    const skipped = this.items.filter((item) => item.document === document && !rest.includes(item));
    this.inFlight.cancelAll(skipped);
    this.items.splice(0, this.items.length, ...rest, ...others);
    this.stopped = this.stopped.filter((item) => item.document !== document);
    for (const item of skipped) this.#finish(item, "stopped");
    for (const item of rest.filter((one) => one === part || one.ended || one.cursor)) {
      const from = item === part ? sample : 0;
      if (!item.pcm.covers(from) && item.pcm.end !== from) this.inFlight.cancel(item);
      this.#restart(item, from);
    }
    this.#settle();
    this.#advance();
  }

  #settle() {
    this.#seeks += 1;
    const seek = this.#seeks;
    this.later(() => {
      this.#settled = seek;
      this.#advance();
    }, SETTLE_MS);
  }

  #advance() {
    this.#sendNext();
    this.player.feed();
    this.syncState();
  }

  /** Requests the next utterances. The server speaks in the order of requests, so later utterances are requested again. */
  #sendNext() {
    if (!this.#ready || this.#retryTimer) return;
    for (const [place, utterance] of this.items.slice(0, REACH).entries()) {
      if (place && this.#settled < this.#seeks && !this.items[0].received) return;
      if (utterance.awaitingServer || utterance.received) continue;
      this.inFlight.cancelAll(this.items.slice(place + 1));
      if (this.inFlight.count >= Math.min(MAX_IN_FLIGHT, this.limits.queue)) return;
      utterance.settings ??= this.settings();
      this.inFlight.request(utterance);
    }
  }

  /** @param {Utterance} utterance */
  #done(utterance) {
    utterance.awaitingServer = false;
    if (!utterance.received) this.#retry(utterance);
  }

  /** @param {Utterance} utterance */
  #cancelled(utterance) {
    this.inFlight.unlink(utterance);
    if (this.#remove(utterance)) this.#finish(utterance, "stopped");
    this.#advance();
  }

  /** Requests the rest again: samples are missing. @param {Utterance} utterance */
  #retry(utterance) {
    this.inFlight.cancel(utterance);
    utterance.attempts += 1;
    if (utterance.attempts < MAX_ATTEMPTS) this.#sendNext();
    else this.#fail(utterance, { code: "incomplete", message: "The audio arrived incomplete. Try again." });
  }

  /** @param {Utterance} utterance @param {ServerError & {retry_after?: number}} error */
  #fail(utterance, { code, message, param, retry_after: wait, correlation_id }) {
    this.inFlight.unlink(utterance);
    const limited = code.startsWith("limit_");
    // A reached limit is no failure: the number of retries is not bounded.
    if (!limited) utterance.attempts += 1;
    if (code === "field_invalid" && param === "start") {
      // The requested start was after the last sample: all audio is already stored.
      utterance.setLength(utterance.pcm.end, true);
    } else if (limited || (TRANSIENT.includes(code) && utterance.attempts < MAX_ATTEMPTS)) {
      this.#retryLater(wait ?? 1, message);
    } else {
      this.#remove(utterance);
      utterance.error = { code, message: String(message), correlation_id };
      this.#finish(utterance, "error");
    }
  }

  /** @param {number} seconds @param {string} message */
  #retryLater(seconds, message) {
    if (this.#retryTimer) return;
    this.handlers.onHold(seconds, message);
    this.#retryTimer = this.later(() => {
      this.#retryTimer = null;
      this.#advance();
    }, 1000 * seconds);
  }

  /** @param {Utterance} utterance @returns {boolean} whether it was queued */
  #remove(utterance) {
    const place = this.items.indexOf(utterance);
    if (place < 0) return false;
    if (place === 0) this.player.cut();
    else this.player.trim();
    this.items.splice(place, 1);
    this.inFlight.cancel(utterance);
    return true;
  }

  /** @param {Utterance} utterance */
  #end(utterance) {
    this.items.shift();
    this.inFlight.discard(utterance);
    this.#finish(utterance, "done");
    this.#sendNext();
  }

  /** @param {Utterance} utterance @param {UtteranceState} state */
  #finish(utterance, state) {
    utterance.move(state);
    this.replayCache.add(utterance);
    this.#changed(utterance);
  }

  #unpause() {
    if (!this.paused) return;
    this.paused = false;
    this.player.resume();
    this.send("speech.resume");
  }

  /** @param {Utterance} utterance */
  #changed(utterance) {
    this.#last = this.document ?? this.#last;
    this.handlers.onChange(utterance);
  }
}
