/**
 * Positions of samples on an audio context's clock. Times are computed from sample counts, never by adding up
 * durations, so that thousands of chunks join without a gap or an overlap.
 */

// The first samples after silence start a little late, so that the next chunk arrives before they end.
const LEAD_S = 0.03;
// A start closer than this would be in the past when the audio thread processes it.
const SLACK_S = 0.005;

/**
 * Assigns times on an audio context's clock to samples.
 * @template {object} [Owner=import("../speech/utterance.js").Utterance]
 */
export class Timeline {
  /**
   * The scheduled pieces that have not finished playing; `at` is the position of their first sample.
   * @type {Piece<Owner>[]}
   */
  pieces = [];
  #head = 0;
  /** @type {number | null} */
  #base = null;

  /** @param {number} rate samples a second */
  constructor(rate) {
    this.rate = rate;
  }

  /**
   * Places samples after the previous samples; at `now` if there are none, or after an underrun.
   * @param {Owner} owner
   * @param {number} from index of the first sample in its utterance
   * @param {number} length in samples
   * @param {number} now in seconds
   * @param {number} [silence] before samples that follow none, in seconds
   * @returns {{when: number, piece: Piece<Owner>}} `when` in seconds on the context's clock
   */
  place(owner, from, length, now, silence = 0) {
    if (this.#base === null || this.#time(this.#head) < now + SLACK_S) {
      // An integer sample position: at a fraction the browser would interpolate, and each boundary would be audible.
      this.#base = Math.ceil((now + LEAD_S + silence) * this.rate) - this.#head;
      this.pieces = [];
    }
    const piece = { owner, from, length, at: this.#head };
    this.pieces.push(piece);
    this.#head += length;
    return { when: this.#time(piece.at), piece };
  }

  /** Removes and returns the pieces that have finished playing at `now`. @param {number} now */
  pass(now) {
    /** @type {Piece<Owner>[]} */
    const sounded = [];
    while (this.pieces.length && this.#position(now) >= this.pieces[0].at + this.pieces[0].length) {
      sounded.push(...this.pieces.splice(0, 1));
    }
    return sounded;
  }

  /**
   * Returns the owner and sample that plays at `now`, or null in silence.
   * @param {number} now
   * @returns {{owner: Owner, sample: number} | null}
   */
  at(now) {
    const position = this.#position(now);
    const piece = this.pieces.find(({ at, length }) => position < at + length);
    if (!piece || position < piece.at) return null;
    return { owner: piece.owner, sample: Math.floor(piece.from + position - piece.at) };
  }

  /** Returns how many seconds of audio are scheduled after `now`. @param {number} now */
  ahead(now) {
    return this.#base === null ? 0 : Math.max(0, this.#time(this.#head) - now);
  }

  /** Removes and returns the last piece. */
  pop() {
    const piece = this.pieces.pop();
    if (piece) this.#head = piece.at;
    return piece;
  }

  /** @param {number} position */
  #time(position) {
    return ((this.#base ?? 0) + position) / this.rate;
  }

  /** @param {number} now */
  #position(now) {
    return this.#base === null ? -1 : now * this.rate - this.#base;
  }
}
