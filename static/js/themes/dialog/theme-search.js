/**
 * Returns the theme that a user names, or undefined.
 * @param {Theme[]} themes
 * @param {string} words an id or a name, with or without its scheme; capitals do not matter
 * @param {string} scheme the displayed scheme, which takes precedence among themes of the same name
 */
export function findTheme(themes, words, scheme) {
  const wanted = plain(words);
  const named = themes.filter(({ id, name, scheme: its }) => [plain(id), plain(name), plain(`${name} ${its}`)].includes(wanted));
  const begun = named.length || !wanted ? named : themes.filter(({ name }) => plain(name).startsWith(wanted));
  const exact = named.length > 0 || new Set(begun.map(({ name }) => plain(name))).size === 1;
  const [best] = exact ? begun.sort((one, other) => rank(other) - rank(one)) : [];
  return best;

  /** @param {Theme} theme */
  function rank({ own, scheme: its, id }) {
    return 4 * Number(plain(id) === wanted) + 2 * Number(its === scheme) + Number(own);
  }
}

/**
 * Returns the names that are most similar to the input.
 * @param {Theme[]} themes
 * @param {string} words
 * @param {number} count at most
 */
export function nearestThemes(themes, words, count = 3) {
  const wanted = plain(words);
  return [...new Set(themes.map(({ name }) => name))]
    .map((name) => ({ name, similarity: similarity(plain(name), wanted) }))
    .filter(({ similarity: much }) => much > 0.2)
    .sort((one, other) => other.similarity - one.similarity)
    .slice(0, count)
    .map(({ name }) => name);
}

/**
 * Returns a name that no theme has yet: "Ocean, mine", then "Ocean, mine 2".
 * @param {Theme[]} themes
 * @param {string} wanted
 * @param {number} longest in characters
 */
export function freeName(themes, wanted, longest = 60) {
  const taken = new Set(themes.map(({ name }) => plain(name)));
  for (let number = 1; ; number += 1) {
    const ending = number === 1 ? "" : ` ${number}`;
    const name = [...wanted].slice(0, longest - ending.length).join("").trim() + ending;
    if (!taken.has(plain(name))) return name;
  }
}

/** @param {string} words */
function plain(words) {
  return words.trim().toLowerCase().normalize("NFC");
}

/**
 * Returns the share of letter pairs that two words have in common (Dice coefficient), from 0 to 1.
 * @param {string} one
 * @param {string} other
 */
function similarity(one, other) {
  const [onePairs, otherPairs] = [one, other].map((word) => Array.from({ length: word.length + 1 }, (_, at) => ` ${word} `.slice(at, at + 2)));
  const common = onePairs.filter((pair) => otherPairs.includes(pair)).length;
  return (2 * common) / (onePairs.length + otherPairs.length);
}
