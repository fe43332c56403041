import { InFlightUtterances } from "./in-flight.js";
import { ReplayCache } from "../audio/replay-cache.js";
import { Utterance } from "./utterance.js";

/** How many utterances the server is given at a time; the rest waits here, where a lost connection cannot touch it. */
const MAX_IN_FLIGHT = 4;
const MAX_ATTEMPTS = 5;
const TRANSIENT = ["busy", "not_ready", "queue_full", "id_used"];

/**
 * What is to be spoken, in order: the first of `items` is the current one. The queue outlives connections; the server only
 * ever holds a few of its utterances, under wire numbers that are used once.
 */
export class Queue {
  /** @type {Utterance[]} */
  items = [];
  paused = false;
  #ready = false;
  #number = 0;
  #retryTimer = null;

  /**
   * @param {object} parts
   * @param {(type: string, fields?: object) => boolean} parts.send
   * @param {() => {voice: string, speaker: string | null, speed: number}} parts.settings what is chosen now
   * @param {(items: Utterance[], handlers: object) => import("../audio/player.js").Player} parts.createPlayer
   * @param {{onChange: Function, onBlocked: Function, onHold: Function}} parts.handlers
   * @param {number} parts.spoken how many numbers the log has given already
   */
  constructor({ send, settings, createPlayer, handlers, spoken = 0, replayCache = new ReplayCache(), later = setTimeout }) {
    Object.assign(this, { send, settings, handlers, replayCache });
    this.later = (work, ms) => later(work, ms);
    this.inFlight = new InFlightUtterances(send);
    this.#number = spoken;
    this.limits = { queue: MAX_IN_FLIGHT };
    this.player = createPlayer(this.items, { onEnd: (utterance) => this.#end(utterance), onBlocked: handlers.onBlocked });
  }

  /** @param {string} text @param {object | null} settings null: what is chosen when its turn comes */
  create(text, settings = this.settings()) {
    this.#number += 1;
    return new Utterance(this.#number, text, settings);
  }

  add(...utterances) {
    this.items.push(...utterances);
    this.#advance();
  }

  /** Speak it again, right after the current one. */
  again(utterance) {
    if (this.items.includes(utterance)) return;
    this.replayCache.remove(utterance);
    utterance.restart();
    this.player.trim();
    this.items.splice(Math.min(1, this.items.length), 0, utterance);
    this.#changed(utterance);
    this.#advance();
  }

  stop(utterance) {
    if (utterance === this.items[0]) this.#unpause();
    if (this.#remove(utterance)) this.#finish(utterance, "stopped");
    this.#advance();
  }

  stopAll() {
    const all = this.items.slice();
    if (!all.length) return;
    this.player.cut();
    this.#unpause();
    this.items.length = 0;
    this.send("speech.cancel_all");
    for (const utterance of all) {
      this.inFlight.discard(utterance);
      this.#finish(utterance, "stopped");
    }
  }

  /** Go on at `sample` of the current utterance: at once where it is here, otherwise the server is asked for the rest. */
  seek(sample) {
    const [current] = this.items;
    if (!current) return;
    this.player.cut();
    current.cursor = Math.max(0, Math.min(Math.round(sample), current.total - 1));
    if (!current.pcm.covers(current.cursor)) {
      this.inFlight.cancel(current);
      current.pcm.clear(current.cursor);
    }
    this.#advance();
  }

  pause() {
    if (this.paused || !this.items.length) return;
    this.paused = true;
    this.player.pause();
    this.send("speech.pause");
    this.syncState();
  }

  resume() {
    this.#unpause();
    this.syncState();
  }

  /** A new connection knows nothing of us. */
  connected(limits) {
    this.limits = limits;
    this.#ready = true;
    if (this.paused) this.send("speech.pause");
    this.#advance();
  }

  disconnected() {
    this.#ready = false;
    this.inFlight.unlinkAll();
    this.syncState();
  }

  /** Any control message of the server's; those without an utterance that we know are not ours. */
  receive(message) {
    const utterance = this.inFlight.find(message.id);
    if (!utterance) return;
    utterance.applyMessage(message);
    if (message.type === "speech.done") this.#done(utterance);
    if (message.type === "speech.cancelled") this.#cancelled(utterance);
    if (message.type === "error") this.#fail(utterance, message);
    this.#advance();
    this.#changed(utterance);
  }

  audio({ id, index, samples }) {
    const utterance = this.inFlight.find(id);
    if (!utterance?.rate) return;
    if (utterance.pcm.append(index, samples)) utterance.attempts = 0;
    else if (index > utterance.pcm.end) this.#retry(utterance);
    this.player.feed();
    this.syncState();
  }

  /** Keep up with the sound: as often as one likes, and at least once a second while `items` holds anything. */
  follow() {
    this.player.tick();
    this.syncState();
  }

  /** Tell the server how far we are: some four times a second. */
  report() {
    const sounding = this.player.sounding();
    if (sounding) this.inFlight.report(sounding.owner, sounding.sample);
  }

  /** Bring the current utterance's state in line with what is so. */
  syncState() {
    const [current] = this.items;
    if (!current) return;
    const state = this.#stateOf(current);
    if (current.move(state)) this.#changed(current);
  }

  #stateOf(current) {
    if (this.paused) return "paused";
    if (this.player.sounding()?.owner === current) return "speaking";
    // Between two soundings, as in a seek, it goes on speaking if its sound is already on its way.
    if (["speaking", "paused"].includes(current.state) && this.player.holds(current)) return "speaking";
    return current.awaitingServer || current.received || current.pcm.end ? "processing" : "queued";
  }

  #advance() {
    this.#sendNext();
    this.player.feed();
    this.syncState();
  }

  /** Give the server the next utterances. It speaks in the order of creation, so what comes later here is created later. */
  #sendNext() {
    if (!this.#ready || this.#retryTimer) return;
    this.items.slice().forEach((utterance, place) => {
      if (utterance.awaitingServer || utterance.received || !this.items.includes(utterance)) return;
      for (const later of this.items.slice(place + 1)) this.inFlight.cancel(later);
      if (this.inFlight.count >= Math.min(MAX_IN_FLIGHT, this.limits.queue)) return;
      utterance.settings ??= this.settings();
      this.inFlight.request(utterance);
    });
  }

  #done(utterance) {
    utterance.awaitingServer = false;
    if (!utterance.received) this.#retry(utterance);
  }

  #cancelled(utterance) {
    this.inFlight.unlink(utterance);
    this.stop(utterance);
  }

  /** What arrived does not fit together: ask again for the rest. */
  #retry(utterance) {
    this.inFlight.cancel(utterance);
    utterance.attempts += 1;
    if (utterance.attempts < MAX_ATTEMPTS) this.#sendNext();
    else this.#fail(utterance, { code: "incomplete", message: "The sound did not arrive whole. Try it again." });
  }

  #fail(utterance, { code, message, param, retry_after: wait }) {
    this.inFlight.unlink(utterance);
    const limited = code.startsWith("limit_");
    // A limit that is reached is no failure: what waits for it may wait as often as it must.
    if (!limited) utterance.attempts += 1;
    if (code === "field_invalid" && param === "start") {
      // We asked for what follows the last sample: then all of it is here.
      Object.assign(utterance, { total: utterance.pcm.end, exact: true });
    } else if (limited || (TRANSIENT.includes(code) && utterance.attempts < MAX_ATTEMPTS)) {
      this.#retryLater(wait ?? 1, message);
    } else {
      this.#remove(utterance);
      utterance.error = { code, message: String(message) };
      this.#finish(utterance, "error");
    }
  }

  #retryLater(seconds, message) {
    if (this.#retryTimer) return;
    this.handlers.onHold(seconds, message);
    this.#retryTimer = this.later(() => {
      this.#retryTimer = null;
      this.#advance();
    }, 1000 * seconds);
  }

  /** @returns {boolean} whether it was in line */
  #remove(utterance) {
    const place = this.items.indexOf(utterance);
    if (place < 0) return false;
    if (place === 0) this.player.cut();
    else this.player.trim();
    this.items.splice(place, 1);
    this.inFlight.cancel(utterance);
    return true;
  }

  #end(utterance) {
    this.items.shift();
    this.inFlight.discard(utterance);
    this.#finish(utterance, "done");
    this.#sendNext();
  }

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

  #changed(utterance) {
    this.handlers.onChange(utterance);
  }
}
