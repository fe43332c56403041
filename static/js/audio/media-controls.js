/**
 * The browser's and the system's media controls (lock screen, headset, media keys), and the wake lock. Loaded with the first
 * text. Everything here is optional: a browser that lacks a part speaks without it.
 */

const LONGEST_TITLE = 80;
/** How often the page reports the playback position to the system's media controls, in seconds. */
const POSITION_S = 1;

export class MediaControls {
  /** Whether the screen stays on while speech is played. */
  keepsAwake = true;
  /** @type {WakeLockSentinel | null} */
  #lock = null;
  #locking = false;
  #title = "";
  /** When the page reported the position last, in seconds. */
  #reported = -Infinity;
  /** A browser shows media controls only while a media element plays: this one is silent. @type {HTMLAudioElement | null} */
  #silence = null;

  /**
   * @param {object} parts
   * @param {import("../speech/queue.js").Queue} parts.queue
   * @param {import("../commands/actions.js").Actions} parts.actions
   * @param {string} parts.silence the URL of a silent recording
   * @param {Navigator} [parts.browser]
   * @param {Document} [parts.page]
   */
  constructor({ queue, actions, silence, browser = navigator, page = document }) {
    this.queue = queue;
    this.silence = silence;
    this.browser = browser;
    this.page = page;
    // iOS mutes other categories with its silent switch, and stops them when the screen is locked.
    const { audioSession } = /** @type {{audioSession?: {type: string}}} */ (browser);
    if (audioSession) audioSession.type = "playback";
    const pause = () => { if (queue.items.length && !queue.paused) actions.pause(); };
    const play = () => { if (!queue.items.length || queue.paused) actions.pause(); };
    /** @type {[MediaSessionAction, (details: MediaSessionActionDetails) => void][]} */
    const handlers = [
      ["play", play],
      ["pause", pause],
      ["stop", () => actions.stop()],
      ["previoustrack", () => actions.skip(-1, "sentence")],
      ["nexttrack", () => actions.skip(1, "sentence")],
      ["seekto", ({ seekTime }) => queue.latest && queue.jumpToSeconds(queue.latest, seekTime ?? 0)],
    ];
    for (const [name, handler] of handlers) {
      try {
        browser.mediaSession?.setActionHandler(name, handler);
      } catch {
        // This browser does not know that key.
      }
    }
    // The browser releases the lock when the page is hidden.
    page.addEventListener("visibilitychange", () => this.update());
  }

  /** Reports the text and the state to the system's media controls, and keeps the screen on during playback. */
  update() {
    const { items, paused, latest } = this.queue;
    const plays = items.length > 0 && !paused;
    const { mediaSession } = this.browser;
    if (mediaSession) {
      mediaSession.playbackState = plays ? "playing" : latest ? "paused" : "none";
      const title = latest?.text.slice(0, LONGEST_TITLE) ?? "";
      if (title !== this.#title && "MediaMetadata" in globalThis) mediaSession.metadata = new MediaMetadata({ title, artist: "Alphanumeric" });
      this.#title = title;
      this.#playSilence(plays);
    }
    this.#stayAwake(plays && this.keepsAwake && !this.page.hidden);
  }

  /**
   * Reports the playback position to the system's media controls, at most once a second.
   * @param {number} seconds
   * @param {number} total in seconds
   * @param {number} now in seconds
   */
  paint(seconds, total, now) {
    if (now - this.#reported < POSITION_S) return;
    this.#reported = now;
    this.browser.mediaSession?.setPositionState?.({ duration: total, position: Math.min(seconds, total), playbackRate: 1 });
  }

  /** @param {boolean} plays */
  #playSilence(plays) {
    if (!plays) {
      this.#silence?.pause();
      return;
    }
    if (!this.#silence) {
      this.#silence = this.page.createElement("audio");
      this.#silence.src = this.silence;
      this.#silence.loop = true;
    }
    if (this.#silence.paused) this.#silence.play()?.catch(() => {});
  }

  /** @param {boolean} wanted */
  async #stayAwake(wanted) {
    if (!wanted) {
      this.#lock?.release().catch(() => {});
      this.#lock = null;
      return;
    }
    if (this.#locking || (this.#lock && !this.#lock.released)) return;
    this.#locking = true;
    // The system refuses the lock while the battery is low.
    this.#lock = await this.browser.wakeLock?.request("screen").catch(() => null) ?? null;
    this.#locking = false;
    const { items, paused } = this.queue;
    if (!items.length || paused || !this.keepsAwake) this.#stayAwake(false);
  }
}
