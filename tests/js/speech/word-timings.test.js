import assert from "node:assert/strict";
import { test } from "node:test";
import { WordTimings } from "../../../static/js/speech/word-timings.js";

function timed(...segments) {
  const words = new WordTimings();
  for (const segment of segments) words.merge(segment);
  return words;
}

const FIRST = [[0, 5, 0, 100], [6, 11, 150, 300]];
const SECOND = [[12, 15, 400, 500]];

for (const [sample, index] of [[-1, -1], [0, 0], [149, 0], [150, 1], [399, 1], [400, 2], [9999, 2]]) {
  test(`at sample ${sample} word ${index} is highlighted`, () => assert.equal(timed(FIRST, SECOND).at(sample), index));
}

test("a repeated segment replaces its earlier words", () => {
  const words = timed(FIRST, SECOND, FIRST);
  assert.deepEqual([0, 1, 2, 3].map((index) => words.get(index)?.[0]), [0, 6, 12, undefined]);
});

test("segments out of order are sorted", () => {
  assert.deepEqual(timed(SECOND, FIRST).get(2), SECOND[0]);
});

for (const nonsense of [null, "words", {}, [null], [[1, 2]], [[5, 1, 0, 1]], [["0", 1, 2, 3]]]) {
  test(`invalid words ${JSON.stringify(nonsense)} are ignored`, () => assert.equal(timed(nonsense).length, 0));
}
