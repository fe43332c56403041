import { byId, hide, query, say, setText } from "./dom.js";

/** The words for the voice's states. @type {Record<string, string>} */
const WORDS = { listening: "typing", processing: "preparing" };

/** Shows the voice's state, the connection, hints and announcements. */
export class StatusBar {
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #countdown = undefined;
  #hint = "";
  /**
   * Until when, and why, the queue waits.
   * @type {{sentence: string, until: number} | null}
   */
  #hold = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #holding = undefined;
  #wasConnected = false;
  #isQueueEmpty = true;
  /** Why no WebSocket connects, shown in place of the connection's state. */
  fault = "";

  /** @param {() => void} onReconnect called when the user requests it */
  constructor(onReconnect) {
    this.footer = query(document, "footer");
    this.connectionNode = byId("connection");
    this.now = query(this.connectionNode, "button");
    this.now.addEventListener("click", () => this.connectionNode.dataset.state !== "connecting" && onReconnect());
    this.hintNode = byId("hint");
    this.#hint = this.hintNode.textContent ?? "";
  }

  /**
   * Shows the voice's state.
   * @param {UtteranceState | "idle" | "listening"} state
   * @param {string} [words] what is shown where the state alone would mislead
   */
  voice(state, words = WORDS[state] ?? state) {
    this.footer.dataset.voice = state;
    setText(byId("voice-state"), words);
  }

  /** Shows the connection's state. @param {import("../connection.js").Connection} connection */
  connection(connection) {
    clearInterval(this.#countdown);
    const before = this.connectionNode.dataset.state;
    const state = connection.state === "waiting" && navigator.onLine === false ? "offline" : connection.state;
    this.connectionNode.dataset.state = state;
    // Each try hides the button, unless it has the focus.
    const tries = state === "connecting" && this.now === document.activeElement;
    hide(this.now, !tries && !["waiting", "offline"].includes(state), byId("prompt"));
    if (state === "waiting") this.#countDown(connection);
    else this.#showConnection(connection.outdated ? "outdated, reload the page" : state);
    if (before === "connected" && state !== "asleep") this.announce("Connection lost. Queued texts will be spoken after the reconnect.");
    if (state === "connected" && this.#wasConnected) this.announce("Reconnected.");
    this.#wasConnected ||= state === "connected";
  }

  /** Shows why the queue waits only while it is not empty. @param {boolean} isEmpty */
  queue(isEmpty) {
    this.#isQueueEmpty = isEmpty;
    this.#showHint();
  }

  /**
   * Shows a hint under the prompt.
   * @param {string} text
   * @param {MessageKind} kind errors and notices are announced, too
   */
  hint(text, kind = "") {
    this.#hint = text;
    this.hintNode.dataset.kind = kind;
    this.#showHint();
    if (text && kind) this.announce(text);
  }

  /** Shows why and for how long the queue waits. @param {number} seconds @param {string} message */
  hold(seconds, message) {
    const [sentence] = String(message).split(" Try again in ");
    this.#hold = { sentence, until: Date.now() + 1000 * seconds };
    clearInterval(this.#holding);
    this.#holding = setInterval(() => this.#showHint(), 500);
    this.hint("");
    this.announce(sentence);
  }

  /** Announces a short text to screen readers, which compete with our own speech. @param {string} text */
  announce(text) {
    say(byId("announcements"), text);
  }

  /** Shows the hint, or without one, why the queue waits. */
  #showHint() {
    const left = this.#hold ? Math.ceil((this.#hold.until - Date.now()) / 1000) : 0;
    if (left <= 0) {
      clearInterval(this.#holding);
      this.#hold = null;
    }
    const hold = !this.#isQueueEmpty && this.#hold;
    setText(this.hintNode, this.#hint || (hold ? `${hold.sentence} Sent again in ${left} s. Esc or remove drops it.` : ""));
  }

  /** @param {import("../connection.js").Connection} connection */
  #countDown(connection) {
    const show = () => {
      const seconds = Math.max(0, Math.ceil((connection.retryAt - Date.now()) / 1000));
      this.#showConnection(connection.refused ? `refused, next try in ${seconds} s` : `reconnecting in ${seconds} s`);
    };
    show();
    this.#countdown = setInterval(show, 500);
  }

  /** @param {string} text */
  #showConnection(text) {
    setText(query(this.connectionNode, "span"), this.fault || text);
  }
}
