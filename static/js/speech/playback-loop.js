/** Often enough for the server, which needs the playback position once a second. */
const REPORT_MS = 200;

/** Runs timers while the queue is not empty: reports the position to the server and has it drawn. */
export class PlaybackLoop {
  /** @type {ReturnType<typeof setInterval> | null} */
  #timer = null;
  #drawing = false;

  /**
   * @param {import("./queue.js").Queue} queue
   * @param {(utterance: import("./utterance.js").Utterance, sample: number) => void} paint draws the playback position
   */
  constructor(queue, paint) {
    this.queue = queue;
    this.paint = paint;
  }

  /** Starts the timers unless they run; they stop by themselves when the queue is empty. */
  start() {
    this.#timer ??= setInterval(() => this.#tick(), REPORT_MS);
    if (!this.#drawing) this.#draw();
  }

  #tick() {
    this.queue.follow();
    this.queue.report();
    if (this.queue.items.length || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  #draw() {
    this.#drawing = this.queue.items.length > 0;
    if (!this.#drawing) return;
    this.queue.follow();
    const heard = this.queue.player.heard();
    if (heard) this.paint(heard.owner, heard.sample);
    requestAnimationFrame(() => this.#draw());
  }
}
