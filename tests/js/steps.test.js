import assert from "node:assert/strict";
import { test } from "node:test";
import { inverse, Steps } from "../../static/js/themes/steps.js";

const colour = (name, value) => ({ colours: { [name]: value } });

test("what was done can be taken back and done again", () => {
  const steps = new Steps();
  steps.add(colour("accent", "#000001"), colour("accent", "#000002"));
  steps.add({ name: "One" }, { name: "Two" });
  assert.deepEqual([steps.undo(), steps.undo(), steps.undo()], [{ name: "One" }, colour("accent", "#000001"), null]);
  assert.deepEqual([steps.redo(), steps.redo(), steps.redo()], [colour("accent", "#000002"), { name: "Two" }, null]);
});

test("a drag is one step, from where it began to where it ended", () => {
  const steps = new Steps();
  for (let at = 1; at < 9; at += 1) steps.add(colour("accent", `#00000${at - 1}`), colour("accent", `#00000${at}`), "pick accent");
  assert.deepEqual([steps.undo(), steps.canUndo], [colour("accent", "#000000"), false]);
  assert.deepEqual(steps.redo(), colour("accent", "#000008"));
});

test("two drags of one colour are two steps, and so are drags of two colours", () => {
  const steps = new Steps();
  steps.add(colour("accent", "#000001"), colour("accent", "#000002"), "pick accent");
  steps.pause();
  steps.add(colour("accent", "#000002"), colour("accent", "#000003"), "pick accent");
  steps.add(colour("dim", "#000004"), colour("dim", "#000005"), "pick dim");
  assert.deepEqual([steps.undo(), steps.undo(), steps.undo()], [colour("dim", "#000004"), colour("accent", "#000002"), colour("accent", "#000001")]);
});

test("a gesture that goes on after an undo is a step of its own", () => {
  const steps = new Steps();
  steps.add(colour("accent", "#000001"), colour("accent", "#000002"), "pick accent");
  steps.undo();
  steps.add(colour("accent", "#000001"), colour("accent", "#000003"), "pick accent");
  assert.deepEqual([steps.canRedo, steps.undo(), steps.canUndo], [false, colour("accent", "#000001"), false]);
});

test("edits of several parts in one gesture are joined part by part", () => {
  const steps = new Steps();
  steps.add({ typography: { size: 16 } }, { typography: { size: 17 } }, "type");
  steps.add({ typography: { lineHeight: 1.6 }, name: "One" }, { typography: { lineHeight: 1.7 }, name: "Two" }, "type");
  assert.deepEqual(steps.undo(), { typography: { size: 16, lineHeight: 1.6 }, name: "One" });
  assert.deepEqual(steps.redo(), { typography: { size: 17, lineHeight: 1.7 }, name: "Two" });
});

test("a step that came to nothing is forgotten", () => {
  const steps = new Steps();
  steps.add({ name: "One" }, { name: "Two" });
  steps.add({ name: "Two" }, { name: "Three" });
  steps.drop();
  assert.deepEqual([steps.canRedo, steps.undo(), steps.canUndo], [false, { name: "One" }, false]);
});

test("only so many steps are kept", () => {
  const steps = new Steps(3);
  for (let at = 0; at < 9; at += 1) steps.add({ name: `${at}` }, { name: `${at + 1}` });
  assert.deepEqual([steps.undo(), steps.undo(), steps.undo(), steps.undo()], [{ name: "8" }, { name: "7" }, { name: "6" }, null]);
});

test("the inverse of an edit names the same places, but no revision", () => {
  const theme = { name: "One", colours: { accent: "#000001", dim: "#000002" }, typography: { font: "system", size: 16, lineHeight: 1.6 } };
  assert.deepEqual(inverse(theme, { revision: 4, name: "Two", colours: { accent: null }, typography: { size: 20 } }),
    { name: "One", colours: { accent: "#000001" }, typography: { size: 16 } });
});
