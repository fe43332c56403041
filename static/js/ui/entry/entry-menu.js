import { asMarkdown } from "../../commands/copy-log.js";
import { button, openDialog } from "../controls.js";
import { byId, element } from "../dom.js";

/**
 * @typedef {import("../../speech/speech-document.js").SpeechDocument} SpeechDocument
 * @typedef {{queue: import("../../speech/queue.js").Queue, actions: import("../../commands/actions.js").Actions,
 *   status: import("../status-bar.js").StatusBar, log: import("../log.js").Log}} MenuPage
 */

/**
 * Opens the dialog with all actions of an entry. Moves keep it open, so that an entry is moved several places at once.
 * @param {SpeechDocument} document
 * @param {MenuPage} page
 */
export function openEntryMenu(document, page) {
  const { number } = document;
  const dialog = element("dialog", { class: "entry-menu", "aria-labelledby": "entry-menu-title" },
    element("h2", { id: "entry-menu-title", dir: "auto" }, `${number}: ${document.text.slice(0, 60)}${document.text.length > 60 ? "\u2026" : ""}`));
  const list = element("ul", { role: "list" });
  for (const [label, run, stays] of choices(document, page)) {
    list.append(element("li", {}, button(label, () => {
      if (!stays) dialog.close();
      run();
    })));
  }
  dialog.append(list, element("form", { method: "dialog" }, element("button", {}, "close")));
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
  openDialog(dialog);
}

/**
 * Returns the label of each action, what it does, and whether the menu stays open.
 * @param {SpeechDocument} document
 * @param {MenuPage} page
 * @returns {[string, () => unknown, boolean?][]}
 */
function choices(document, { queue, actions, status, log }) {
  const queued = !document.ended;
  const move = (/** @type {number} */ by) => {
    const place = queue.documents.indexOf(document);
    const to = Math.max(1, Math.min(queue.documents.length - 1, place + by));
    queue.move(document, to);
    log.arrange(queue.documents);
    status.announce(`Entry ${document.number} is number ${to} of ${queue.documents.length - 1} in the queue.`);
  };
  return [
    ...(queued ? /** @type {[string, () => unknown, boolean?][]} */ ([
      ["speak next", () => move(-Infinity)],
      ["move up", () => move(-1), true],
      ["move down", () => move(1), true],
      ["edit", () => {
        queue.stop(document);
        actions.edit(document.text);
      }],
      ["remove", () => actions.act("remove", document)],
    ]) : /** @type {[string, () => unknown][]} */ ([
      [queue.items.length ? "speak again next" : "speak again", () => actions.act("again", document)],
      ["edit and speak again", () => actions.edit(document.text)],
      ["save as a WAV file", () => actions.act("save", document)],
    ])),
    ["how is it read?", () => actions.explainEntry(document)],
    ...(hasFeedback() ? /** @type {[string, () => unknown][]} */ ([["report a wrong reading", () => report(document, status)]]) : []),
    ["copy as text", () => actions.copy(document.text)],
    ["copy as Markdown", () => actions.copy(asMarkdown([document]))],
  ];
}

/** Returns whether the operator takes reports. */
function hasFeedback() {
  return byId("dock").querySelector("footer[data-feedback]") !== null;
}

/** @param {SpeechDocument} document @param {MenuPage["status"]} status */
function report(document, status) {
  import("../../feedback/report-reading.js").then(({ reportReading }) => reportReading(document, { status }),
    () => status.hint("The dialog could not be loaded. Reload the page to try again.", "error"));
}
