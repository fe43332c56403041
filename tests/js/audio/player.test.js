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
  const create = (rate) => {
    harness.context = Object.assign(new FakeContext(rate), harness.created);
    return harness.context;
  };
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
  Object.assign(harness.context, { state: "suspended", resume: () => new Promise(() => {}) });
  for (let frame = 0; frame < 100; frame += 1) harness.pass(0.016);
  assert.deepEqual(harness.blocked, [true]);
});

/** Plays until the time; returns the sample that plays then. */
function playedAfter(harness, seconds) {
  for (let elapsed = 0; elapsed < seconds; elapsed += 0.05) harness.pass(0.05);
  return harness.player.sounding()?.sample ?? null;
}

function withAudio(total = 10_000) {
  const harness = playing(total);
  harness.utterance.pcm.append(0, new Int16Array(total));
  harness.player.feed();
  return harness;
}

test("speech continues within a second after an interruption that refused to resume", async () => {
  const harness = withAudio();
  const before = playedAfter(harness, 1);
  const { context } = harness;
  const { resume } = context;
  context.state = "interrupted";
  context.resume = () => Promise.reject(new Error("InvalidStateError"));
  playedAfter(harness, 5);
  await new Promise(setImmediate);
  assert.equal(harness.context, context, "a call is no reason for another context");
  context.resume = resume;
  const after = playedAfter(harness, 1);
  assert.ok(after > before && after < before + 1000, `${before} to ${after}`);
});

test("a clock that stands still is replaced within a second, and no sample is lost", () => {
  const harness = withAudio();
  const before = playedAfter(harness, 1);
  const frozen = harness.context;
  Object.defineProperty(frozen, "currentTime", { value: frozen.currentTime });
  // What the harness adds to a frozen clock is lost.
  harness.pass = (seconds) => {
    harness.time += seconds;
    if (harness.context !== frozen) harness.context.currentTime += seconds;
    harness.player.tick();
  };
  const after = playedAfter(harness, 1);
  assert.notEqual(harness.context, frozen);
  assert.equal(frozen.state, "closed");
  assert.ok(after >= before && after < before + 400, `${before} to ${after}`);
});

test("a context that cannot be resumed is replaced, but not forever", async () => {
  const harness = withAudio();
  playedAfter(harness, 1);
  const seen = new Set();
  harness.created = { state: "suspended", resume: () => Promise.reject(new Error("NotAllowedError")) };
  Object.assign(harness.context, harness.created);
  for (let step = 0; step < 40; step += 1) {
    seen.add(harness.context);
    playedAfter(harness, 0.3);
    await new Promise(setImmediate);
  }
  assert.ok(seen.size > 1 && seen.size <= 4, `${seen.size} contexts`);
});

test("a paused or slow player is not taken for an interrupted one", () => {
  const harness = withAudio();
  playedAfter(harness, 1);
  const { context } = harness;
  harness.player.pause();
  playedAfter(harness, 10);
  harness.player.resume();
  // The page is busy: the clocks continue, but the player draws no frame.
  harness.pass(3);
  playedAfter(harness, 1);
  assert.equal(harness.context, context);
});

test("silence comes before the first sound, and not between texts", () => {
  const harness = playing(1000);
  harness.player.leadSilence = 0.5;
  const second = new Utterance(null, "And then.");
  second.rate = RATE;
  second.setLength(1000, true);
  for (const utterance of [harness.utterance, second]) utterance.pcm.append(0, new Int16Array(1000));
  harness.player.items.push(second);
  harness.player.feed();
  const [first, next] = harness.context.started.map(({ when }) => when);
  assert.ok(first >= 0.5 && first < 0.6);
  assert.ok(Math.abs(next - first - 1) < 1e-9);
});

test("the volume applies to the next context, too", () => {
  const harness = playing(1000);
  harness.player.volume = 0.4;
  harness.utterance.pcm.append(0, new Int16Array(1000));
  harness.player.feed();
  assert.equal(harness.player.output.gain.value, 0.4);
});
