/** Groups, orders, searches and describes voices. Pure, apart from the language of the browser. */

const MB = 1_000_000;

/** Returns the primary language of a tag: `es` of `es-MX`. @param {string} tag */
export function primary(tag) {
  return tag.toLowerCase().split(/[-_]/)[0];
}

/**
 * Returns a function that names languages in the user's language; unknown ones by their tag, or by `fallback`.
 * @param {readonly string[]} [locales] the user's languages
 * @returns {(tag: string, fallback?: string) => string}
 */
export function languageNames(locales = globalThis.navigator?.languages ?? ["en"]) {
  const names = new Intl.DisplayNames([...locales, "en"], { type: "language", fallback: "none" });
  return (tag, fallback = "") => {
    try {
      return names.of(tag.replace("_", "-")) ?? (fallback || tag);
    } catch {
      return fallback || tag;
    }
  };
}

/**
 * Returns whether all words of a search occur in one of the texts, regardless of case and accents.
 * @param {string} search
 * @param {readonly string[]} texts
 */
export function matches(search, texts) {
  const text = plain(texts.join(" "));
  return plain(search).split(/\s+/).every((word) => text.includes(word));
}

/**
 * Returns the voices in groups by language: the current voice's language first, then in alphabetical order; in a group
 * the user's default first, then favorites.
 * @template {{id: string, name: string, language: string}} T
 * @param {readonly T[]} voices
 * @param {{favorites: readonly string[], defaults: Record<string, string>, current: string | null, nameOf: (tag: string) => string}} options
 * @returns {{language: string, title: string, voices: T[]}[]}
 */
export function groupVoices(voices, { favorites, defaults, current, nameOf }) {
  const first = primary(voices.find(({ id }) => id === current)?.language ?? "");
  /** @param {T} voice */
  const rank = ({ id, language }) => (defaults[primary(language)] === id ? 2 : 0) + (favorites.includes(id) ? 1 : 0);
  const languages = [...new Set(voices.map(({ language }) => primary(language)))];
  return languages
    .map((language) => ({
      language,
      title: nameOf(language),
      voices: voices.filter((voice) => primary(voice.language) === language)
        .sort((one, other) => rank(other) - rank(one) || one.name.localeCompare(other.name)),
    }))
    .sort((one, other) => Number(other.language === first) - Number(one.language === first) || one.title.localeCompare(other.title));
}

/** Returns a size in megabytes; empty if it is not known. @param {number | null | undefined} bytes */
export function sizeOf(bytes) {
  if (!bytes) return "";
  return bytes < MB ? "less than 1 MB" : `${Math.round(bytes / MB)} MB`;
}

/**
 * Returns what a voice costs, in phrases.
 * @param {{size_bytes?: number | null, times_real_time?: number | null, license?: string | null}} voice
 */
export function costs({ size_bytes: size, times_real_time: speed, license }) {
  return [
    sizeOf(size),
    speed ? `${speed.toFixed(speed < 10 ? 1 : 0)}\u00d7 real time on this server` : "speed not measured yet",
    `license: ${license || "not stated"}`,
  ].filter(Boolean);
}

/** @param {string} text */
function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();
}
