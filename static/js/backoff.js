/** Growing, jittered delays: a server that restarts is not met by every tab in the same instant. */
export class Backoff {
  #attempt = 0;

  /** Delays grow from `firstMs` to at most `maxMs`; `random` returns a number from 0 to 1. */
  constructor({ firstMs = 500, maxMs = 30_000, random = Math.random } = {}) {
    this.firstMs = firstMs;
    this.maxMs = maxMs;
    this.random = random;
  }

  /** Returns the next delay in milliseconds: between half of the step and the whole of it. */
  next() {
    const step = Math.min(this.maxMs, this.firstMs * 2 ** this.#attempt);
    this.#attempt += 1;
    return Math.round(step * (0.5 + this.random() / 2));
  }

  /** Starts over. Call it when the server accepts the session: a socket that merely opens may be a proxy's. */
  reset() {
    this.#attempt = 0;
  }
}
