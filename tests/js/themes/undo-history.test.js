import assert from "node:assert/strict";
import { test } from "node:test";
import { inverse, UndoHistory } from "../../../static/js/themes/editor/undo-history.js";

const color = (name, value) => ({ colors: { [name]: value } });

test("an edit can be undone and redone", () => {
  const history = new UndoHistory();
  history.add(color("accent", "#000001"), color("accent", "#000002"));
  history.add({ name: "One" }, { name: "Two" });
  assert.deepEqual([history.undo(), history.undo(), history.undo()], [{ name: "One" }, color("accent", "#000001"), null]);
  assert.deepEqual([history.redo(), history.redo(), history.redo()], [color("accent", "#000002"), { name: "Two" }, null]);
});

test("a drag is one step from its start to its end", () => {
  const history = new UndoHistory();
  for (let at = 1; at < 9; at += 1) history.add(color("accent", `#00000${at - 1}`), color("accent", `#00000${at}`), "pick accent");
  assert.deepEqual([history.undo(), history.canUndo], [color("accent", "#000000"), false]);
  assert.deepEqual(history.redo(), color("accent", "#000008"));
});

test("two drags of one color are two steps, and so are drags of two colors", () => {
  const history = new UndoHistory();
  history.add(color("accent", "#000001"), color("accent", "#000002"), "pick accent");
  history.pause();
  history.add(color("accent", "#000002"), color("accent", "#000003"), "pick accent");
  history.add(color("dim", "#000004"), color("dim", "#000005"), "pick dim");
  assert.deepEqual([history.undo(), history.undo(), history.undo()], [color("dim", "#000004"), color("accent", "#000002"), color("accent", "#000001")]);
});

test("a gesture that continues after an undo is a separate step", () => {
  const history = new UndoHistory();
  history.add(color("accent", "#000001"), color("accent", "#000002"), "pick accent");
  history.undo();
  history.add(color("accent", "#000001"), color("accent", "#000003"), "pick accent");
  assert.deepEqual([history.canRedo, history.undo(), history.canUndo], [false, color("accent", "#000001"), false]);
});

test("edits of several parts in one gesture are merged by part", () => {
  const history = new UndoHistory();
  history.add({ typography: { size: 16 } }, { typography: { size: 17 } }, "type");
  history.add({ typography: { lineHeight: 1.6 }, name: "One" }, { typography: { lineHeight: 1.7 }, name: "Two" }, "type");
  assert.deepEqual(history.undo(), { typography: { size: 16, lineHeight: 1.6 }, name: "One" });
  assert.deepEqual(history.redo(), { typography: { size: 17, lineHeight: 1.7 }, name: "Two" });
});

test("a step without effect is dropped", () => {
  const history = new UndoHistory();
  history.add({ name: "One" }, { name: "Two" });
  history.add({ name: "Two" }, { name: "Three" });
  history.drop();
  assert.deepEqual([history.canRedo, history.undo(), history.canUndo], [false, { name: "One" }, false]);
});

test("the number of steps is bounded", () => {
  const history = new UndoHistory(3);
  for (let at = 0; at < 9; at += 1) history.add({ name: `${at}` }, { name: `${at + 1}` });
  assert.deepEqual([history.undo(), history.undo(), history.undo(), history.undo()], [{ name: "8" }, { name: "7" }, { name: "6" }, null]);
});

test("the inverse of an edit has the same fields but no revision", () => {
  const theme = { name: "One", colors: { accent: "#000001", dim: "#000002" }, typography: { font: "system", size: 16, lineHeight: 1.6 } };
  assert.deepEqual(inverse(theme, { revision: 4, name: "Two", colors: { accent: null }, typography: { size: 20 } }),
    { name: "One", colors: { accent: "#000001" }, typography: { size: 16 } });
});
