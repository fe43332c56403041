/** The path of the site, with a slash at the end: "/" unless the operator set URL_PREFIX. */
export const ROOT = globalThis.document?.documentElement?.dataset?.root ?? "/";

/**
 * Returns the path of a page or file of this site.
 *
 * @param {string} path relative to the site, without a slash at the beginning
 */
export const at = (path) => ROOT + path;
