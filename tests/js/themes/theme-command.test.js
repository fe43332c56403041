import assert from "node:assert/strict";
import { test } from "node:test";
import { runThemeCommand } from "../../../static/js/themes/theme-command.js";

const THEMES = [
  { id: "ocean-dark", name: "Ocean", scheme: "dark" }, { id: "ocean-light", name: "Ocean", scheme: "light" },
  { id: "paper-light", name: "Paper", scheme: "light" },
];

/** What commands act on: it notes what is asked of it. */
function target() {
  const asked = [];
  const note = (what) => async (...details) => { asked.push([what, ...details]); };
  return {
    asked,
    store: { state: { current: { mode: "dark", dark: THEMES[0] }, themes: THEMES } },
    list: { load: async () => true },
    changes: { set: note("set") },
    dialog: { open: note("choose") },
    openEditor: note("edit"),
    notify: note("tell"),
    operations: { select: note("select") },
  };
}

for (const [line, asked] of [
  ["", [["choose"]]],
  ["import", [["choose", "import"]]],
  ["edit", [["edit"]]],
  ["list", [["tell", "dark: Ocean\nlight: Ocean, Paper"]]],
  ["set ocean", [["select", THEMES[0]]]],
  ["set PAPER", [["select", THEMES[2]]]],
  ["set ocean-light", [["select", THEMES[1]]]],
  ["paper", [["select", THEMES[2]]]],
  ["set", [["tell", "Ocean is shown. To change it, name another: /theme set Paper."]]],
  ["dark", [["set", { mode: "dark" }]]],
  ["System", [["set", { mode: "system" }]]],
]) {
  test(`"/theme ${line}" does what it says`, async () => {
    const here = target();
    assert.equal(await runThemeCommand(here, line), null);
    assert.deepEqual(here.asked, asked);
  });
}

for (const [line, answer] of [
  ["set papre", /^There is no theme "papre"\. Similar: Paper\.$/],
  ["set zzz", /^There is no theme "zzz"\. \/theme list shows all themes\.$/],
  ["dance", /^There is no \/theme dance\. Available: list, set, edit, import, export, system, dark, light\.$/],
  ["constructor", /^There is no \/theme constructor\./],
]) {
  test(`"/theme ${line}" is answered kindly, and does nothing`, async () => {
    const here = target();
    assert.match(await runThemeCommand(here, line), answer);
    assert.deepEqual(here.asked, []);
  });
}

test("a format that there is not is told with those that there are", async (context) => {
  context.mock.method(globalThis, "fetch", async () => Response.json({
    formats: [{ name: "alphanumeric", label: "Alphanumeric", writable: true }, { name: "iterm2-color-schemes", label: "iTerm2-Color-Schemes", writable: false }],
  }));
  assert.equal(await runThemeCommand(target(), "export iterm2-color-schemes"), 'There is no format "iterm2-color-schemes". Available: alphanumeric.');
});
