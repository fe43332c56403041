import { Backoff } from "./backoff.js";
import { newCorrelationId } from "./correlation.js";
import { CORRELATED, decodeAudio, decodeControl, encode, PROTOCOL_VERSION } from "./protocol.js";

const CONNECT_MS = 10_000;
const QUIET_MS = 15_000;
const ANSWER_MS = 8_000;
const ORIGIN_REFUSED = 4403;
// WebSocket.readyState
const OPEN = 1;
const CLOSING = 2;

/**
 * Keeps one WebSocket connected. `state` is `connecting`, `connected`, or `waiting` (then `retryAt` is the time of the next try,
 * on the clock of `now`) or `asleep` (the page is hidden away in the back-forward cache).
 *
 * External dependencies are passed in `deps`, so that tests can replace them.
 */
export class Connection {
  /** @type {"connecting" | "connected" | "waiting" | "asleep"} */
  state = "asleep";
  retryAt = 0;
  /** Whether the server refused this page's origin. */
  refused = false;
  /** Whether the server speaks another version of the protocol than this page. */
  outdated = false;
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {unknown} */
  #retryTimer = null;
  /** @type {unknown} */
  #silenceTimer = null;

  /**
   * @param {string} url
   * @param {{onState: (state: string) => void, onMessage: (message: ServerMessage) => void, onAudio: (frame: AudioFrame) => void}} handlers
   * @param {Partial<ConnectionDeps>} [deps]
   */
  constructor(url, handlers, deps = {}) {
    this.url = url;
    this.handlers = handlers;
    /** @type {ConnectionDeps} */
    this.deps = {
      socket: (address) => new WebSocket(address),
      setTimeout: (work, ms) => setTimeout(work, ms),
      clearTimeout: (timer) => clearTimeout(/** @type {number | undefined} */ (timer)),
      now: () => Date.now(),
      newCorrelationId,
      backoff: new Backoff(),
      ...deps,
    };
  }

  /** Returns whether the server accepted the session. */
  get connected() {
    return this.state === "connected";
  }

  /** Connects immediately, regardless of a scheduled retry. */
  open() {
    this.#drop();
    const socket = this.deps.socket(this.url);
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    // A dropped socket may still deliver messages: only those of the current socket are used.
    socket.onmessage = (event) => this.#socket === socket && this.#receive(event.data);
    socket.onclose = (event) => this.#socket === socket && this.#lost(event.code);
    this.#expect(CONNECT_MS, () => this.#lost());
    this.#become("connecting");
  }

  /** Connects now if a retry was planned; onTimeout checks that the socket is still alive. */
  wake() {
    if (this.state === "connected") this.#ping();
    else if (this.state !== "connecting") this.open();
  }

  /** Closes the socket until `wake`. */
  sleep() {
    this.#drop();
    this.#become("asleep");
  }

  /**
   * Sends a message. While disconnected, messages are dropped: the next session has no state.
   * @type {Send}
   */
  send(type, fields) {
    if (!this.connected || this.#socket?.readyState !== OPEN) return false;
    const own = CORRELATED.includes(type) ? { correlation_id: this.deps.newCorrelationId() } : {};
    this.#socket.send(encode(type, { ...fields, ...own }));
    return true;
  }

  /** @param {unknown} data */
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

  /** @param {number} [code] with which the socket was closed */
  #lost(code) {
    this.#drop();
    this.refused = code === ORIGIN_REFUSED;
    const delay = this.deps.backoff.next();
    this.retryAt = this.deps.now() + delay;
    this.#retryTimer = this.deps.setTimeout(() => this.open(), delay);
    this.#become("waiting");
  }

  /** @param {number} ms @param {() => void} onTimeout called if nothing arrives in that time */
  #expect(ms, onTimeout) {
    this.deps.clearTimeout(this.#silenceTimer);
    this.#silenceTimer = this.deps.setTimeout(onTimeout, ms);
  }

  #drop() {
    this.deps.clearTimeout(this.#retryTimer);
    this.deps.clearTimeout(this.#silenceTimer);
    const socket = this.#socket;
    this.#socket = null;
    if (socket && socket.readyState < CLOSING) socket.close();
  }

  /** @param {Connection["state"]} state */
  #become(state) {
    this.state = state;
    this.handlers.onState(state);
  }
}
