const TEXT = 4.5;
/** @type {Record<number, number>} */
const ENHANCED = { 3: 4.5, 4.5: 7 };

/**
 * Returns the contrast ratio of two colors, from 1 to 21 (WCAG 2.1, https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio).
 * @param {string} one in #rrggbb
 * @param {string} other in #rrggbb
 */
export function contrast(one, other) {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((first, second) => first - second);
  return (lighter + 0.05) / (darker + 0.05);
}

/**
 * Returns the contrast of every color on every background on which it is used.
 * @param {Pick<ThemeToken, "name" | "against" | "contrast">[]} tokens
 * @param {Colors} colors
 * @param {number} minimum 1: nothing is required, 4.5: AA, 7: AAA
 * @returns {ContrastPair[]}
 */
export function pairs(tokens, colors, minimum) {
  return tokens.flatMap((token) => token.against.map((ground) => {
    const ratio = contrast(colors[token.name], colors[ground]);
    const required = requirement(token, minimum);
    return { token: token.name, ground, ratio, required, passes: ratio >= required };
  }));
}

/** Formats a ratio, rounded down: 4.499 must not read as the 4.5 that it misses. @param {number} ratio */
export function written(ratio) {
  return (Math.floor(ratio * 100) / 100).toFixed(2);
}

/**
 * Parses a color that a user typed: #rgb or #rrggbb, with or without the #.
 * @param {string} text
 * @returns {string | null} in #rrggbb, or null where it is none
 */
export function colorFrom(text) {
  const [, digits] = /^\s*#?([0-9a-f]{6}|[0-9a-f]{3})\s*$/i.exec(text) ?? [];
  if (!digits) return null;
  return `#${digits.length === 6 ? digits : [...digits].map((digit) => digit + digit).join("")}`.toLowerCase();
}

/** @param {Pick<ThemeToken, "contrast">} token @param {number} minimum */
function requirement(token, minimum) {
  if (minimum <= 1) return 1;
  return minimum > TEXT ? ENHANCED[token.contrast] ?? token.contrast : token.contrast;
}

/** @param {string} color in #rrggbb */
function luminance(color) {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
