import { element, setText } from "../ui/dom.js";
import { ColorRow } from "./color-row.js";

/** The colours of a theme, in groups that can be folded. */
export class ColorGroups {
  /** @param {{name: string, group: string, label: string, against: string[]}[]} tokens @param {object} handlers as `ColorRow` takes them */
  constructor(tokens, handlers) {
    const labelOf = (name) => tokens.find((token) => token.name === name).label;
    this.groups = [...new Set(tokens.map(({ group }) => group))].map((group) => {
      const rows = tokens.filter((token) => token.group === group).map((token) => new ColorRow(token, labelOf, handlers));
      const bad = element("span", { class: "failing" });
      const node = element("details", { open: group === "Page", "data-group": group }, element("summary", {}, group, " ", bad), ...rows.map((row) => row.node));
      return { node, bad, rows };
    });
  }

  get nodes() {
    return this.groups.map(({ node }) => node);
  }

  /** @param {object} theme @param {object | undefined} origin what it began as @param {object[]} pairs */
  show({ colours }, origin, pairs) {
    for (const { bad, rows } of this.groups) {
      let count = 0;
      for (const row of rows) {
        const { name } = row.token;
        row.show(colours[name], Boolean(origin) && origin.colours[name] !== colours[name], pairs);
        count += pairs.some(({ token, passes }) => token === name && !passes);
      }
      setText(bad, count ? `✗ ${count} hard to read` : "");
    }
  }
}
