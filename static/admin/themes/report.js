import { query, setText } from "../../js/ui/dom.js";
import { pairs, written } from "../../js/themes/contrast.js";

const MAX_NAMED = 3;

/** The contrast report: each pair's ratio and required minimum. */
export class Report {
  /**
   * @param {HTMLElement} section
   * @param {() => void} changed
   */
  constructor(section, changed) {
    /** @type {NodeListOf<HTMLElement>} */
    const rows = section.querySelectorAll("li[data-token]");
    this.rows = [...rows];
    this.tokens = this.rows.map(({ dataset: { token = "", ground = "", required } }) => ({ name: token, against: [ground], contrast: Number(required) }));
    this.verdict = query(section, ".theme-verdict");
    this.fix = query(section, ".theme-fix", HTMLButtonElement);
    this.minimum = query(section, ".theme-minimum", HTMLSelectElement);
    this.minimum.addEventListener("change", changed);
    section.addEventListener("click", goToField);
  }

  /** Shows the contrast of these colors. @param {Colors} colors */
  draw(colors) {
    const found = pairs(this.tokens, colors, Number(this.minimum.value));
    found.forEach((pair, index) => drawRow(this.rows[index], pair));
    const faint = this.rows.filter((_, index) => !found[index].passes);
    this.fix.disabled = faint.length === 0;
    this.say(faint.length ? summary(faint, this.rows.length) : `All ${this.rows.length} pairs pass.`);
  }

  /** Shows a text, which is read out if it is new. @param {string} text */
  say(text) {
    setText(this.verdict, text);
  }
}

/** @param {HTMLElement} row @param {ContrastPair} pair */
function drawRow(row, { ratio, required, passes }) {
  row.classList.toggle("fails", !passes);
  setText(query(row, "b"), written(ratio));
  setText(query(row, "em"), passes ? "passes" : `needs ${required}`);
}

/** @param {HTMLElement[]} faint @param {number} all */
function summary(faint, all) {
  const names = faint.slice(0, MAX_NAMED).map((row) => (query(row, "span").textContent ?? "").trim().replace(/\s+/g, " "));
  const more = faint.length > MAX_NAMED ? ", and others" : "";
  return `${faint.length} of ${all} pairs ${faint.length === 1 ? "has" : "have"} low contrast: ${names.join(", ")}${more}.`;
}

/** Focuses the field of a link, and opens its group. @param {MouseEvent} event */
function goToField(event) {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  const field = link && document.getElementById(link.hash.slice(1));
  if (!(field instanceof HTMLInputElement)) return;
  event.preventDefault();
  const group = field.closest("details");
  if (group) group.open = true;
  field.focus();
  field.select();
}
