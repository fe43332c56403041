import assert from "node:assert/strict";
import { test } from "node:test";
import { Player } from "../../../static/js/audio/player.js";
import { Utterance } from "../../../static/js/speech/utterance.js";
import { FakeContext } from "../support.js";

const RATE = 1000;

/** Returns a player of one utterance of that many samples; the test controls the clocks. */
function playing(total) {
  const harness = { time: 0, context: null, blocked: [] };
  const utterance = new Utterance(1, "Hello.");
  utterance.rate = RATE;
  utterance.setLength(total, true);
  const handlers = { onEnd: () => harness.player.items.shift(), onBlocked: (blocked) => harness.blocked.push(blocked) };
  const create = (rate) => (harness.context = new FakeContext(rate));
  harness.player = new Player([utterance], handlers, create, () => harness.time);
  harness.utterance = utterance;
  harness.pass = (seconds) => {
    harness.time += seconds;
    if (harness.context.state === "running") harness.context.currentTime += seconds;
    harness.player.tick();
  };
  return harness;
}

/** Delivers audio at a rate until it has ended; returns how often playback stopped for want of audio. */
function gaps(harness, samplesPerSecond) {
  let count = 0;
  let sounded = true;
  for (let step = 0; step < 10_000 && harness.player.items.length; step += 1) {
    const { pcm, total } = harness.utterance;
    const length = Math.min(samplesPerSecond / 10, total - pcm.end);
    if (length) pcm.append(pcm.end, new Int16Array(length));
    harness.player.feed();
    harness.pass(0.1);
    const sounds = harness.player.sounding() !== null;
    if (sounded && !sounds && harness.player.items.length && step) count += 1;
    sounded = sounds;
  }
  assert.equal(harness.player.items.length, 0, "it was spoken to its end");
  return count;
}

test("a slow connection causes one pause, not a gap after every chunk", () => {
  assert.ok(gaps(playing(8000), 600) <= 2);
});

test("a very slow connection pauses seldom in a long text", () => {
  assert.ok(gaps(playing(60_000), 600) <= 8);
});

test("a fast connection causes no pause", () => assert.equal(gaps(playing(8000), 2000), 0));

test("audio that the context needs a moment to resume is not reported as blocked", () => {
  const harness = playing(5000);
  harness.utterance.pcm.append(0, new Int16Array(5000));
  harness.player.feed();
  harness.pass(0.5);
  harness.player.pause();
  harness.pass(5);
  harness.player.resume();
  harness.context.state = "suspended";
  for (let frame = 0; frame < 30; frame += 1) harness.pass(0.016);
  harness.context.state = "running";
  harness.pass(0.5);
  assert.deepEqual(harness.blocked, []);
});

test("audio that the browser blocks is reported, once", () => {
  const harness = playing(5000);
  harness.utterance.pcm.append(0, new Int16Array(5000));
  harness.player.feed();
  harness.context.state = "suspended";
  for (let frame = 0; frame < 100; frame += 1) harness.pass(0.016);
  assert.deepEqual(harness.blocked, [true]);
});
