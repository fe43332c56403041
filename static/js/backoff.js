/** Exponential backoff with jitter: tabs do not all reconnect to a restarted server at the same time. */
export class Backoff {
  #attempt = 0;

  /** Delays grow from `firstMs` to at most `maxMs`; `random` returns a number from 0 to 1. */
  constructor({ firstMs = 500, maxMs = 30_000, random = Math.random } = {}) {
    this.firstMs = firstMs;
    this.maxMs = maxMs;
    this.random = random;
  }

  /** Returns the next delay in milliseconds: between half of the step and the full step. */
  next() {
    const step = Math.min(this.maxMs, this.firstMs * 2 ** this.#attempt);
    this.#attempt += 1;
    return Math.round(step * (0.5 + this.random() / 2));
  }

  /** Resets the delay. Call it when the server accepts the session: an open socket may be only the proxy's. */
  reset() {
    this.#attempt = 0;
  }
}
