import { element, setText } from "../../ui/dom.js";
import { ColorRow } from "./color-row.js";

/** Shows the colors of a theme, in groups that can be folded. */
export class ColorGroups {
  /**
   * @param {ThemeToken[]} tokens
   * @param {import("./color-row.js").ColorHandlers} handlers
   */
  constructor(tokens, handlers) {
    const labelOf = (/** @type {string} */ name) => tokens.find((token) => token.name === name)?.label ?? name;
    this.groups = [...new Set(tokens.map(({ group }) => group))].map((group) => {
      const rows = tokens.filter((token) => token.group === group).map((token) => new ColorRow(token, labelOf, handlers));
      const bad = element("span", { class: "failing" });
      const node = element("details", { open: group === "Page", "data-group": group }, element("summary", {}, group, " ", bad), ...rows.map((row) => row.node));
      return { node, bad, rows };
    });
  }

  /** Returns the elements of the groups. */
  get nodes() {
    return this.groups.map(({ node }) => node);
  }

  /**
   * Shows a theme.
   * @param {ThemeDocument} theme
   * @param {Theme | undefined} origin the theme that it is a copy of
   * @param {ContrastPair[]} pairs
   */
  show({ colors }, origin, pairs) {
    for (const { bad, rows } of this.groups) {
      let count = 0;
      for (const row of rows) {
        const { name } = row.token;
        row.show(colors[name], origin !== undefined && origin.colors[name] !== colors[name], pairs);
        if (pairs.some(({ token, passes }) => token === name && !passes)) count += 1;
      }
      setText(bad, count ? `✗ ${count} with low contrast` : "");
    }
  }
}
