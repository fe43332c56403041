import { at } from "../../paths.js";
import { ApiError, ask } from "../../site-api.js";

export { ApiError };

/** The largest theme file in bytes. */
export const LARGEST_FILE = 50 * 1024;

/**
 * Returns an error's message with its line, where that is known and the message does not have it.
 * @param {{message: string, line?: number | null}} error
 */
export function withLine({ message, line }) {
  return line && !/\bline \d/i.test(message) ? `Line ${line}: ${message}` : message;
}

/** @type {Promise<ThemeFacts> | null} */
let tokenList = null;

/** Returns the tokens, fonts and formats, which are requested once. @returns {Promise<ThemeFacts>} */
export function getThemeFacts() {
  // Retry a failed request at the next call.
  tokenList ??= ask(at("themes/tokens.json")).catch((error) => {
    tokenList = null;
    throw error;
  });
  return tokenList;
}

/**
 * Reads a theme file of any format. Throws `ApiError`.
 * @param {Blob | string} file
 * @param {number} minimum the contrast to check for
 * @param {{name?: string, scheme?: string | null}} options `name` of the file, where `file` has none; `scheme`: which of several
 * @returns {Promise<ImportedTheme>}
 */
export async function importTheme(file, minimum, { name = "theme.json", scheme = null } = {}) {
  const blob = typeof file === "string" ? new Blob([file]) : file;
  if (blob.size > LARGEST_FILE) {
    throw new ApiError({ message: `The file has ${Math.ceil(blob.size / 1024)} KB; a theme file may have ${LARGEST_FILE / 1024} KB.` });
  }
  const body = new FormData();
  body.append("file", blob, blob instanceof File ? blob.name : name);
  const query = new URLSearchParams({ minimum: String(minimum), ...(scheme === null ? {} : { scheme }) });
  return ask(at(`themes/read?${query}`), { method: "POST", body });
}

/**
 * Returns the theme with its colors changed to reach the contrast. Throws `ApiError`.
 * @param {ThemeDocument} theme
 * @param {number} minimum
 * @returns {Promise<{theme: ThemeDocument, changed: string[], failing: ContrastPair[]}>}
 */
export function fix(theme, minimum) {
  const body = JSON.stringify({ theme: documentOf(theme), minimum_contrast: minimum });
  return ask(at("themes/fix"), { method: "POST", body, headers: { "Content-Type": "application/json" } });
}

/**
 * Returns a theme without the fields that only this server uses.
 * @param {ThemeDocument} theme
 * @returns {ThemeDocument}
 */
export function documentOf({ name, scheme, colors, typography }) {
  return { name, scheme, colors, typography };
}

/** Returns the text of a theme's file. @param {ThemeDocument} theme */
export function textOf(theme) {
  return JSON.stringify({ format: "alphanumeric-theme", version: 1, ...documentOf(theme) }, null, 2);
}
