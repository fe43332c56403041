/** What the server works out about themes without keeping any of it. */

export const LARGEST_FILE = 50 * 1024;

/** A refusal of the server's: `message` is a sentence for people, `line` the place in a file, where it is known. */
export class ApiError extends Error {
  constructor({ message, line = null, param = null }) {
    super(message);
    Object.assign(this, { line, param });
  }
}

/** What is wrong with a file, with the place where it is known and the sentence does not tell it already. */
export function withLine({ message, line }) {
  return line && !/\bline \d/i.test(message) ? `Line ${line}: ${message}` : message;
}

let facts = null;

/** The tokens, fonts and formats that there are. @returns {Promise<object>} */
export function tokens() {
  // One that failed is asked for again.
  facts ??= ask("/themes/tokens.json").catch((error) => {
    facts = null;
    throw error;
  });
  return facts;
}

/**
 * A theme from a file of any format.
 * @param {Blob | string} file
 * @returns {Promise<{theme: object, format: string, failing: object[]}>}
 */
export async function importTheme(file, minimum, name = "theme.json") {
  const blob = typeof file === "string" ? new Blob([file]) : file;
  if (blob.size > LARGEST_FILE) {
    throw new ApiError({ message: `That is ${Math.ceil(blob.size / 1024)} KB; a theme has at most ${LARGEST_FILE / 1024} KB.` });
  }
  const body = new FormData();
  body.append("file", blob, file.name ?? name);
  return ask(`/themes/read?minimum=${minimum}`, { method: "POST", body });
}

/** The theme with its colours made readable. @returns {Promise<{theme: object, changed: string[], failing: object[]}>} */
export function fix(theme, minimum) {
  const body = JSON.stringify({ theme: documentOf(theme), minimum_contrast: minimum });
  return ask("/themes/fix", { method: "POST", body, headers: { "Content-Type": "application/json" } });
}

/** A theme without what only this server knows of it. */
export function documentOf({ name, scheme, colours, typography }) {
  return { name, scheme, colours, typography };
}

/** A theme as its file has it. */
export function textOf(theme) {
  return JSON.stringify({ format: "alphanumeric-theme", version: 1, ...documentOf(theme) }, null, 2);
}

async function ask(address, options) {
  let answer;
  try {
    answer = await fetch(address, options);
  } catch {
    throw new ApiError({ message: "The server cannot be reached just now. Try again when it is connected." });
  }
  const body = await answer.json().catch(() => null);
  if (answer.ok && body) return body;
  throw new ApiError(body?.error ?? { message: `The server could not do that (${answer.status}). Try again.` });
}
