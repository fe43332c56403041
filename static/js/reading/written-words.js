/** The words of an explanation with their written form. Pure. */

/**
 * Returns the words in sentences, each with its written form.
 * @param {string} text
 * @param {readonly ExplainedWord[]} words
 * @returns {(ExplainedWord & {written: string})[][]}
 */
export function sentencesOf(text, words) {
  // The server counts code points.
  const characters = [...text];
  /** @type {(ExplainedWord & {written: string})[][]} */
  const sentences = [[]];
  for (const word of words) {
    sentences[sentences.length - 1].push({ ...word, written: characters.slice(word.start, word.end).join("") });
    if (word.segment_end) sentences.push([]);
  }
  return sentences.filter(({ length }) => length);
}

/**
 * Returns whether a word is read other than it is written, apart from case and punctuation.
 * @param {{written: string, spoken: string}} word
 */
export function differs({ written, spoken }) {
  return lettersOf(written) !== lettersOf(spoken);
}

/** Returns what to correct of a written word: without punctuation around it. @param {string} written */
export function phraseOf(written) {
  return written.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "") || written;
}

/** @param {string} text */
function lettersOf(text) {
  return text.replace(/[^\p{L}\p{N} ]/gu, "").toLowerCase().trim();
}
