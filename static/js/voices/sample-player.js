import { ApiError } from "../site-api.js";
import { element } from "../ui/dom.js";

/** Plays short recordings, one at a time. */
export class SamplePlayer {
  /** The number of the request that plays or will play. */
  #turn = 0;

  /** @param {(text: string, kind?: MessageKind) => void} notify */
  constructor(notify) {
    this.notify = notify;
    this.node = element("audio", { hidden: true });
  }

  /**
   * Requests a recording and plays it.
   * @param {() => Promise<{audio: string, text?: string}>} request
   * @param {string} name what is heard
   */
  async play(request, name) {
    this.#turn += 1;
    const turn = this.#turn;
    this.stop();
    this.notify(`Preparing ${name} \u2026`);
    try {
      const { audio, text } = await request();
      if (turn !== this.#turn) return;
      this.node.src = audio;
      await this.node.play();
      this.notify(text ? `${name}: \u201c${text}\u201d` : `You hear ${name}.`);
    } catch (error) {
      if (turn !== this.#turn) return;
      this.notify(error instanceof ApiError ? error.message : "The recording could not be played. Try again.", "error");
    }
  }

  /** Stops the recording. */
  stop() {
    this.node.pause();
  }
}
