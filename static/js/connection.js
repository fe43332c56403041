import { Backoff } from "./backoff.js";
import { decodeAudio, decodeControl, encode, PROTOCOL_VERSION } from "./protocol.js";

const CONNECT_MS = 10_000;
const QUIET_MS = 15_000;
const ANSWER_MS = 8_000;
const ORIGIN_REFUSED = 4403;

/**
 * Keeps one socket alive. `state` is `connecting`, `connected`, or `waiting` (then `retryAt` is the time of the next try,
 * on the clock of `now`) or `asleep` (the page is hidden away in the back-forward cache).
 *
 * Everything from outside comes in through `deps`, so that tests can be that outside.
 */
export class Connection {
  state = "asleep";
  retryAt = 0;
  refused = false;
  #socket = null;
  #retry = null;
  #watch = null;

  /**
   * @param {string} url
   * @param {{onState: Function, onMessage: Function, onAudio: Function}} handlers
   */
  constructor(url, handlers, deps = {}) {
    this.url = url;
    this.handlers = handlers;
    this.deps = {
      socket: (address) => new WebSocket(address),
      setTimeout: (work, ms) => setTimeout(work, ms),
      clearTimeout: (timer) => clearTimeout(timer),
      now: () => Date.now(),
      backoff: new Backoff(),
      ...deps,
    };
  }

  get connected() {
    return this.state === "connected";
  }

  /** Connect at once, whatever was planned. */
  open() {
    this.#drop();
    const socket = this.deps.socket(this.url);
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    // A socket that was dropped may still deliver: only the present one is heard.
    socket.onmessage = (event) => this.#socket === socket && this.#receive(event.data);
    socket.onclose = (event) => this.#socket === socket && this.#lost(event.code);
    this.#expect(CONNECT_MS, () => this.#lost());
    this.#become("connecting");
  }

  /** Try again now if a try was planned; otherwise make sure that the socket still lives. */
  wake() {
    if (this.state === "connected") this.#ping();
    else if (this.state !== "connecting") this.open();
  }

  sleep() {
    this.#drop();
    this.#become("asleep");
  }

  /** @returns {boolean} whether it went out; while unconnected nothing is kept, for the next snapshot starts anew */
  send(type, fields) {
    if (!this.connected || this.#socket.readyState !== 1) return false;
    this.#socket.send(encode(type, fields));
    return true;
  }

  #receive(data) {
    this.#expect(QUIET_MS, () => this.#ping());
    if (typeof data !== "string") {
      const frame = decodeAudio(data);
      if (frame) this.handlers.onAudio(frame);
      return;
    }
    const message = decodeControl(data);
    if (!message) return;
    if (message.type === "session.created") {
      this.outdated = message.protocol !== PROTOCOL_VERSION;
      this.deps.backoff.reset();
      this.#become("connected");
    }
    this.handlers.onMessage(message);
  }

  #ping() {
    this.send("session.ping");
    this.#expect(ANSWER_MS, () => this.#lost());
  }

  #lost(code) {
    this.#drop();
    this.refused = code === ORIGIN_REFUSED;
    const delay = this.deps.backoff.next();
    this.retryAt = this.deps.now() + delay;
    this.#retry = this.deps.setTimeout(() => this.open(), delay);
    this.#become("waiting");
  }

  #expect(ms, otherwise) {
    this.deps.clearTimeout(this.#watch);
    this.#watch = this.deps.setTimeout(otherwise, ms);
  }

  #drop() {
    this.deps.clearTimeout(this.#retry);
    this.deps.clearTimeout(this.#watch);
    const socket = this.#socket;
    this.#socket = null;
    if (socket && socket.readyState < 2) socket.close();
  }

  #become(state) {
    this.state = state;
    this.handlers.onState(state);
  }
}
