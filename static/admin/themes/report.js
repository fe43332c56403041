// The report on contrast: each pair's ratio, and what is asked of it.
import { pairs, written } from "../../js/themes/contrast.js";

const NAMED = 3;

export class Report {
  constructor(section, changed) {
    this.rows = [...section.querySelectorAll("li[data-token]")];
    this.tokens = this.rows.map(({ dataset }) => ({ name: dataset.token, against: [dataset.ground], contrast: Number(dataset.required) }));
    this.verdict = section.querySelector(".theme-verdict");
    this.fix = section.querySelector(".theme-fix");
    this.minimum = section.querySelector(".theme-minimum");
    this.minimum.addEventListener("change", changed);
    section.addEventListener("click", goTo);
  }

  draw(colours) {
    const found = pairs(this.tokens, colours, Number(this.minimum.value));
    found.forEach((pair, index) => drawRow(this.rows[index], pair));
    const faint = this.rows.filter((_, index) => !found[index].passes);
    this.fix.disabled = faint.length === 0;
    this.say(faint.length ? told(faint, this.rows.length) : `All ${this.rows.length} pairs read.`);
  }

  say(text) {
    // Said again only if it is new: it is read out.
    if (this.verdict.textContent !== text) this.verdict.textContent = text;
  }
}

function drawRow(row, { ratio, required, passes }) {
  row.classList.toggle("fails", !passes);
  row.querySelector("b").textContent = written(ratio);
  row.querySelector("em").textContent = passes ? "reads" : `needs ${required}`;
}

function told(faint, all) {
  const names = faint.slice(0, NAMED).map(row => row.querySelector("span").textContent.trim().replace(/\s+/g, " "));
  const more = faint.length > NAMED ? ", and others" : "";
  return `${faint.length} of ${all} pairs ${faint.length === 1 ? "is" : "are"} too faint: ${names.join(", ")}${more}.`;
}

// A field in a closed group cannot be gone to.
function goTo(event) {
  const link = event.target.closest("a");
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  field.closest("details").open = true;
  field.focus();
  field.select();
}
