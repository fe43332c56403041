import { element } from "./dom.js";

/**
 * Loads a style sheet; resolves when it applies, or could not be loaded: without it, everything can still be used.
 * @param {string} address
 * @returns {Promise<void>}
 */
export function loadStyles(address) {
  if (document.querySelector(`link[href="${CSS.escape(address)}"]`)) return Promise.resolve();
  return new Promise((resolve) => {
    const link = element("link", { rel: "stylesheet", href: address });
    link.addEventListener("load", () => resolve());
    link.addEventListener("error", () => resolve());
    document.head.append(link);
  });
}
