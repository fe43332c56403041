import { element } from "../dom.js";

/** @returns {HTMLButtonElement} one that does `run`; `label` is what a screen reader says where the text alone is too short */
export function button(text, run, { label = null, ...attributes } = {}) {
  const node = element("button", { type: "button", "aria-label": label, ...attributes }, text);
  node.addEventListener("click", run);
  return node;
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
