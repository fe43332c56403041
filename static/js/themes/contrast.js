/** Contrast as WCAG 2.1 defines it (https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio), and what is asked of each pair. */

const TEXT = 4.5;
const ENHANCED = { 3: 4.5, 4.5: 7 };

/** @returns {number} the ratio between two colours in #rrggbb, from 1 to 21 */
export function contrast(one, other) {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((first, second) => first - second);
  return (lighter + 0.05) / (darker + 0.05);
}

/**
 * @param {{name: string, against: string[], contrast: number}[]} tokens as /themes/tokens.json lists them
 * @param {Record<string, string>} colours @param {number} minimum 1: nothing is asked, 4.5: AA, 7: AAA
 * @returns {{token: string, ground: string, ratio: number, required: number, passes: boolean}[]} every colour on every ground
 */
export function pairs(tokens, colours, minimum) {
  return tokens.flatMap((token) => token.against.map((ground) => {
    const ratio = contrast(colours[token.name], colours[ground]);
    const required = requirement(token, minimum);
    return { token: token.name, ground, ratio, required, passes: ratio >= required };
  }));
}

/** Rounded down, so that 4.499 is not told as the 4.5 that it misses. */
export function written(ratio) {
  return (Math.floor(ratio * 100) / 100).toFixed(2);
}

/** @returns {string | null} a colour in #rrggbb from what a person typed, if it is one: #rgb, #rrggbb, with or without # */
export function colourFrom(text) {
  const [, digits] = /^\s*#?([0-9a-f]{6}|[0-9a-f]{3})\s*$/i.exec(text) ?? [];
  if (!digits) return null;
  return `#${digits.length === 6 ? digits : [...digits].map((digit) => digit + digit).join("")}`.toLowerCase();
}

function requirement(token, minimum) {
  if (minimum <= 1) return 1;
  return minimum > TEXT ? ENHANCED[token.contrast] ?? token.contrast : token.contrast;
}

function luminance(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
