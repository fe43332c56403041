import { asMarkdown, asText } from "./copy-log.js";

const MOST_FOUND = 20;
/** How much of the text around a match is shown, in characters. */
const BEFORE = 20;
const AFTER = 60;

/**
 * Returns the palette's entries about the log: to copy it, and the places where it has the search text.
 * @param {string} typed
 * @param {{log: import("../ui/log.js").Log, actions: import("./actions.js").Actions}} page
 * @returns {PaletteEntry[]}
 */
export function logCommands(typed, { log, actions }) {
  const { documents } = log;
  if (!documents.length) return [];
  return [
    { label: "copy the log as text", keys: "", run: () => actions.copy(asText(documents)) },
    { label: "copy the log as Markdown", keys: "", run: () => actions.copy(asMarkdown(documents)) },
    ...search(typed, documents).map(({ document, offset, label }) => ({ label, keys: "log", found: true, run: () => log.show(document, offset) })),
  ];
}

/**
 * Returns the places where documents have a text, in any case, the newest document first.
 * @template {{number: number, text: string}} T
 * @param {string} wanted
 * @param {T[]} documents
 * @returns {{document: T, offset: number, label: string}[]}
 */
export function search(wanted, documents) {
  const words = wanted.trim().toLowerCase();
  const found = [];
  for (const document of words ? documents.slice().reverse() : []) {
    const text = document.text.toLowerCase();
    for (let offset = text.indexOf(words); offset >= 0 && found.length < MOST_FOUND; offset = text.indexOf(words, offset + words.length)) {
      const start = Math.max(0, offset - BEFORE);
      const end = offset + words.length + AFTER;
      const shown = document.text.slice(start, end).replace(/\s+/g, " ");
      found.push({ document, offset, label: `${document.number}: ${start ? "\u2026" : ""}${shown}${end < text.length ? "\u2026" : ""}` });
    }
  }
  return found;
}
