import { element } from "./dom.js";

/** @returns {HTMLButtonElement} one that does `run`; `label` is what a screen reader says where the text alone is too short */
export function button(text, run, { label = null, ...attributes } = {}) {
  const node = element("button", { type: "button", "aria-label": label, ...attributes }, text);
  node.addEventListener("click", () => node.ariaDisabled !== "true" && run());
  return node;
}

/** Whether a button can be pressed; it keeps the focus where it cannot, so that the keyboard does not lose its place. */
export function enable(node, can) {
  node.ariaDisabled = String(!can);
}

/** Hide a button, and hand the focus on if it had it. */
export function hide(node, hidden, next) {
  const focused = hidden && node === document.activeElement;
  node.hidden = hidden;
  if (focused) next.focus();
}

/** A theme in small: its page with some of its colours on it. */
export function swatch({ colours }) {
  const dots = ["accent", "success", "warning", "error", "info"].map((name) => {
    const dot = element("i");
    dot.style.setProperty("background", colours[name]);
    return dot;
  });
  const node = element("span", { class: "swatch", "aria-hidden": "true" }, ...dots);
  node.style.setProperty("background", colours.background);
  node.style.setProperty("color", colours.foreground);
  node.style.setProperty("border-color", colours.border);
  return node;
}

/** A list of formats to export to, with its button. */
export function exporter(formats, id, save) {
  const select = element("select", { id, "aria-label": "Format of the file" },
    ...formats.filter(({ writable }) => writable).map(({ name, label }) => element("option", { value: name }, label)));
  return element("span", { class: "exporter" }, button("export", () => save(select.value)), " as ", select);
}
