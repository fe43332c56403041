import { query } from "../../js/ui/dom.js";
import { Fields } from "./fields.js";
import { Report } from "./report.js";

/** @type {NodeListOf<HTMLElement>} */
const editors = document.querySelectorAll(".theme-editor");
for (const section of editors) {
  const parent = section.closest("form");
  if (parent) edit(section, parent);
}

/**
 * Updates the preview and the contrast report of a preset's form while its colors are edited.
 * @param {HTMLElement} editor
 * @param {HTMLFormElement} form
 */
function edit(editor, form) {
  const preview = query(editor, ".theme-preview");
  let frame = 0;
  const draw = () => {
    frame = 0;
    const colors = fields.colors();
    for (const [token, text] of fields.texts) preview.style.setProperty(text.dataset.variable ?? "", colors[token]);
    drawTypography(form, preview);
    report.draw(colors);
  };
  // A dragged picker fires more often than anything can be seen.
  const changed = () => {
    frame ||= requestAnimationFrame(draw);
  };
  const fields = new Fields(form, changed);
  const report = new Report(query(editor, ".theme-report"), changed);
  for (const name of ["font", "size", "line_height"]) query(form, `[name=${name}]`).addEventListener("input", changed);
  report.fix.addEventListener("click", (event) => {
    event.preventDefault();
    // A draw that is still waiting would replace the message of the fix.
    if (frame) {
      cancelAnimationFrame(frame);
      draw();
    }
    fix(editor.dataset.fix ?? "", form, fields, report);
  });
  preview.hidden = false;
  draw();
  // An error may be far below the message that there is one.
  /** @type {HTMLElement | null} */ (form.querySelector(".errors :is(input, select):not([type=color])"))?.focus();
}

/** @param {HTMLFormElement} form @param {HTMLElement} preview */
function drawTypography(form, preview) {
  const font = query(form, "[name=font]", HTMLSelectElement);
  const [size, line] = ["size", "line_height"].map((name) => query(form, `[name=${name}]`, HTMLInputElement));
  preview.style.setProperty("--font", font.selectedOptions[0]?.dataset.stack ?? "monospace");
  if (size.checkValidity() && size.value) preview.style.setProperty("--size", `${size.value}px`);
  if (line.checkValidity() && line.value) preview.style.setProperty("--line", line.value);
}

/**
 * @param {string} address
 * @param {HTMLFormElement} form
 * @param {Fields} fields
 * @param {Report} report
 */
async function fix(address, form, fields, report) {
  if (!fields.areValid()) {
    report.say("A field has no valid color. Correct it first.");
    return;
  }
  const token = query(form, "[name=csrfmiddlewaretoken]", HTMLInputElement).value;
  try {
    const answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify({ colors: fields.colors(), minimum: Number(report.minimum.value) }),
    });
    const { colors, error } = await answer.json();
    if (error) report.say(error);
    else fields.set(colors);
  } catch {
    report.say("The server did not respond. Try again, or save first.");
  }
}
