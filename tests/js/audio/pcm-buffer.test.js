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

test("a seek keeps the samples, and joins them when they are reached", () => {
  const pcm = holding([1, 2, 3], [4, 5]);
  pcm.seek(8);
  assert.deepEqual([pcm.first, pcm.end, pcm.bytes], [8, 8, 10]);
  pcm.append(8, Int16Array.of(9, 10));
  pcm.seek(2);
  assert.deepEqual([pcm.first, pcm.end, [...pcm.read(2)]], [0, 5, [3]]);
  pcm.append(5, Int16Array.of(6, 7, 8, 9));
  assert.deepEqual([pcm.end, pcm.bytes, [...pcm.read(5)], [...pcm.read(9)]], [10, 20, [6, 7, 8, 9], [10]]);
});
