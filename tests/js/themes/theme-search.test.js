import assert from "node:assert/strict";
import { test } from "node:test";
import { findTheme, freeName, nearestThemes } from "../../../static/js/themes/dialog/theme-search.js";
import { uuid } from "../../../static/js/themes/state/uuid.js";

const theme = (id, name, scheme, own = false) => ({ id, name, scheme, own });
const THEMES = [
  theme("ocean-dark", "Ocean", "dark"), theme("ocean-light", "Ocean", "light"), theme("paper-light", "Paper", "light"),
  theme("one-half-dark", "One Half", "dark"), theme("one-half-light", "One Half", "light"),
  theme("22222222-2222-4222-8222-222222222222", "Ocean, mine", "dark", true), theme("33333333-3333-4333-8333-333333333333", "Paper", "light", true),
];

for (const [words, scheme, id] of [
  ["ocean", "dark", "ocean-dark"], ["OCEAN ", "light", "ocean-light"], ["Ocean Light", "dark", "ocean-light"], ["ocean-light", "dark", "ocean-light"], ["Ocean-Dark", "light", "ocean-dark"],
  ["paper", "dark", "33333333-3333-4333-8333-333333333333"], ["paper-light", "dark", "paper-light"], ["one", "light", "one-half-light"],
  ["ocean, m", "dark", "22222222-2222-4222-8222-222222222222"], ["o", "dark", undefined], ["", "dark", undefined], ["forest", "dark", undefined],
  ["__proto__", "dark", undefined],
]) {
  test(`"${words}" in ${scheme} mode finds ${id}`, () => assert.equal(findTheme(THEMES, words, scheme)?.id, id));
}

test("similar names are suggested once, most similar first", () => {
  assert.deepEqual(nearestThemes(THEMES, "oceen"), ["Ocean", "Ocean, mine"]);
  assert.deepEqual(nearestThemes(THEMES, "xyz"), []);
});

test("a new name is unique", () => {
  assert.deepEqual(["Forest", "ocean", "Ocean, mine", "Paper"].map((name) => freeName(THEMES, name)), ["Forest", "ocean 2", "Ocean, mine 2", "Paper 2"]);
  const long = theme("x", "a".repeat(60), "dark");
  assert.equal(freeName([long], "a".repeat(99)), `${"a".repeat(58)} 2`);
});

test("a new id is a random UUID of version 4", () => {
  assert.equal(uuid(new Uint8Array(16).fill(255)), "ffffffff-ffff-4fff-bfff-ffffffffffff");
  assert.equal(uuid(new Uint8Array(16)), "00000000-0000-4000-8000-000000000000");
  assert.notEqual(uuid(), uuid());
});
