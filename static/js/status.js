import { byId, setText } from "./dom.js";

/** What the page tells about itself, in words: the voice's state, the connection, the queue, hints and announcements. */
export class Status {
  #countdown = null;
  #holding = null;

  constructor(onReconnect) {
    this.footer = document.querySelector("footer");
    this.connectionNode = byId("connection");
    this.now = this.connectionNode.querySelector("button");
    this.now.addEventListener("click", onReconnect);
    this.hintNode = byId("hint");
  }

  /** @param {"idle" | "listening" | "processing" | "speaking" | "paused" | "error"} state */
  voice(state) {
    this.footer.dataset.voice = state;
    setText(byId("state"), state);
  }

  /** @param {import("./connection.js").Connection} connection */
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
    const line = byId("waiting");
    line.hidden = count === 0;
    setText(line.firstElementChild, `${count} of ${total} waiting`);
  }

  /** @param {"" | "error" | "notice"} kind errors are announced, too */
  hint(text, kind = "") {
    clearInterval(this.#holding);
    setText(this.hintNode, text);
    this.hintNode.dataset.kind = kind;
    if (text && kind) this.announce(text);
  }

  /** What waits is sent again by itself: how long that takes. */
  hold(seconds, message) {
    const [sentence] = String(message).split(" Try again in ");
    const until = Date.now() + 1000 * seconds;
    const show = () => {
      const left = Math.ceil((until - Date.now()) / 1000);
      setText(this.hintNode, left > 0 ? `${sentence} Sent again in ${left} s. Esc drops it.` : "");
      if (left <= 0) clearInterval(this.#holding);
    };
    this.hint(sentence, "notice");
    show();
    this.#holding = setInterval(show, 500);
  }

  /** For screen readers, tersely: it competes with our own speech. */
  announce(text) {
    setText(byId("said"), text);
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
