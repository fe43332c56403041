import assert from "node:assert/strict";
import { test } from "node:test";
import { PcmBuffer } from "../../../static/js/audio/pcm-buffer.js";
import { holding } from "../support.js";

test("samples are read from any position to the end of their chunk", () => {
  const pcm = holding([1, 2, 3], [4, 5]);
  assert.deepEqual([0, 1, 2, 3, 4].map((from) => [...pcm.read(from)]), [[1, 2, 3], [2, 3], [3], [4, 5], [5]]);
});

test("reading beyond the stored samples returns null", () => {
  assert.equal(holding([1, 2]).read(2), null);
  assert.equal(new PcmBuffer().read(0), null);
});

for (const [what, index] of [["a frame that comes twice", 0], ["a frame that skips some", 5], ["an overlapping frame", 1]]) {
  test(`${what} is not stored`, () => {
    const pcm = holding([1, 2, 3]);
    assert.equal(pcm.append(index, Int16Array.of(9)), false);
    assert.equal(pcm.end, 3);
  });
}

test("after a seek the samples start at the new position", () => {
  const pcm = holding([1, 2]);
  pcm.clear(100);
  pcm.append(100, Int16Array.of(7, 8));
  assert.deepEqual([pcm.covers(0), pcm.covers(100), [...pcm.read(101)]], [false, true, [8]]);
});

test("an empty frame changes nothing", () => {
  const pcm = holding([1], [], [2]);
  assert.deepEqual([...pcm.read(1)], [2]);
});
