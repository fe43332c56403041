import assert from "node:assert/strict";
import { test } from "node:test";
import { findById } from "../../../static/js/themes/state/theme-reducer.js";
import { appearance, Server, shown, Tab } from "./support.js";

const MINE = "11111111-1111-4111-8111-111111111111";
const own = (more = {}) => appearance({ dark: shown(MINE, { own: true, ...more }) });

/** Returns a tab that shows an own theme. */
function tabWithOwn(more = {}) {
  return new Tab({ state: own(), ...more });
}

test("a change is applied before the server responds (optimistic update)", () => {
  const tab = tabWithOwn();
  tab.changes.edit(MINE, { colors: { accent: "#00000a" } });
  assert.deepEqual([tab.accent, tab.sent.length, tab.state.changes.length], ["#00000a", 1, 1]);
});

test("at most twenty changes per second are sent, always including the last", () => {
  const tab = tabWithOwn();
  const times = [];
  for (let ms = 0; ms < 2000; ms += 4) {
    const before = tab.sent.length;
    tab.changes.edit(MINE, { colors: { accent: `#${String(ms).padStart(6, "0")}` } });
    tab.clock.pass(4);
    if (tab.sent.length > before) times.push(tab.clock.now);
  }
  tab.clock.pass(100);
  assert.ok(times.length <= 41 && times.length > 35, `${times.length} in two seconds`);
  assert.equal(tab.sent.at(-1).colors.accent, "#001996");
  const numbers = tab.sent.map(({ request_id }) => request_id);
  assert.deepEqual(numbers, [...new Set(numbers)].sort((one, other) => one - other));
});

test("pending changes are merged by key and never overtake their dependencies", () => {
  const tab = tabWithOwn();
  tab.changes.set({ mode: "dark" });
  tab.changes.edit(MINE, { colors: { accent: "#00000a" } });
  tab.changes.set({ mode: "light" });
  tab.changes.edit(MINE, { colors: { onAccent: "#00000b" }, name: "Mine" });
  tab.changes.set({ minimum_contrast: 7 });
  tab.changes.delete(MINE);
  tab.changes.restore(MINE);
  tab.changes.edit(MINE, { name: "After" });
  tab.clock.pass(1000);
  assert.deepEqual(tab.sent.map(({ request_id: _, ...message }) => message), [
    { type: "theme.set", mode: "dark" },
    { type: "theme.edit", id: MINE, colors: { accent: "#00000a", onAccent: "#00000b" }, name: "Mine" },
    { type: "theme.set", mode: "light", minimum_contrast: 7 },
    { type: "theme.delete", id: MINE },
    { type: "theme.restore", id: MINE },
    { type: "theme.edit", id: MINE, name: "After" },
  ]);
});

test("edits with a revision and device-only selections are not merged", () => {
  const tab = tabWithOwn();
  tab.changes.set({ mode: "dark" });
  tab.changes.edit(MINE, { name: "One" });
  tab.changes.edit(MINE, { name: "Two", revision: 4 });
  tab.changes.set({ dark: "ocean-dark" });
  tab.changes.set({ device_only: true });
  tab.clock.pass(1000);
  assert.deepEqual(tab.sent.map(({ name, device_only: deviceOnly, dark, mode }) => name ?? dark ?? mode ?? deviceOnly), ["dark", "One", "Two", "ocean-dark", true]);
});

test("a change is removed once a state includes it, in any order of arrival", () => {
  for (const order of [["theme.saved", "theme.changed"], ["theme.changed", "theme.saved"]]) {
    const tab = tabWithOwn();
    tab.changes.edit(MINE, { colors: { accent: "#00000a" } });
    const frames = { "theme.saved": { request_id: 1, revision: 2 }, "theme.changed": { ...own({ accent: "#00000a" }), revision: 2 } };
    tab.receive(order[0], frames[order[0]]);
    assert.deepEqual([tab.accent, tab.state.changes.length], ["#00000a", 1]);
    tab.receive(order[1], frames[order[1]]);
    assert.deepEqual([tab.accent, tab.state.changes.length], ["#00000a", 0]);
  }
});

test("a later change by another tab takes precedence", () => {
  const tab = tabWithOwn();
  tab.changes.edit(MINE, { colors: { accent: "#00000a" } });
  tab.receive("theme.changed", { ...own({ accent: "#0000bb" }), revision: 3 });
  tab.receive("theme.saved", { request_id: 1, revision: 2 });
  assert.equal(tab.accent, "#0000bb");
});

test("duplicate and unknown responses are ignored", () => {
  const tab = tabWithOwn();
  tab.changes.edit(MINE, { name: "Mine" });
  tab.receive("theme.saved", { request_id: 9, revision: 7 });
  tab.receive("error", { request_id: 9, code: "theme_unknown", message: "No." });
  tab.receive("theme.saved", { request_id: 1, revision: 2 });
  tab.receive("theme.saved", { request_id: 1, revision: 2 });
  tab.receive("theme.changed", { ...own(), revision: 2 });
  assert.deepEqual([tab.state.changes.length, tab.refused], [0, []]);
});

test("a rejected change is reverted and reported to its caller", async () => {
  const tab = tabWithOwn();
  const answered = tab.changes.edit(MINE, { colors: { accent: "#00000a" } });
  tab.receive("error", { request_id: 1, code: "color_invalid", message: "That is no color." });
  assert.deepEqual([tab.accent, tab.state.changes.length, tab.refused.map(({ code }) => code)], ["#000001", 0, ["color_invalid"]]);
  assert.equal((await answered).code, "color_invalid");
});

test("a saved change is reported to its caller", async () => {
  const tab = tabWithOwn();
  const answered = tab.changes.edit(MINE, { name: "Mine" });
  tab.receive("theme.saved", { request_id: 1, revision: 2 });
  assert.equal(await answered, null);
});

test("a rejected new theme drops its edits without further errors", () => {
  const tab = new Tab();
  tab.changes.create({ id: MINE, source: "ocean-dark", name: "Mine", activate: true });
  tab.changes.edit(MINE, { colors: { accent: "#00000a" } });
  tab.clock.pass(60);
  assert.equal(tab.accent, "#00000a");
  tab.receive("error", { request_id: 1, code: "theme_limit_reached", message: "You have enough." });
  tab.receive("error", { request_id: 2, code: "theme_unknown", message: "There is none." });
  assert.deepEqual([tab.accent, tab.state.changes.length, tab.refused.length], ["#000001", 0, 1]);
});

test("a new copy can be edited before the server confirms it", () => {
  const tab = new Tab();
  tab.changes.create({ id: MINE, source: "ocean-dark", name: "Ocean, mine", activate: true });
  assert.deepEqual([tab.state.current.dark.id, tab.state.current.dark.name, tab.state.current.dark.provenance], [MINE, "Ocean, mine", "ocean-dark"]);
  tab.changes.edit(MINE, { colors: { accent: "#00000a" }, typography: { size: 20 } });
  assert.deepEqual([tab.accent, tab.page.painted["--size"], tab.state.current.dark.typography.lineHeight], ["#00000a", "20px", 1.6]);
  tab.changes.edit(MINE, { colors: { accent: null } });
  assert.equal(tab.accent, "#000001");
});

test("unsaved changes are sent again in order with the same ids after a reconnect", () => {
  const tab = tabWithOwn();
  tab.changes.edit(MINE, { colors: { accent: "#00000a" } });
  tab.connected = false;
  tab.changes.edit(MINE, { colors: { onAccent: "#00000b" } });
  tab.clock.pass(10_000);
  tab.changes.set({ mode: "dark" });
  assert.deepEqual([tab.accent, tab.sent.length], ["#00000a", 1]);
  tab.connected = true;
  tab.sent = [];
  tab.receive("session.created", { theme: { ...own({ accent: "#0000cc" }), revision: 1 }, device: null });
  tab.clock.pass(1000);
  assert.deepEqual(tab.sent.map(({ type, request_id }) => [type, request_id]), [["theme.edit", 1], ["theme.edit", 2], ["theme.set", 3]]);
  assert.equal(tab.accent, "#00000a");
});

test("a change saved before a lost connection is not sent again", () => {
  const tab = tabWithOwn();
  tab.changes.edit(MINE, { colors: { accent: "#00000a" } });
  tab.receive("theme.saved", { request_id: 1, revision: 2 });
  tab.sent = [];
  tab.receive("session.created", { theme: { ...own({ accent: "#00000a" }), revision: 2 }, device: null });
  tab.clock.pass(1000);
  assert.deepEqual([tab.sent, tab.state.changes.length], [[], 0]);
});

test("a theme created before a lost connection is not created twice", async () => {
  const tab = new Tab();
  const made = tab.changes.create({ id: MINE, source: "ocean-dark", name: "Mine", activate: true });
  tab.changes.edit(MINE, { colors: { accent: "#00000a" } });
  tab.receive("session.created", { theme: own(), device: null });
  tab.receive("error", { request_id: 1, code: "theme_id_taken", message: "That id is taken." });
  assert.deepEqual([tab.accent, tab.refused, tab.state.changes.length, await made], ["#00000a", [], 1, null]);
});

test("the list of themes includes this tab's changes", () => {
  const tab = new Tab();
  tab.receiveList(shown("paper", { scheme: "light" }), shown(MINE, { own: true }));
  tab.changes.edit(MINE, { name: "Mine" });
  tab.changes.set({ light: "paper" });
  assert.deepEqual([findById(tab.state, MINE).name, tab.state.current.light.id], ["Mine", "paper"]);
  tab.changes.delete(MINE);
  assert.equal(findById(tab.state, MINE), undefined);
  tab.changes.restore(MINE);
  assert.equal(findById(tab.state, MINE).name, "Mine");
});

for (const seed of Array.from({ length: 20 }, (_, at) => at + 1)) {
  test(`three tabs on an unreliable network converge (${seed})`, () => converge(seed));
}

/**
 * Three tabs of one owner change the same colors at random; responses and states arrive late, twice, and out of order with
 * each other, and a connection may be lost with all messages in transit.
 */
function converge(seed) {
  const random = generator(seed);
  const server = new Server();
  server.apply({ type: "theme.create", request_id: 0, id: MINE, source: "ocean-dark", name: "Mine", activate: true });
  const lines = Array.from({ length: 3 }, () => ({ tab: new Tab({ state: server.state }), up: [], states: [], answers: [], applied: new Set() }));
  for (let step = 0; step < 400; step += 1) {
    const line = lines[Math.floor(random() * 3)];
    if (step < 300) changeColor(line.tab, random);
    if (random() < 0.02) reconnect(line, server);
    for (const each of lines) work(each, lines, server, random);
  }
  for (let round = 0; round < 200; round += 1) for (const line of lines) work(line, lines, server, () => 0.3);
  const ends = lines.map(({ tab }) => [tab.accent, tab.page.painted["--on-accent"], tab.state.server.revision, tab.state.changes.length, tab.refused.length]);
  const { accent, onAccent } = server.state.dark.colors;
  for (const { tab, applied } of lines) {
    changeColor(tab, random);
    assert.equal(applied.size, tab.sent.at(-1).request_id - 1, "every change was applied");
  }
  assert.deepEqual(ends, Array(3).fill([accent, onAccent, server.revision, 0, 0]));
}

function changeColor(tab, random) {
  const color = `#${Math.floor(random() * 0xffffff).toString(16).padStart(6, "0")}`;
  tab.changes.edit(MINE, { colors: { [random() < 0.5 ? "accent" : "onAccent"]: color } });
}

function work(line, lines, server, random) {
  line.tab.clock.pass(20);
  line.up.push(...line.tab.sent.splice(0));
  if (line.up.length && random() < 0.7) {
    line.applied.add(line.up[0].request_id);
    line.answers.push(server.apply(line.up.shift()));
    for (const each of lines) each.states.push(server.state);
  }
  // States and responses each arrive in order, but not relative to each other; a state may be lost if a newer state follows.
  if (line.states.length > 1 && random() < 0.2) line.states.shift();
  if (line.states.length && random() < 0.6) {
    const state = line.states.shift();
    for (const again of random() < 0.2 ? [state, state] : [state]) line.tab.receive("theme.changed", again);
  }
  if (line.answers.length && random() < 0.6) line.tab.receive(line.answers[0].type, line.answers.shift());
}

function reconnect(line, server) {
  for (const message of line.up.splice(0)) if (message.request_id % 2) server.apply(message);
  Object.assign(line, { states: [], answers: [] });
  line.tab.sent = [];
  line.tab.receive("session.created", { theme: server.state, device: null });
}

/** Returns a reproducible generator of numbers from 0 to 1 (mulberry32). */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
