/** Creates elements without parsing markup: user input is inserted as text only. */

/**
 * Creates an element.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string | boolean | null>} attributes true: present; false and null: absent
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children);
  return node;
}

/**
 * Returns the element of that id. Throws `TypeError` where the template has none of that type.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @param {new () => T} [type]
 * @returns {T}
 */
export function byId(id, type) {
  return query(document, `#${id}`, type);
}

/**
 * Returns the first element in `root` that matches. Throws `TypeError` if there is none of that type.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => T} [type]
 * @returns {T}
 */
export function query(root, selector, type = /** @type {any} */ (HTMLElement)) {
  const node = root.querySelector(selector);
  if (!(node instanceof type)) throw new TypeError(`no ${type.name} ${selector}`);
  return node;
}

/**
 * Sets text only where it differs: an assignment is a change to assistive technology, even of the same text.
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Sets the text of a live region. A no-break space at the end makes a repeated text another text, which screen readers announce again.
 * @param {Node} region
 * @param {string} text
 */
export function say(region, text) {
  region.textContent = text && region.textContent === text ? `${text}\u00a0` : text;
}

/**
 * Hides a node, and moves the focus to `next` if it was in the node: the focus of a hidden element is lost.
 * @param {HTMLElement} node
 * @param {boolean} hidden
 * @param {HTMLElement} next
 */
export function hide(node, hidden, next) {
  const focused = hidden && node.contains(document.activeElement);
  node.hidden = hidden;
  if (focused) next.focus();
}
