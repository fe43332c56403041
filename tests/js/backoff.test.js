import assert from "node:assert/strict";
import { test } from "node:test";
import { Backoff } from "../../static/js/backoff.js";

const delays = (backoff, count) => Array.from({ length: count }, () => backoff.next());

test("delays double up to the maximum", () => {
  assert.deepEqual(delays(new Backoff({ firstMs: 100, maxMs: 1000, random: () => 1 }), 6), [100, 200, 400, 800, 1000, 1000]);
});

test("jitter subtracts at most half", () => {
  assert.deepEqual(delays(new Backoff({ firstMs: 100, maxMs: 1000, random: () => 0 }), 3), [50, 100, 200]);
});

test("a reset restarts the delays", () => {
  const backoff = new Backoff({ firstMs: 100, random: () => 1 });
  delays(backoff, 4);
  backoff.reset();
  assert.equal(backoff.next(), 100);
});

test("the delay does not overflow after many failures", () => {
  const backoff = new Backoff({ maxMs: 30_000, random: () => 1 });
  assert.equal(delays(backoff, 5000).at(-1), 30_000);
});
