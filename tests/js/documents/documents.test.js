import assert from "node:assert/strict";
import { test } from "node:test";

import { SleepTimer } from "../../../static/js/audio/sleep-timer.js";
import { PositionKeeper } from "../../../static/js/documents/position-keeper.js";
import { outlineOf } from "../../../static/js/documents/document-opener.js";

const OUTLINE = [{ title: "One", level: 1, offset: 0 }, { title: "Two", level: 1, offset: 50 }];

/** Runs a test without the timers of the page. */
function withoutTimers(work) {
  const { setInterval } = globalThis;
  globalThis.setInterval = () => 0;
  try {
    work();
  } finally {
    globalThis.setInterval = setInterval;
  }
}

test("the outline has the offsets of its paragraphs in the joined text", () => {
  const paragraphs = ["One", "A text.", "Two"];
  const outline = outlineOf({ paragraphs, outline: [["One", 1, 0], ["Two", 2, 2]] });
  const text = paragraphs.join("\n\n");
  assert.deepEqual(outline.map(({ offset }) => text.slice(offset, offset + 3)), ["One", "Two"]);
});

test("the sleep timer pauses once, after its time or at the end of the chapter", () => withoutTimers(() => {
  let [now, pauses] = [0, 0];
  const queue = { paused: false, document: { outline: OUTLINE, position: 10 } };
  const timer = new SleepTimer(queue, () => { pauses += 1; }, () => now);
  timer.set("15");
  now = 899_999;
  timer.check();
  assert.equal(pauses, 0);
  now = 900_000;
  timer.check();
  timer.check();
  assert.equal(pauses, 1);
  assert.equal(timer.choice, "");
  timer.set("chapter");
  timer.check();
  assert.equal(pauses, 1);
  queue.document.position = 50;
  timer.check();
  assert.equal(pauses, 2);
}));

test("a position is stored at the beginning of its sentence, when it has changed, and from the beginning at the end", () => {
  const sent = [];
  const speech = { position: 25, structure: { sentenceAt: () => [20, 40] }, parts: [{ state: "speaking" }], header: null };
  const queue = { latest: speech };
  const keeper = new PositionKeeper(speech, "digest", queue, (offset) => sent.push(offset));
  keeper.store();
  keeper.store();
  speech.parts[0].state = "done";
  keeper.store();
  queue.latest = {};
  keeper.store();
  assert.deepEqual(sent, [20, 0]);
});
