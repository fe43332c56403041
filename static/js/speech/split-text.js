/** A book of 100,000 words. */
export const LONGEST_PASTE = 1_000_000;

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
  const clean = normalized(text);
  return splitRanges(clean, limit).map(([start, end]) => clean.slice(start, end));
}

/** Returns a text without white space at its ends, and with `\n` as the only line break. @param {string} text */
export function normalized(text) {
  return text.replace(/\r\n?/g, "\n").trim();
}

/**
 * Returns where `splitText` splits.
 * @param {string} text normalized
 * @param {number} limit
 * @returns {[start: number, end: number][]}
 */
export function splitRanges(text, limit) {
  /** @type {[number, number][]} */
  const ranges = [];
  let start = 0;
  while (text.length - start > limit) {
    // Two code units more, to see whether a break is inside a letter.
    const reach = text.slice(start, start + limit + 2);
    const cut = cutAt(reach, limit);
    ranges.push([start, start + reach.slice(0, cut).trimEnd().length]);
    start += cut;
    start += text.slice(start).search(/\S|$/);
  }
  if (start < text.length) ranges.push([start, text.length]);
  return ranges;
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
