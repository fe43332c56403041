import assert from "node:assert/strict";
import { test } from "node:test";
import { TRANSITIONS, Utterance } from "../../../static/js/speech/utterance.js";

for (const [state, exits] of Object.entries(TRANSITIONS)) {
  for (const next of Object.keys(TRANSITIONS)) {
    if (next === state) continue;
    const legal = exits.includes(next);
    test(`${state} ${legal ? "can" : "cannot"} change to ${next}`, () => {
      const utterance = new Utterance(null, "Hello.");
      utterance.state = state;
      if (legal) assert.ok(utterance.move(next));
      else assert.throws(() => utterance.move(next), RangeError);
      assert.equal(utterance.state, legal ? next : state);
    });
  }
}

test("an unchanged state is not a transition", () => assert.equal(new Utterance(null, "Hello.").move("queued"), false));

test("an exact length replaces an estimate and not the reverse", () => {
  const utterance = new Utterance(null, "Hello.");
  const totals = [];
  for (const message of [
    { type: "speech.words", words: [], total: 90, exact: false },
    { type: "speech.words", words: [], total: 100, exact: true },
    { type: "speech.words", words: [], total: 80, exact: false },
  ]) {
    utterance.applyMessage(message);
    totals.push(utterance.total);
  }
  assert.deepEqual(totals, [90, 100, 100]);
});

for (const message of [
  { type: "speech.started", sample_rate: "fast" },
  { type: "speech.started" },
  { type: "speech.words", words: null, total: null },
  { type: "speech.done", samples: -1 },
  { type: "speech.done" },
]) {
  test(`the message ${JSON.stringify(message)} changes nothing`, () => {
    const utterance = new Utterance(null, "Hello.");
    utterance.applyMessage(message);
    assert.deepEqual([utterance.rate, utterance.total, utterance.exact, utterance.words.length], [0, 0, false, 0]);
  });
}

test("a place in line is shown until another message arrives", () => {
  const utterance = new Utterance(null, "Hello.");
  utterance.applyMessage({ type: "speech.waiting", position: 3, wait_s: 11.2 });
  assert.deepEqual(utterance.place, { position: 3, seconds: 12 });
  utterance.applyMessage({ type: "speech.started", sample_rate: 22050 });
  assert.equal(utterance.place, null);
});

test("an invalid place in line is ignored", () => {
  const utterance = new Utterance(null, "Hello.");
  utterance.applyMessage({ type: "speech.waiting", position: "first", wait_s: null });
  assert.equal(utterance.place, null);
});

test("an utterance is received with its last sample, and complete with its first", () => {
  const utterance = new Utterance(null, "Hello.");
  utterance.pcm.clear(50);
  utterance.applyMessage({ type: "speech.done", samples: 60 });
  assert.equal(utterance.received, false);
  utterance.pcm.append(50, new Int16Array(10));
  assert.deepEqual([utterance.received, utterance.complete], [true, false]);
});

test("a restart keeps the samples that are stored", () => {
  for (const [samples, kept] of [[10, 10], [6, 6]]) {
    const utterance = new Utterance(null, "Hello.");
    utterance.pcm.append(0, new Int16Array(samples));
    utterance.applyMessage({ type: "speech.done", samples: 10 });
    utterance.move("stopped");
    utterance.restart();
    assert.deepEqual([utterance.state, utterance.pcm.end, utterance.cursor], ["queued", kept, 0]);
  }
});

test("a change of speed begins again at the spoken word", () => {
  const utterance = new Utterance(null, "One two.", { voice: "joe", speaker: null, speed: 1 });
  utterance.applyMessage({ type: "speech.words", words: [[0, 3, 0, 400], [4, 7, 400, 1000]], total: 1000, exact: true });
  utterance.pcm.append(0, new Int16Array(1000));
  utterance.changeSpeed(700, 2);
  assert.deepEqual([utterance.settings.speed, utterance.cursor, utterance.pcm.end], [2, 200, 200]);
  assert.deepEqual([utterance.total, utterance.exact, utterance.words.get(1)], [500, false, [4, 7, 200, 500]]);
});
