import { element } from "../../ui/dom.js";
import { exportTheme } from "./export-theme.js";
import { button, exporter } from "../../ui/controls.js";
import { Rename } from "../editor/rename.js";
import { getThemeFacts } from "../state/theme-api.js";

/** Shows the buttons for the active theme of the list. */
export class ThemeActions {
  /**
   * @param {import("./theme-listbox.js").ThemeListbox} list
   * @param {{edit: () => void, duplicate: () => void, delete: () => void, rename: (theme: Theme, name: string) => void,
   *   closed: () => void}} handlers
   */
  constructor(list, handlers) {
    this.list = list;
    this.rename = new Rename(handlers);
    this.own = [button("rename", () => list.active && this.rename.open(list.active), { id: "theme-rename" }), button("delete", handlers.delete, { id: "theme-delete" })];
    this.formats = element("span");
    this.node = element("div", { class: "action-row", role: "group", "aria-label": "With the theme that is marked" },
      button("edit", handlers.edit, { id: "theme-edit" }), button("duplicate", handlers.duplicate, { id: "theme-duplicate" }), ...this.own, this.formats);
  }

  /** Shows the actions that the active theme allows. */
  show() {
    const { active } = this.list;
    this.node.hidden = !active;
    for (const one of this.own) one.hidden = !active?.own;
    this.rename.closeUnless(active);
  }

  /** Adds the export formats, which the server lists. */
  async offerFormats() {
    const { formats } = await getThemeFacts();
    if (this.formats.firstChild) return;
    this.formats.append(exporter(formats, "theme-format", (format) => this.list.active && exportTheme(this.list.active, format)));
  }
}
