/** Makes the log one tab stop: the arrow keys move between its entries, and within an entry between its buttons. */

/**
 * Makes an entry the one that Tab reaches.
 * @param {HTMLElement} list
 * @param {HTMLElement} entry
 */
export function makeStop(list, entry) {
  // The entry with the focus keeps its place in the tab order.
  if (list.contains(document.activeElement) && document.activeElement !== entry) return;
  for (const stop of list.querySelectorAll(":scope > [tabindex='0']")) stop.setAttribute("tabindex", "-1");
  entry.setAttribute("tabindex", "0");
}

/** @param {HTMLElement} list */
export function listenForLogKeys(list) {
  list.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || !(event.target instanceof HTMLElement)) return;
    const next = target(list, event.target, event.key);
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
  list.addEventListener("focusin", ({ target: focused }) => {
    // An entry can contain lists of its own.
    for (const node of list.children) node.setAttribute("tabindex", focused instanceof Node && node.contains(focused) ? "0" : "-1");
  });
}

/**
 * @param {HTMLElement} list
 * @param {HTMLElement} focused
 * @param {string} key
 * @returns {HTMLElement | null}
 */
function target(list, focused, key) {
  const entries = /** @type {HTMLElement[]} */ ([...list.children]);
  const at = entries.findIndex((entry) => entry.contains(focused));
  /** @type {Record<string, number>} */
  const moves = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: entries.length - 1 };
  if (key in moves) return entries[moves[key]] ?? null;
  const step = /** @type {Record<string, number>} */ ({ ArrowRight: 1, ArrowLeft: -1 })[key];
  if (!step) return null;
  const stops = [entries[at], .../** @type {NodeListOf<HTMLElement>} */ (entries[at].querySelectorAll("button, audio"))].filter((node) => !node.hidden);
  return stops[stops.indexOf(focused) + step] ?? null;
}
