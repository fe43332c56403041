import { Orders } from "./orders.js";
import { Shelf } from "./pcm.js";
import { Utterance } from "./utterance.js";

/** How many utterances the server is given at a time; the rest waits here, where a lost connection cannot touch it. */
const MOST_OUTSTANDING = 4;
const MOST_TRIES = 5;
const TRANSIENT = ["busy", "not_ready", "queue_full", "id_used"];

/**
 * What is to be spoken, in order: the first of `line` is the current one. The queue outlives connections; the server only
 * ever holds a few of its utterances, under wire numbers that are used once.
 */
export class Queue {
  /** @type {Utterance[]} */
  line = [];
  paused = false;
  #ready = false;
  #number = 0;
  #hold = null;

  /**
   * @param {object} parts
   * @param {(type: string, fields?: object) => boolean} parts.send
   * @param {() => {voice: string, speaker: string | null, speed: number}} parts.tune what is chosen now
   * @param {(line: Utterance[], handlers: object) => import("./player.js").Player} parts.createPlayer
   * @param {{onChange: Function, onBlocked: Function, onHold: Function}} parts.handlers
   * @param {number} parts.spoken how many numbers the log has given already
   */
  constructor({ send, tune, createPlayer, handlers, spoken = 0, shelf = new Shelf(), later = setTimeout }) {
    Object.assign(this, { send, tune, handlers, shelf });
    this.later = (work, ms) => later(work, ms);
    this.orders = new Orders(send);
    this.#number = spoken;
    this.limits = { queue: MOST_OUTSTANDING };
    this.player = createPlayer(this.line, { onEnd: (utterance) => this.#end(utterance), onBlocked: handlers.onBlocked });
  }

  /** @param {string} text @param {object | null} tune null: what is chosen when its turn comes */
  create(text, tune = this.tune()) {
    this.#number += 1;
    return new Utterance(this.#number, text, tune);
  }

  add(...utterances) {
    this.line.push(...utterances);
    this.#go();
  }

  /** Speak it again, right after the current one. */
  again(utterance) {
    if (this.line.includes(utterance)) return;
    this.shelf.release(utterance);
    utterance.rewind();
    this.player.trim();
    this.line.splice(Math.min(1, this.line.length), 0, utterance);
    this.#changed(utterance);
    this.#go();
  }

  stop(utterance) {
    if (utterance === this.line[0]) this.#unpause();
    if (this.#remove(utterance)) this.#finish(utterance, "stopped");
    this.#go();
  }

  stopAll() {
    const all = this.line.slice();
    if (!all.length) return;
    this.player.cut();
    this.#unpause();
    this.line.length = 0;
    this.send("speech.cancel_all");
    for (const utterance of all) {
      this.orders.forget(utterance);
      this.#finish(utterance, "stopped");
    }
  }

  /** Go on at `sample` of the current utterance: at once where it is here, otherwise the server is asked for the rest. */
  seek(sample) {
    const [current] = this.line;
    if (!current) return;
    this.player.cut();
    current.cursor = Math.max(0, Math.min(Math.round(sample), current.total - 1));
    if (!current.pcm.covers(current.cursor)) {
      this.orders.recall(current);
      current.pcm.clear(current.cursor);
    }
    this.#go();
  }

  pause() {
    if (this.paused || !this.line.length) return;
    this.paused = true;
    this.player.pause();
    this.send("speech.pause");
    this.settle();
  }

  resume() {
    this.#unpause();
    this.settle();
  }

  /** A new connection knows nothing of us. */
  connected(limits) {
    this.limits = limits;
    this.#ready = true;
    if (this.paused) this.send("speech.pause");
    this.#go();
  }

  disconnected() {
    this.#ready = false;
    this.orders.detachAll();
    this.settle();
  }

  /** Any control message of the server's; those without an utterance that we know are not ours. */
  receive(message) {
    const utterance = this.orders.find(message.id);
    if (!utterance) return;
    utterance.learn(message);
    if (message.type === "speech.done") this.#done(utterance);
    if (message.type === "speech.cancelled") this.#cancelled(utterance);
    if (message.type === "error") this.#fail(utterance, message);
    this.#go();
    this.#changed(utterance);
  }

  audio({ id, index, samples }) {
    const utterance = this.orders.find(id);
    if (!utterance?.rate) return;
    if (utterance.pcm.append(index, samples)) utterance.tries = 0;
    else if (index > utterance.pcm.end) this.#retry(utterance);
    this.player.feed();
    this.settle();
  }

  /** Keep up with the sound: as often as one likes, and at least once a second while `line` holds anything. */
  follow() {
    this.player.tick();
    this.settle();
  }

  /** Tell the server how far we are: some four times a second. */
  report() {
    const sounding = this.player.sounding();
    if (sounding) this.orders.report(sounding.owner, sounding.sample);
  }

  /** Bring the current utterance's state in line with what is so. */
  settle() {
    const [current] = this.line;
    if (!current) return;
    const state = this.#stateOf(current);
    if (current.move(state)) this.#changed(current);
  }

  #stateOf(current) {
    if (this.paused) return "paused";
    if (this.player.sounding()?.owner === current) return "speaking";
    // Between two soundings, as in a seek, it goes on speaking if its sound is already on its way.
    if (["speaking", "paused"].includes(current.state) && this.player.holds(current)) return "speaking";
    return current.live || current.received || current.pcm.end ? "processing" : "queued";
  }

  #go() {
    this.#pump();
    this.player.feed();
    this.settle();
  }

  /** Give the server the next utterances. It speaks in the order of creation, so what comes later here is created later. */
  #pump() {
    if (!this.#ready || this.#hold) return;
    this.line.slice().forEach((utterance, place) => {
      if (utterance.live || utterance.received || !this.line.includes(utterance)) return;
      for (const later of this.line.slice(place + 1)) this.orders.recall(later);
      if (this.orders.outstanding >= Math.min(MOST_OUTSTANDING, this.limits.queue)) return;
      utterance.tune ??= this.tune();
      this.orders.place(utterance);
    });
  }

  #done(utterance) {
    utterance.live = false;
    if (!utterance.received) this.#retry(utterance);
  }

  #cancelled(utterance) {
    this.orders.detach(utterance);
    this.stop(utterance);
  }

  /** What arrived does not fit together: ask again for the rest. */
  #retry(utterance) {
    this.orders.recall(utterance);
    utterance.tries += 1;
    if (utterance.tries < MOST_TRIES) this.#pump();
    else this.#fail(utterance, { code: "incomplete", message: "The sound did not arrive whole. Try it again." });
  }

  #fail(utterance, { code, message, param, retry_after: wait }) {
    this.orders.detach(utterance);
    const limited = code.startsWith("limit_");
    // A limit that is reached is no failure: what waits for it may wait as often as it must.
    if (!limited) utterance.tries += 1;
    if (code === "field_invalid" && param === "start") {
      // We asked for what follows the last sample: then all of it is here.
      Object.assign(utterance, { total: utterance.pcm.end, exact: true });
    } else if (limited || (TRANSIENT.includes(code) && utterance.tries < MOST_TRIES)) {
      this.#holdBack(wait ?? 1, message);
    } else {
      this.#remove(utterance);
      utterance.error = { code, message: String(message) };
      this.#finish(utterance, "error");
    }
  }

  #holdBack(seconds, message) {
    if (this.#hold) return;
    this.handlers.onHold(seconds, message);
    this.#hold = this.later(() => {
      this.#hold = null;
      this.#go();
    }, 1000 * seconds);
  }

  /** @returns {boolean} whether it was in line */
  #remove(utterance) {
    const place = this.line.indexOf(utterance);
    if (place < 0) return false;
    if (place === 0) this.player.cut();
    else this.player.trim();
    this.line.splice(place, 1);
    this.orders.recall(utterance);
    return true;
  }

  #end(utterance) {
    this.line.shift();
    this.orders.forget(utterance);
    this.#finish(utterance, "done");
    this.#pump();
  }

  #finish(utterance, state) {
    utterance.move(state);
    this.shelf.keep(utterance);
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
