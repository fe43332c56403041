import assert from "node:assert/strict";
import { test } from "node:test";
import { isMoment } from "../../static/js/feedback/ask-rating.js";

const app = ({ done = 5, queued = 0, isEmpty = true } = {}) => ({
  log: { documents: [...Array(done).fill({ state: "done" }), { state: "stopped" }] }, queue: { items: Array(queued).fill({}) }, prompt: { isEmpty },
});

test("the page asks after several entries, never while it speaks, while the user types, or in a hidden tab", () => {
  assert.equal(isMoment(app(), { hidden: false }), true);
  assert.equal(isMoment(app({ done: 4 }), { hidden: false }), false);
  assert.equal(isMoment(app({ queued: 1 }), { hidden: false }), false);
  assert.equal(isMoment(app({ isEmpty: false }), { hidden: false }), false);
  assert.equal(isMoment(app(), { hidden: true }), false);
});
