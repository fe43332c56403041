/**
 * Where samples lie on an audio context's clock. Times are computed from whole sample counts, never by adding up
 * durations, so that thousands of chunks meet without a gap or an overlap.
 */

// The first samples after silence start a little late, so that the next chunk is here before they end.
const LEAD_S = 0.03;
// A start closer than this would already be in the past when the audio thread sees it.
const SLACK_S = 0.005;

export class Timeline {
  /** What is scheduled and has not sounded yet: `{owner, from, length, at}`, `at` on this line. */
  pieces = [];
  #head = 0;
  #base = null;

  /** @param {number} rate samples a second */
  constructor(rate) {
    this.rate = rate;
  }

  /**
   * Put samples behind the last ones; after a gap (the first ones, or an underrun) anew from `now`.
   * @returns {{when: number, piece: object}} `when` in seconds on the context's clock
   */
  place(owner, from, length, now) {
    if (this.#base === null || this.#time(this.#head) < now + SLACK_S) {
      // A whole sample: a fraction would make the browser interpolate, and each seam audible.
      this.#base = Math.ceil((now + LEAD_S) * this.rate) - this.#head;
      this.pieces = [];
    }
    const piece = { owner, from, length, at: this.#head };
    this.pieces.push(piece);
    this.#head += length;
    return { when: this.#time(piece.at), piece };
  }

  /** Forget what has sounded by `now`. @returns {object[]} the pieces */
  pass(now) {
    const sounded = [];
    while (this.pieces.length && this.#position(now) >= this.pieces[0].at + this.pieces[0].length) {
      sounded.push(this.pieces.shift());
    }
    return sounded;
  }

  /** @returns {{owner: object, sample: number} | null} what sounds at `now`; null in silence */
  at(now) {
    const position = this.#position(now);
    const piece = this.pieces.find(({ at, length }) => position < at + length);
    if (!piece || position < piece.at) return null;
    return { owner: piece.owner, sample: Math.floor(piece.from + position - piece.at) };
  }

  /** Seconds of sound still to come. */
  ahead(now) {
    return this.#base === null ? 0 : Math.max(0, this.#time(this.#head) - now);
  }

  /** Take the last piece back. */
  pop() {
    const piece = this.pieces.pop();
    this.#head = piece.at;
    return piece;
  }

  #time(position) {
    return (this.#base + position) / this.rate;
  }

  #position(now) {
    return this.#base === null ? -1 : now * this.rate - this.#base;
  }
}
