import assert from "node:assert/strict";
import { test } from "node:test";
import { asMarkdown, asText } from "../../../static/js/commands/copy-log.js";
import { logCommands, search } from "../../../static/js/commands/log-commands.js";

const LOG = [
  { number: 1, text: "The harbor was quiet.\n\n# A *boat* left." },
  { number: 2, text: "Another boat, and one more BOAT." },
];

test("a search finds every place in any case, the newest entry first", () => {
  assert.deepEqual(search("boat", LOG).map(({ document, offset }) => [document.number, offset]), [[2, 8], [2, 27], [1, 28]]);
  assert.deepEqual(search("Boat", LOG)[0].label, "2: Another boat, and one more BOAT.");
  assert.deepEqual([search("  ", LOG), search("ship", LOG)], [[], []]);
});

test("a search in a long log shows a bounded number of places, with the text around each", () => {
  const found = search("word", [{ number: 3, text: "A word in between. ".repeat(500) }]);
  assert.equal(found.length, 20);
  assert.ok(found.every(({ label }) => label.includes("word") && label.length < 110));
});

test("the log is copied as text, and as Markdown without interpreting its text", () => {
  assert.equal(asText(LOG), `${LOG[0].text}\n\n${LOG[1].text}`);
  assert.equal(asMarkdown(LOG.slice(0, 1)), "## 1\n\nThe harbor was quiet.\n\n\\# A \\*boat\\* left.");
});

test("the palette shows a place of the log, and nothing for an empty log", () => {
  const shown = [];
  const page = { log: { documents: LOG, show: (document, offset) => shown.push([document.number, offset]) }, actions: {} };
  logCommands("quiet", page).find(({ found }) => found).run();
  assert.deepEqual(shown, [[1, 15]]);
  assert.deepEqual(logCommands("quiet", { ...page, log: { documents: [] } }), []);
});
