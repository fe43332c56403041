import { at } from "../paths.js";
import { element } from "../ui/dom.js";
import { showNotice } from "../ui/notice-bar.js";

/** Entries that must have been spoken before the page asks. */
const LEAST_SPOKEN = 5;
/** How often it is checked whether they have been. */
const CHECK_MS = 60_000;
const MOST_CHARACTERS = 500;
/** @type {[number, string][]} */
const SCORES = [[1, "bad"], [2, ""], [3, ""], [4, ""], [5, "very good"]];

/**
 * @typedef {{log: {documents: {state: string}[]}, queue: {items: unknown[]}, prompt: {isEmpty: boolean},
 *   status: {hint(text: string, kind?: MessageKind): void, announce(text: string): void}}} RatingPage
 */

/**
 * Returns whether the page may ask now: after several spoken entries, and while nothing is queued and nothing is typed.
 * @param {Pick<RatingPage, "log" | "queue" | "prompt">} app
 * @param {{hidden: boolean}} page
 */
export function isMoment({ log, queue, prompt }, { hidden }) {
  return !hidden && !queue.items.length && prompt.isEmpty && log.documents.filter(({ state }) => state === "done").length >= LEAST_SPOKEN;
}

/**
 * Asks once for a rating, when the moment comes. The server remembers it with a cookie, so a browser without cookies is not asked.
 * @param {RatingPage} app
 */
export function askForRating(app) {
  if (!navigator.cookieEnabled) return;
  const timer = setInterval(() => {
    if (!isMoment(app, document)) return;
    clearInterval(timer);
    ask(app);
  }, CHECK_MS);
}

/** @param {RatingPage} app */
function ask(app) {
  // At once: a page that is closed without an answer has asked, too.
  send("asked", {});
  /** @type {number} */
  let score = 0;
  const words = element("input", { type: "text", id: "rating-words", maxlength: String(MOST_CHARACTERS), autocomplete: "off" });
  const scores = element("fieldset", {}, element("legend", {}, "How was it?"), ...SCORES.map(([value, label]) => {
    const radio = element("input", { type: "radio", name: "rating", value: String(value) });
    radio.addEventListener("change", () => { score = value; });
    return element("label", {}, radio, label ? `${value} (${label})` : String(value));
  }));
  const problem = element("p", { role: "alert" });
  showNotice(app, {
    label: "Feedback", announcement: "The page asks how it was. The question is above the prompt.",
    content: [scores, element("label", { class: "words" }, "In your words (optional)", words),
      element("p", { class: "muted" }, "The operator of this server sees the number and the words, not who you are."), problem],
    actions: [
      ["send", (close) => {
        if (!score) {
          problem.textContent = "Choose a number from 1 to 5.";
          return;
        }
        close();
        deliver(app, "rate", { score, words: words.value }, "Thank you.");
      }],
      ["not now", (close) => close()],
      ["do not ask again", (close) => {
        close();
        send("asked", { never: true });
      }],
    ],
  });
}

/**
 * Sends feedback, and reports whether it arrived.
 * @param {{status: {hint(text: string, kind?: MessageKind): void}}} page
 * @param {"rate" | "reading"} what
 * @param {object} fields
 * @param {string} thanks
 */
export async function deliver({ status }, what, fields, thanks) {
  const answer = await send(what, fields);
  if (answer?.ok) return status.hint(thanks, "notice");
  const error = await answer?.json().then((body) => body.error?.message, () => null);
  return status.hint(error ?? "The feedback could not be sent. Try again when the page is connected.", "error");
}

/** @param {string} what @param {object} fields @returns {Promise<Response | null>} null: the server is not reachable */
function send(what, fields) {
  return fetch(at(`feedback/${what}`), { method: "POST", body: JSON.stringify(fields), headers: { "Content-Type": "application/json" } }).catch(() => null);
}
