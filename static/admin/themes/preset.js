// The form of a preset in the admin: draws a terminal with the colours as they are edited, and tells what cannot be read.
import { Fields } from "./fields.js";
import { Report } from "./report.js";

const editor = document.querySelector(".theme-editor");
if (editor) edit(editor, editor.closest("form"));

function edit(editor, form) {
  const preview = editor.querySelector(".theme-preview");
  let waiting = false;
  const draw = () => {
    waiting = false;
    const colours = fields.colours();
    for (const [token, text] of fields.texts) preview.style.setProperty(text.dataset.variable, colours[token]);
    typography(form, preview);
    report.draw(colours);
  };
  // A dragged picker fires more often than anything can be seen.
  const changed = () => {
    if (!waiting) requestAnimationFrame(draw);
    waiting = true;
  };
  const fields = new Fields(form, changed);
  const report = new Report(editor.querySelector(".theme-report"), changed);
  for (const name of ["font", "size", "line_height"]) form.elements[name].addEventListener("input", changed);
  report.fix.addEventListener("click", event => {
    event.preventDefault();
    fix(editor.dataset.fix, form, fields, report);
  });
  preview.hidden = false;
  draw();
  // What is wrong may be far below the word that something is.
  form.querySelector(".errors :is(input, select):not([type=color])")?.focus();
}

function typography(form, preview) {
  const { font, size, line_height: line } = form.elements;
  preview.style.setProperty("--font", font.selectedOptions[0]?.dataset.stack ?? "monospace");
  if (size.checkValidity() && size.value) preview.style.setProperty("--size", `${size.value}px`);
  if (line.checkValidity() && line.value) preview.style.setProperty("--line", line.value);
}

async function fix(address, form, fields, report) {
  if (!fields.sound()) return report.say("One of the fields holds no colour. Put that right first.");
  try {
    const answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
      body: JSON.stringify({ colours: fields.colours(), minimum: Number(report.minimum.value) }),
    });
    const { colours, error } = await answer.json();
    if (error) report.say(error);
    else fields.set(colours);
  } catch {
    report.say("The server did not answer. Try again, or save first.");
  }
}
