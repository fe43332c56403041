import { at } from "../../paths.js";
import { element } from "../../ui/dom.js";
import { documentOf } from "../state/theme-api.js";

/**
 * Downloads a theme as a file. Uses a form, as for recordings: the response is an attachment, so the page stays.
 * @param {ThemeDocument} theme
 * @param {string} format
 */
export function exportTheme(theme, format) {
  const fields = { theme: JSON.stringify(documentOf(theme)), format };
  const form = element("form", { method: "post", action: at("themes/write"), hidden: true },
    ...Object.entries(fields).map(([name, value]) => element("input", { type: "hidden", name, value })));
  document.body.append(form);
  form.submit();
  form.remove();
}
