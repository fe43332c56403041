/** How often a tab reports that it is used. */
const USED_EVERY_MS = 10_000;

/** @typedef {import("./speech-document.js").SpeechDocument} SpeechDocument */

/**
 * Speaks the texts that programs send to this tab (docs/protocol.md), and reports each as spoken or stopped. Like the queue, it
 * outlives connections: a report that cannot be sent is sent after the reconnect.
 */
export class SentTexts {
  /** @type {Map<string, SpeechDocument>} */
  #texts = new Map();
  /** Reports that wait for a connection. @type {Map<string, "say.done" | "say.stop">} */
  #unreported = new Map();
  #reportedUse = -Infinity;

  /**
   * @param {object} parts
   * @param {Send} parts.send
   * @param {(text: SayCreated, sender: string) => SpeechDocument} parts.speak queues a text that `sender` sent
   * @param {(document: SpeechDocument) => void} parts.stop
   * @param {() => boolean} [parts.focused] returns whether the user uses this tab
   * @param {() => number} [parts.now] in milliseconds
   */
  constructor({ send, speak, stop, focused = () => globalThis.document.hasFocus(), now = () => performance.now() }) {
    this.send = send;
    this.speak = speak;
    this.stop = stop;
    this.focused = focused;
    this.now = now;
  }

  /** Asks for texts. Call it when a session begins; texts belong to accounts. @param {string | null} [account] */
  connected(account) {
    if (!account) return;
    this.#reportedUse = -Infinity;
    for (const [id, report] of [...this.#unreported]) if (this.send(report, { id })) this.#unreported.delete(id);
    this.send("say.subscribe", { held: [...this.#texts.keys()] });
    if (this.focused()) this.used();
  }

  /** Reports that the user uses this tab: it speaks the next texts. Sent at most every few seconds. */
  used() {
    if (this.now() - this.#reportedUse < USED_EVERY_MS) return;
    if (this.send("say.used")) this.#reportedUse = this.now();
  }

  /** Handles a message. @param {SayCreated | SayCancelled} message */
  receive(message) {
    if (message.type === "say.created") {
      if (this.#texts.has(message.id) || this.#unreported.has(message.id)) return;
      const sender = message.title ? `${message.sender}, ${message.title}` : message.sender;
      this.#texts.set(message.id, this.speak(message, sender));
      return;
    }
    const document = this.#texts.get(message.id);
    this.#texts.delete(message.id);
    if (document && !document.ended) this.stop(document);
  }

  /** Reports the end of a text, if it was a program's. @param {SpeechDocument} document */
  changed(document) {
    if (!document.ended) return;
    for (const [id, its] of this.#texts) {
      if (its !== document) continue;
      this.#texts.delete(id);
      const report = document.state === "stopped" ? "say.stop" : "say.done";
      if (!this.send(report, { id })) this.#unreported.set(id, report);
    }
  }
}
