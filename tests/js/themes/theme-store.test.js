import assert from "node:assert/strict";
import { test } from "node:test";
import { dispatchMessage, shownTheme } from "../../../static/js/themes/state/theme-store.js";
import { appearance, shown, Tab } from "./support.js";

test("a theme is applied as CSS properties in kebab case", () => {
  const tab = new Tab();
  tab.page.draw();
  assert.deepEqual(tab.page.painted, {
    "--accent": "#000001", "--on-accent": "#000002", "color-scheme": "dark", "--font": "var(--font-system)", "--size": "16px", "--line": "1.6",
  });
});

test("only changed properties are set, once per frame", () => {
  const tab = new Tab();
  tab.page.draw();
  tab.page.paints = [];
  for (const [revision, accent] of [[2, "#000003"], [3, "#000004"], [4, "#000005"]]) {
    tab.receive("theme.changed", appearance({ revision, dark: shown("ocean-dark", { accent }) }));
  }
  assert.equal(tab.page.frames.length, 1);
  tab.page.draw();
  assert.deepEqual([tab.page.paints, tab.page.painted["--accent"]], [["--accent"], "#000005"]);
});

test("invalid colors are not set", () => {
  const tab = new Tab({ state: appearance({ dark: shown("x", { accent: "red;background:url(x)" }) }) });
  assert.equal(tab.accent, undefined);
});

test("an older state is ignored", () => {
  const tab = new Tab({ state: appearance({ revision: 5 }) });
  for (const revision of [4, 5]) tab.receive("theme.changed", appearance({ revision, dark: shown("old", { accent: "#00000f" }) }));
  assert.deepEqual([tab.accent, tab.state.server.revision], ["#000001", 5]);
});

test("a snapshot is applied regardless of its revision", () => {
  const tab = new Tab({ state: appearance({ revision: 900 }) });
  tab.receive("session.created", { theme: appearance({ revision: 2, dark: shown("other", { accent: "#00000a" }) }), device: null });
  assert.deepEqual([tab.accent, tab.state.server.revision], ["#00000a", 2]);
});

test("system mode follows changes of the preferred color scheme", () => {
  const tab = new Tab({ state: appearance({ mode: "system" }) });
  assert.equal(shownTheme(tab.state).id, "ocean-dark");
  tab.store.dispatch({ type: "system.changed", prefersDark: false });
  tab.page.draw();
  assert.deepEqual([shownTheme(tab.state).id, tab.page.painted["color-scheme"], tab.page.theme.id], ["ocean-light", "light", "ocean-light"]);
  tab.receive("theme.changed", appearance({ revision: 2, mode: "dark" }));
  assert.equal(shownTheme(tab.state).id, "ocean-dark");
});

test("a preview takes precedence and is removed completely", () => {
  const tab = new Tab();
  tab.store.dispatch({ type: "theme.previewed", theme: shown("paper", { accent: "#00000b" }) });
  tab.receive("theme.changed", appearance({ revision: 2, dark: shown("ocean-dark", { accent: "#00000c" }) }));
  assert.equal(tab.accent, "#00000b");
  tab.store.dispatch({ type: "theme.previewed", theme: null });
  assert.deepEqual([tab.accent, tab.sent], ["#00000c", []]);
});

test("without a state nothing is drawn", () => {
  const tab = new Tab({ state: null });
  dispatchMessage(tab.store, { type: "session.created" });
  tab.page.draw();
  assert.deepEqual([tab.page.paints, shownTheme(tab.state)], [[], undefined]);
});

test("only theme messages are handled", () => {
  const tab = new Tab();
  assert.equal(tab.receive("theme.listed", { themes: [], last: true }), true);
  assert.equal(tab.receive("error", { request_id: 7, code: "theme_unknown", message: "No." }), true);
  assert.equal(tab.receive("error", { id: 7, code: "busy", message: "No." }), false);
  assert.equal(tab.receive("speech.done", { id: 1 }), false);
  assert.equal(tab.receive("session.created", { theme: appearance(), device: null }), false);
});

test("a tab without cookies resumes with its token and never shows another user's theme", () => {
  const tab = new Tab({ device: "first", state: appearance({ revision: 9 }) });
  assert.deepEqual(tab.sent, []);
  const stranger = { theme: appearance({ revision: 0, dark: shown("default", { accent: "#0000ff" }) }), device: "second" };
  tab.receive("session.created", stranger);
  assert.deepEqual([tab.sent, tab.accent], [[{ type: "theme.resume", device: "first" }], "#000001"]);
  tab.receive("theme.changed", appearance({ revision: 9, dark: shown("ocean-dark", { accent: "#00000d" }) }));
  assert.equal(tab.accent, "#00000d");
  tab.receive("session.created", stranger);
  assert.equal(tab.sent.at(-1).device, "first");
});

test("a tab whose token is rejected uses the new identity", () => {
  const tab = new Tab({ device: "first" });
  tab.receive("session.created", { theme: appearance({ revision: 0, dark: shown("default", { accent: "#0000ff" }) }), device: "second" });
  tab.receive("error", { code: "field_invalid", param: "device", message: "No." });
  assert.deepEqual([tab.accent, tab.state.device], ["#0000ff", "second"]);
});

test("listeners are notified of every action in subscription order until they unsubscribe", () => {
  const tab = new Tab();
  const heard = [];
  const leave = tab.store.subscribe((after, before, { type }) => heard.push([1, type, after.preview?.id, before.preview]));
  tab.store.subscribe((_after, _before, { type }) => heard.push([2, type]));
  tab.store.dispatch({ type: "theme.previewed", theme: shown("paper") });
  leave();
  tab.store.dispatch({ type: "theme.previewed", theme: null });
  assert.deepEqual(heard, [[1, "theme.previewed", "paper", null], [2, "theme.previewed"], [2, "theme.previewed"]]);
});

test("a state is immutable", () => {
  const tab = new Tab();
  const before = tab.state;
  const copy = structuredClone({ ...before, known: [...before.known] });
  tab.changes.set({ mode: "light" });
  tab.changes.create({ id: "11111111-1111-4111-8111-111111111111", source: "ocean-dark", name: "Mine", activate: true });
  tab.receiveList(shown("paper"));
  tab.receive("theme.changed", appearance({ revision: 2 }));
  assert.deepEqual({ ...before, known: [...before.known] }, copy);
});
