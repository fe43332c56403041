import assert from "node:assert/strict";
import { test } from "node:test";
import { colorFrom, contrast, pairs, written } from "../../../static/js/themes/contrast.js";

for (const [one, other, ratio] of [
  ["#000000", "#ffffff", 21], ["#ffffff", "#000000", 21], ["#777777", "#ffffff", 4.478], ["#767676", "#ffffff", 4.542], ["#336699", "#336699", 1],
]) {
  test(`the contrast of ${one} on ${other} is ${ratio}`, () => assert.ok(Math.abs(contrast(one, other) - ratio) < 0.001));
}

const TOKENS = [
  { name: "background", against: [], contrast: 1 },
  { name: "foreground", against: ["background", "surface"], contrast: 4.5 },
  { name: "voiceIdle", against: ["background"], contrast: 3 },
];
const COLORS = { background: "#ffffff", surface: "#cccccc", foreground: "#707070", voiceIdle: "#8f8f8f" };
const asked = (minimum) => pairs(TOKENS, COLORS, minimum).map(({ token, ground, required, passes }) => [token, ground, required, passes]);

test("AA requires 4.5 for text and 3 for UI parts on each background", () => {
  assert.deepEqual(asked(4.5), [["foreground", "background", 4.5, true], ["foreground", "surface", 4.5, false], ["voiceIdle", "background", 3, true]]);
});

test("AAA requires 7 and 4.5", () => {
  assert.deepEqual(asked(7), [["foreground", "background", 7, false], ["foreground", "surface", 7, false], ["voiceIdle", "background", 4.5, false]]);
});

test("without a minimum every pair passes", () => {
  assert.ok(asked(1).every(([, , required, passes]) => required === 1 && passes));
});

test("a ratio is never rounded up", () => {
  assert.deepEqual([4.4999, 4.5, 21, 1].map(written), ["4.49", "4.50", "21.00", "1.00"]);
});

for (const [typed, color] of [
  ["#1e90ff", "#1e90ff"], ["#1E90FF", "#1e90ff"], ["1e90ff", "#1e90ff"], [" #19f ", "#1199ff"], ["19F", "#1199ff"],
  ["", null], ["#", null], ["#12", null], ["#12345", null], ["#1234567", null], ["red", null], ["#ggg", null], ["red;background:url(x)", null], ["#１９f", null],
]) {
  test(`${JSON.stringify(typed)} is parsed as ${color ?? "no color"}`, () => assert.equal(colorFrom(typed), color));
}
