/** Characters of a correlation id that the page shows: enough to find the server's log lines. */
const SHOWN = 8;

/** Returns a random id, with which the server logs its work on one message or request. @returns {string} */
export function newCorrelationId(bytes = crypto.getRandomValues(new Uint8Array(8))) {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Returns the message of an error with its reference, where it has one.
 * @param {{message: string, correlation_id?: string}} error
 */
export function withReference({ message, correlation_id: id }) {
  return id ? `${message} (reference ${String(id).slice(0, SHOWN)})` : message;
}
