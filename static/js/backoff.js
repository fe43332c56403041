/** Growing, jittered delays: a server that restarts is not met by every tab in the same instant. */
export class Backoff {
  #attempt = 0;

  constructor({ first = 500, most = 30_000, random = Math.random } = {}) {
    Object.assign(this, { first, most, random });
  }

  /** @returns {number} milliseconds: between half of the step and the whole of it */
  next() {
    const step = Math.min(this.most, this.first * 2 ** this.#attempt);
    this.#attempt += 1;
    return Math.round(step * (0.5 + this.random() / 2));
  }

  /** Call when one is let in: a socket that merely opens may be a proxy's, and an error the server's way to say no. */
  reset() {
    this.#attempt = 0;
  }
}
