import assert from "node:assert/strict";
import { test } from "node:test";
import { ThemeListLoader } from "../../../static/js/themes/theme-list-loader.js";
import { appearance, shown, Tab } from "./support.js";

function listing() {
  const tab = new Tab();
  const themeList = new ThemeListLoader(tab.theme, tab.changes, tab.clock.setTimeout);
  return { tab, themeList };
}

test("the list is asked for once, and is whole when its last frame is here", async () => {
  const { tab, themeList } = listing();
  const both = [themeList.load(), themeList.load()];
  assert.deepEqual(tab.sent, [{ type: "theme.list" }]);
  tab.hears("theme.listed", { themes: [shown("a")], last: false });
  assert.equal(themeList.fresh, false);
  tab.hears("theme.listed", { themes: [shown("b")], last: true });
  assert.deepEqual([await Promise.all(both), [...tab.changes.known.keys()]], [[true, true], ["a", "b"]]);
  await themeList.load();
  assert.equal(tab.sent.length, 1);
});

test("it becomes old with every change, and when the connection is another", async () => {
  const { tab, themeList } = listing();
  for (const [type, fields] of [["theme.changed", appearance({ revision: 2 })], ["session.created", { theme: appearance(), device: null }]]) {
    const loaded = themeList.load();
    tab.hears("theme.listed", { themes: [shown("a")], last: true });
    assert.deepEqual([await loaded, themeList.fresh], [true, true]);
    tab.hears(type, fields);
    assert.equal(themeList.fresh, false);
  }
});

test("a list that broke off is not taken for a whole one", async () => {
  const { tab, themeList } = listing();
  const loaded = themeList.load();
  tab.hears("theme.listed", { themes: [shown("a")], last: false });
  tab.hears("session.created", { theme: appearance(), device: null });
  tab.hears("theme.listed", { themes: [shown("b")], last: true });
  assert.deepEqual([await loaded, tab.changes.known.size], [false, 0]);
});

test("without a connection, and without an answer, there is none", async () => {
  const { tab, themeList } = listing();
  tab.connected = false;
  assert.equal(await themeList.load(), false);
  tab.connected = true;
  const loaded = themeList.load();
  tab.clock.pass(10_000);
  assert.equal(await loaded, false);
});
