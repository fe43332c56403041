import { byId, element } from "./dom.js";

/**
 * Creates a button that calls `run`.
 * @param {string} text
 * @param {() => unknown} run
 * @param {{label?: string | null, [attribute: string]: string | boolean | null | undefined}} attributes `label` is the accessible
 *   name if the text alone is too short
 */
export function button(text, run, { label = null, ...attributes } = {}) {
  const node = element("button", { type: "button", "aria-label": label, .../** @type {Record<string, string | boolean | null>} */ (attributes) }, text);
  node.addEventListener("click", () => node.ariaDisabled !== "true" && run());
  return node;
}

/**
 * Enables or disables a button. A disabled button keeps the focus, so that keyboard users keep their position.
 * @param {HTMLElement} node
 * @param {boolean} can
 */
export function enable(node, can) {
  node.ariaDisabled = String(!can);
}

/** Opens a modal dialog that exists only while it is open. @param {HTMLDialogElement} dialog */
export function openDialog(dialog) {
  dialog.addEventListener("close", () => dialog.remove());
  byId("dock").after(dialog);
  dialog.showModal();
}

/** Creates a small picture of a theme: its page with some of its colors on it. @param {ThemeDocument} theme */
export function swatch({ colors }) {
  const dots = ["accent", "success", "warning", "error", "info"].map((name) => {
    const dot = element("i");
    dot.style.setProperty("background", colors[name]);
    return dot;
  });
  const node = element("span", { class: "swatch", "aria-hidden": "true" }, ...dots);
  node.style.setProperty("background", colors.background);
  node.style.setProperty("color", colors.foreground);
  node.style.setProperty("border-color", colors.border);
  return node;
}

/**
 * Creates the list of formats to export to, with its button.
 * @param {ThemeFormat[]} formats
 * @param {string} id
 * @param {(format: string) => void} save
 */
export function exporter(formats, id, save) {
  const select = element("select", { id, "aria-label": "Format of the file" },
    ...formats.filter(({ writable }) => writable).map(({ name, label }) => element("option", { value: name }, label)));
  return element("span", { class: "exporter" }, button("export", () => save(select.value)), " as ", select);
}
