import assert from "node:assert/strict";
import { test } from "node:test";
import { runThemeCommand } from "../../../static/js/themes/theme-command.js";

const THEMES = [
  { id: "ocean-dark", name: "Ocean", scheme: "dark" }, { id: "ocean-light", name: "Ocean", scheme: "light" },
  { id: "paper-light", name: "Paper", scheme: "light" },
];

/** Returns a target of commands that records the calls. */
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
  ["dark", [["set", { mode: "dark" }], ["tell", "The dark theme is shown."]]],
  ["System", [["set", { mode: "system" }], ["tell", "The theme follows the system."]]],
]) {
  test(`"/theme ${line}" runs its command`, async () => {
    const harness = target();
    assert.equal(await runThemeCommand(harness, line), null);
    assert.deepEqual(harness.asked, asked);
  });
}

for (const [line, answer] of [
  ["set papre", /^There is no theme "papre"\. Similar: Paper\.$/],
  ["set zzz", /^There is no theme "zzz"\. \/theme list shows all themes\.$/],
  ["dance", /^There is no \/theme dance\. Available: list, set, edit, import, export, system, dark, light\.$/],
  ["constructor", /^There is no \/theme constructor\./],
]) {
  test(`"/theme ${line}" returns an error and changes nothing`, async () => {
    const harness = target();
    assert.match(await runThemeCommand(harness, line), answer);
    assert.deepEqual(harness.asked, []);
  });
}

test("an unknown format is rejected with the available formats", async (context) => {
  context.mock.method(globalThis, "fetch", async () => Response.json({
    formats: [{ name: "alphanumeric", label: "Alphanumeric", writable: true }, { name: "iterm2-color-schemes", label: "iTerm2-Color-Schemes", writable: false }],
  }));
  assert.equal(await runThemeCommand(target(), "export iterm2-color-schemes"), 'There is no format "iterm2-color-schemes". Available: alphanumeric.');
});
