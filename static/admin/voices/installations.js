/** Shows the progress of installations while the page is open; without scripts, a link loads the page again. */

const POLL_MS = 2000;

/**
 * Updates a row of the table.
 * @param {Element} row
 * @param {Installation} installation
 */
function show(row, { name, state, step, percent, message, active, stopping }) {
  const [, stateCell, progressCell, messageCell, cancelCell] = row.children;
  stateCell.textContent = active && stopping ? "being cancelled" : state;
  progressCell.textContent = active ? `${step}${percent === null ? "" : ` ${percent} %`}` : "";
  messageCell.textContent = message;
  if (active && !stopping) return;
  // The focus of a removed button would be lost.
  if (cancelCell.contains(document.activeElement)) document.getElementById("refresh")?.focus();
  cancelCell.textContent = "";
  const status = document.getElementById("progress-message");
  if (status && !active) status.textContent = `${name}: ${state}. ${message}`;
}

/** @param {string} address */
async function poll(address) {
  const rows = [...document.querySelectorAll("tr[data-id]")];
  try {
    const answer = await fetch(address);
    /** @type {Installation[]} */
    const installations = (await answer.json()).installations;
    for (const row of rows) {
      const installation = installations.find(({ id }) => String(id) === row.getAttribute("data-id"));
      if (installation && row.hasAttribute("data-active")) show(row, installation);
      row.toggleAttribute("data-active", Boolean(installation?.active));
    }
  } catch {
    // The server may restart; the next answer shows the progress.
  }
  if (rows.some((row) => row.hasAttribute("data-active"))) setTimeout(() => poll(address), POLL_MS);
}

const address = document.getElementById("content-main")?.dataset.progress;
if (address) poll(address);
