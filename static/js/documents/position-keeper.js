import { at } from "../paths.js";

/** Between two positions that are stored, in milliseconds. */
const INTERVAL_MS = 10_000;

/** Stores on the server where a document is spoken: a hash of its text, and the beginning of the sentence. */
export class PositionKeeper {
  #stored = -1;
  #stopping = new AbortController();

  /**
   * @param {import("../speech/speech-document.js").SpeechDocument} speech
   * @param {string} digest of its text
   * @param {import("../speech/queue.js").Queue} queue
   * @param {(offset: number) => void} [send]
   */
  constructor(speech, digest, queue, send = (offset) => void post(digest, offset)) {
    this.speech = speech;
    this.queue = queue;
    this.send = send;
  }

  /** Stores the position from time to time, and when the page is hidden. */
  start() {
    const { signal } = this.#stopping;
    const timer = setInterval(() => this.store(), INTERVAL_MS);
    signal.addEventListener("abort", () => clearInterval(timer));
    document.addEventListener("visibilitychange", () => document.hidden && this.store(), { signal });
    window.addEventListener("pagehide", () => this.store(), { signal });
  }

  /** Stores the position, if it has changed. */
  store() {
    const { speech } = this;
    if (this.queue.latest !== speech) {
      // It is no longer in the log.
      if (!speech.header?.isConnected) this.#stopping.abort();
      return;
    }
    const ended = speech.parts.every(({ state }) => state === "done");
    // At the end, the next reading begins at the beginning.
    const offset = ended ? 0 : (speech.structure?.sentenceAt(speech.position)[0] ?? 0);
    if (offset === this.#stored) return;
    this.#stored = offset;
    this.send(offset);
  }
}

/** @param {string} digest @param {number} offset */
function post(digest, offset) {
  const headers = { "Content-Type": "application/json" };
  return fetch(at("documents/position"), { method: "POST", headers, body: JSON.stringify({ digest, offset }), keepalive: true }).catch(() => {});
}
