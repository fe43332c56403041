import { newCorrelationId } from "./correlation.js";

/**
 * The server's error: `message` is a sentence for users, `line` the place in a file, where it is known, and `choices` what
 * `param` may be.
 */
export class ApiError extends Error {
  /** @param {{message: string, code?: string, line?: number | null, param?: string | null, choices?: string[], status?: number}} error */
  constructor({ message, code = "", line = null, param = null, choices = [], status = 0 }) {
    super(message);
    /** The HTTP status of an answer that is no error of this site's; 0 otherwise. */
    this.status = status;
    this.code = code;
    this.line = line;
    this.param = param;
    this.choices = choices;
  }
}

/**
 * Requests JSON of this site. Throws `ApiError`.
 * @param {string} address
 * @param {RequestInit} [options]
 */
export async function ask(address, options) {
  let answer;
  try {
    answer = await fetch(address, { ...options, headers: { ...options?.headers, "X-Request-ID": newCorrelationId() } });
  } catch {
    throw new ApiError({ message: "The server is not reachable. Try again when the page is connected." });
  }
  const body = await answer.json().catch(() => null);
  if (answer.ok && body) return body;
  throw new ApiError(body?.error ?? { status: answer.status, message: `The server could not complete the request (${answer.status}). Try again.` });
}

/**
 * Sends an object as JSON. Throws `ApiError`.
 * @param {string} address
 * @param {object} fields
 */
export function send(address, fields) {
  return ask(address, { method: "POST", body: JSON.stringify(fields), headers: { "Content-Type": "application/json" } });
}

/**
 * Sends a form with the CSRF token of an earlier answer. Throws `ApiError`.
 * @param {string} address
 * @param {Record<string, string>} fields
 * @param {string} token
 */
export function sendForm(address, fields, token) {
  return ask(address, { method: "POST", body: new URLSearchParams(fields), headers: { "X-CSRFToken": token } });
}
