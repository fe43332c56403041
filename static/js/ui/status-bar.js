import { byId, setText } from "./dom.js";

/** What the page tells about itself, in words: the voice's state, the connection, the queue, hints and announcements. */
export class StatusBar {
  #countdown = null;
  #hint = "";
  /** Until when, and why, what waits is held back. */
  #hold = null;
  #holding = null;
  #waits = false;

  constructor(onReconnect) {
    this.footer = document.querySelector("footer");
    this.connectionNode = byId("connection");
    this.now = this.connectionNode.querySelector("button");
    this.now.addEventListener("click", onReconnect);
    this.hintNode = byId("hint");
    this.#hint = this.hintNode.textContent;
  }

  /** @param {"idle" | "listening" | "processing" | "speaking" | "paused" | "error"} state */
  voice(state) {
    this.footer.dataset.voice = state;
    setText(byId("voice-state"), state);
  }

  /** @param {import("../connection.js").Connection} connection */
  connection(connection) {
    clearInterval(this.#countdown);
    const before = this.connectionNode.dataset.state;
    const state = connection.state === "waiting" && navigator.onLine === false ? "offline" : connection.state;
    this.connectionNode.dataset.state = state;
    this.now.hidden = !["waiting", "offline"].includes(state);
    if (state === "waiting") this.#countDown(connection);
    else this.#say(connection.outdated ? "outdated, reload the page" : state);
    if (before === "connected" && state !== "asleep") this.announce("Connection lost. What is queued is kept.");
    if (state === "connected" && this.wasConnected) this.announce("Connected again.");
    this.wasConnected ||= state === "connected";
  }

  waiting(count, total) {
    const line = byId("queue-status");
    line.hidden = count === 0;
    setText(line.firstElementChild, `${count} of ${total} waiting`);
  }

  /** @param {"" | "error" | "notice"} kind errors are announced, too */
  hint(text, kind = "") {
    this.#hint = text;
    this.hintNode.dataset.kind = kind;
    this.#tell();
    if (text && kind) this.announce(text);
  }

  /** What waits is sent again by itself: how long that takes. */
  hold(seconds, message) {
    const [sentence] = String(message).split(" Try again in ");
    this.#hold = { sentence, until: Date.now() + 1000 * seconds };
    clearInterval(this.#holding);
    this.#holding = setInterval(() => this.#tell(), 500);
    this.hint("");
    this.announce(sentence);
  }

  /** @param {boolean} waits whether there is anything that a hold could hold back */
  waits(waits) {
    this.#waits = waits;
    this.#tell();
  }

  /** For screen readers, tersely: it competes with our own speech. */
  announce(text) {
    setText(byId("announcements"), text);
  }

  /** A hint is for now; the hold is told whenever there is none. */
  #tell() {
    const left = this.#hold ? Math.ceil((this.#hold.until - Date.now()) / 1000) : 0;
    if (left <= 0) {
      clearInterval(this.#holding);
      this.#hold = null;
    }
    const held = this.#hold && this.#waits;
    setText(this.hintNode, this.#hint || (held ? `${this.#hold.sentence} Sent again in ${left} s. Esc or remove drops it.` : ""));
  }

  #countDown(connection) {
    const show = () => {
      const seconds = Math.max(0, Math.ceil((connection.retryAt - Date.now()) / 1000));
      this.#say(connection.refused ? `refused, next try in ${seconds} s` : `reconnecting in ${seconds} s`);
    };
    show();
    this.#countdown = setInterval(show, 500);
  }

  #say(text) {
    setText(this.connectionNode.querySelector("span"), text);
  }
}
