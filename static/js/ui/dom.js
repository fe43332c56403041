/** Elements without markup: whatever a person wrote arrives as text, and only as text. */

/**
 * @param {string} tag
 * @param {Record<string, string | boolean | null>} attributes true: present; false and null: absent
 * @param {(Node | string)[]} children
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children);
  return node;
}

export function byId(id) {
  return document.getElementById(id);
}

/** Set text only where it differs: an assignment is a change to assistive technology, even of the same text. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
