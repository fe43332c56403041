import assert from "node:assert/strict";
import { test } from "node:test";
import { ThemeListLoader } from "../../../static/js/themes/dialog/theme-list-loader.js";
import { appearance, shown, Tab } from "./support.js";

function tabWithList() {
  const tab = new Tab();
  const list = new ThemeListLoader(tab.store, tab.send, tab.clock.setTimeout);
  return { tab, list };
}

test("the list is requested once and complete after its last frame", async () => {
  const { tab, list } = tabWithList();
  const both = [list.load(), list.load()];
  assert.deepEqual(tab.sent, [{ type: "theme.list" }]);
  tab.receive("theme.listed", { themes: [shown("a")], last: false });
  assert.equal(tab.state.listed, false);
  tab.receive("theme.listed", { themes: [shown("b")], last: true });
  assert.deepEqual([await Promise.all(both), [...tab.state.known.keys()]], [[true, true], ["a", "b"]]);
  await list.load();
  assert.equal(tab.sent.length, 1);
});

test("the list is outdated after a change or a reconnect", async () => {
  const { tab, list } = tabWithList();
  for (const [type, fields] of [["theme.changed", appearance({ revision: 2 })], ["session.created", { theme: appearance(), device: null }]]) {
    const loaded = list.load();
    tab.receive("theme.listed", { themes: [shown("a")], last: true });
    assert.deepEqual([await loaded, tab.state.listed], [true, true]);
    tab.receive(type, fields);
    assert.equal(tab.state.listed, false);
  }
});

test("an interrupted list is not complete", async () => {
  const { tab, list } = tabWithList();
  const loaded = list.load();
  tab.receive("theme.listed", { themes: [shown("a")], last: false });
  tab.receive("session.created", { theme: appearance(), device: null });
  tab.receive("theme.listed", { themes: [shown("b")], last: true });
  assert.deepEqual([await loaded, tab.state.known.size], [false, 0]);
});

test("without a connection or response there is no list", async () => {
  const { tab, list } = tabWithList();
  tab.connected = false;
  assert.equal(await list.load(), false);
  tab.connected = true;
  const loaded = list.load();
  tab.clock.pass(10_000);
  assert.equal(await loaded, false);
});
