export const LONGEST_PASTE = 100_000;

/**
 * Break patterns in order of preference, and the minimum length of a piece for each, as a fraction of the limit.
 * @type {[RegExp, number][]}
 */
const BREAKS = [
  [/\n[^\S\n]*\n\s*/g, 0.5],
  [/[.!?…]["'”’»)\]]*\s+|[。！？]["'”’」』）]*|\n+/g, 0.3],
  [/[,;:]["'”’»)\]]*\s+|\s[–—-]+\s|[，；：、]/g, 0.3],
  [/\s+/g, 0],
];
// eslint-disable-next-line no-misleading-character-class -- each of them alone is meant
const CLINGS = /^[\p{M}\u200d\ufe0e\ufe0f\udc00-\udfff]/u;
const LONGEST_CLUSTER = 32;

/**
 * Splits a long text into utterances, at the best break within the limit.
 * @param {string} text
 * @param {number} limit in UTF-16 code units, which are never fewer than the server's characters
 * @returns {string[]} trimmed, none empty, none longer than `limit`
 */
export function splitText(text, limit) {
  const pieces = [];
  let rest = text.replace(/\r\n?/g, "\n").trim();
  while (rest.length > limit) {
    const cut = cutAt(rest, limit);
    pieces.push(rest.slice(0, cut).trimEnd());
    rest = rest.slice(cut).trimStart();
  }
  return rest ? [...pieces, rest] : pieces;
}

/** @param {string} text @param {number} limit */
function cutAt(text, limit) {
  const reach = text.slice(0, limit + 1);
  for (const [pattern, share] of BREAKS) {
    const ends = [...reach.matchAll(pattern)]
      .map((match) => match.index + match[0].length)
      .filter((end) => end >= limit * share && reach.slice(0, end).trimEnd().length <= limit);
    const last = ends.at(-1);
    if (last) return last;
  }
  return hardCut(text, limit);
}

/**
 * Returns where to split a text without blanks: not inside a letter with its marks nor a surrogate pair.
 * @param {string} text
 * @param {number} limit
 */
function hardCut(text, limit) {
  for (let cut = limit; cut > Math.max(0, limit - LONGEST_CLUSTER); cut -= 1) {
    if (!clings(text, cut)) return cut;
  }
  return Math.max(1, limit);
}

/** @param {string} text @param {number} at */
function clings(text, at) {
  const insidePair = /[\ud800-\udbff]/.test(text[at - 1]) && /[\udc00-\udfff]/.test(text[at]);
  return insidePair || text[at - 1] === "\u200d" || CLINGS.test(text.slice(at, at + 2));
}
