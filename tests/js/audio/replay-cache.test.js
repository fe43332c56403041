import assert from "node:assert/strict";
import { test } from "node:test";
import { ReplayCache } from "../../../static/js/audio/replay-cache.js";
import { holding } from "../support.js";

test("the cache evicts the utterance that finished first", () => {
  const [alice, bob, charlie] = [1, 2, 3].map(() => ({ pcm: holding(new Array(100).fill(1)) }));
  const cache = new ReplayCache(400);
  cache.add(alice);
  cache.add(bob);
  cache.add(alice);
  cache.add(charlie);
  assert.deepEqual([alice, bob, charlie].map(({ pcm }) => pcm.bytes), [200, 0, 200]);
});

test("an utterance in use is not evicted", () => {
  const [alice, bob] = [1, 2].map(() => ({ pcm: holding(new Array(100).fill(1)) }));
  const cache = new ReplayCache(200);
  cache.add(alice);
  cache.remove(alice);
  cache.add(bob);
  assert.deepEqual([alice.pcm.bytes, bob.pcm.bytes], [200, 200]);
});
