/** Pauses after a time, or at the end of the chapter. */
export class SleepTimer {
  /** The choice: minutes, "chapter", or "" for none. */
  choice = "";
  #until = Infinity;
  /** The character at which the next chapter begins. */
  #end = Infinity;

  /**
   * @param {import("../speech/queue.js").Queue} queue
   * @param {() => void} pause
   * @param {() => number} [now] in milliseconds
   */
  constructor(queue, pause, now = () => performance.now()) {
    this.queue = queue;
    this.pause = pause;
    this.now = now;
    setInterval(() => this.check(), 1000);
  }

  /** Starts or stops it. @param {string} choice */
  set(choice) {
    const { document } = this.queue;
    this.choice = choice;
    this.#until = Number(choice) ? this.now() + 60_000 * Number(choice) : Infinity;
    const next = document?.outline.find(({ offset }) => offset > document.position);
    this.#end = choice === "chapter" ? (next?.offset ?? Infinity) : Infinity;
  }

  /** Pauses if the time is over. Called every second. */
  check() {
    const { document, paused } = this.queue;
    if (this.now() < this.#until && !(document && document.position >= this.#end)) return;
    this.set("");
    if (document && !paused) this.pause();
  }
}
