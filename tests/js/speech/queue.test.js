import assert from "node:assert/strict";
import { test } from "node:test";
import { Player } from "../../../static/js/audio/player.js";
import { Queue } from "../../../static/js/speech/queue.js";
import { Clock, FakeContext } from "../support.js";

const RATE = 1000;
const LIMITS = { text: 1000, queue: 20 };

/** A queue with a real player, a server that is this test, and a clock for both. */
function terminal({ connect = true } = {}) {
  const here = { sent: [], context: null, online: connect, clock: new Clock(), held: [] };
  here.queue = new Queue({
    send(type, fields = {}) {
      if (here.online) here.sent.push({ type, ...fields });
      return here.online;
    },
    settings: () => ({ voice: "joe", speaker: null, speed: here.speed ?? 1 }),
    createPlayer: (line, handlers) => new Player(line, handlers, (rate) => {
      here.context = new FakeContext(rate);
      return here.context;
    }),
    handlers: { onChange: () => {}, onBlocked: () => {}, onHold: (seconds) => here.held.push(seconds) },
    later: here.clock.setTimeout,
  });
  if (connect) here.queue.connected(LIMITS);
  return here;
}

function say(here, ...texts) {
  const utterances = texts.map((text) => here.queue.create(text));
  here.queue.add(...utterances);
  return utterances;
}

const creates = (here) => here.sent.filter(({ type }) => type === "speech.create");
const cancels = (here) => here.sent.filter(({ type }) => type === "speech.cancel").map(({ id }) => id);
const played = (here) => here.sent.filter(({ type }) => type === "speech.played").map(({ id, sample }) => [id, sample]);

function begins(here, id, total = 1000) {
  here.queue.receive({ type: "speech.started", id, sample_rate: RATE, channels: 1 });
  here.queue.receive({ type: "speech.words", id, words: [[0, 1, 0, total]], total, exact: true });
}

function sends(here, id, index, length) {
  here.queue.audio({ id, index, samples: new Int16Array(length) });
}

function speaksWhole(here, id, total = 1000, from = 0) {
  begins(here, id, total);
  sends(here, id, from, total - from);
  here.queue.receive({ type: "speech.done", id, samples: total });
}

function passes(here, seconds) {
  for (let passed = 0; passed < seconds; passed += 0.05) {
    here.context.currentTime += 0.05;
    here.queue.follow();
    here.queue.report();
  }
}

test("an utterance goes from the queue to its end", () => {
  const here = terminal();
  const [hello] = say(here, "Hello.");
  const states = [hello.state];
  begins(here, 1);
  sends(here, 1, 0, 500);
  passes(here, 0.2);
  states.push(hello.state);
  sends(here, 1, 500, 500);
  here.queue.receive({ type: "speech.done", id: 1, samples: 1000 });
  passes(here, 1);
  states.push(hello.state);
  assert.deepEqual(states, ["processing", "speaking", "done"]);
  assert.deepEqual(played(here).at(-1), [1, 1000]);
});

test("one frame at a time, sounds meet to the sample", () => {
  const here = terminal();
  say(here, "Hello.");
  begins(here, 1);
  for (let index = 0; index < 1000; index += 1) sends(here, 1, index, 1);
  const times = here.context.started.map(({ when }) => Math.round(when * RATE));
  assert.deepEqual(times, Array.from({ length: 1000 }, (_, i) => times[0] + i));
});

test("the next utterance follows without a gap", () => {
  const here = terminal();
  const [one, two] = say(here, "One.", "Two.");
  speaksWhole(here, 1);
  speaksWhole(here, 2);
  const [first, second] = here.context.started.map(({ when }) => Math.round(when * RATE));
  assert.equal(second - first, 1000);
  passes(here, 1.3);
  assert.deepEqual([one.state, two.state], ["done", "speaking"]);
});

test("the server holds four at most, in order", () => {
  const here = terminal();
  say(here, ..."abcdefgh");
  assert.deepEqual(creates(here).map(({ text }) => text), ["a", "b", "c", "d"]);
  speaksWhole(here, 1);
  assert.deepEqual(creates(here).at(-1).text, "e");
});

test("audio for a stranger, too early, twice or out of order is not played", () => {
  const here = terminal();
  const [hello] = say(here, "Hello.");
  sends(here, 1, 0, 10);
  begins(here, 1);
  sends(here, 99, 0, 10);
  sends(here, 1, 0, 10);
  sends(here, 1, 0, 10);
  sends(here, 1, 5, 10);
  assert.deepEqual([hello.pcm.end, creates(here).length], [10, 1]);
});

test("a dropped frame is asked for again, from the gap on", () => {
  const here = terminal();
  const [hello] = say(here, "Hello.");
  begins(here, 1);
  sends(here, 1, 0, 100);
  sends(here, 1, 200, 100);
  assert.deepEqual([cancels(here), creates(here).at(-1).start], [[1], 100]);
  sends(here, 1, 100, 100);
  assert.equal(hello.pcm.end, 100);
  speaksWhole(here, 2, 1000, 100);
  assert.ok(hello.complete);
});

test("a server that drops frames without end is not asked without end", () => {
  const here = terminal();
  const [hello] = say(here, "Hello.");
  for (let id = 1; id < 50 && !hello.ended; id += 1) {
    begins(here, id);
    sends(here, id, 500, 100);
  }
  assert.deepEqual([hello.state, hello.error.code], ["error", "incomplete"]);
  assert.ok(creates(here).length <= 5);
});

test("an end that comes before the last sample is no end", () => {
  const here = terminal();
  say(here, "Hello.");
  begins(here, 1);
  sends(here, 1, 0, 400);
  here.queue.receive({ type: "speech.done", id: 1, samples: 1000 });
  assert.equal(creates(here).at(-1).start, 400);
});

test("after a lost connection the unfinished are sent again, the interrupted one with its start", () => {
  const here = terminal();
  const [one, two] = say(here, "One.", "Two.");
  begins(here, 1);
  sends(here, 1, 0, 600);
  passes(here, 0.2);
  here.online = false;
  here.queue.disconnected();
  assert.equal(one.state, "speaking");
  here.online = true;
  here.queue.connected(LIMITS);
  assert.deepEqual(creates(here).slice(2).map(({ id, text, start }) => [id, text, start ?? 0]), [[3, "One.", 600], [4, "Two.", 0]]);
  speaksWhole(here, 3, 1000, 600);
  speaksWhole(here, 4);
  passes(here, 2.2);
  assert.deepEqual([one.state, two.state], ["done", "done"]);
  const [first, second, third] = here.context.started.map(({ when }) => Math.round(when * RATE));
  assert.deepEqual([second - first, third - first], [600, 1000]);
});

test("what is typed without a connection waits for one", () => {
  const here = terminal({ connect: false });
  const [hello] = say(here, "Hello.");
  assert.deepEqual([hello.state, here.sent], ["queued", []]);
  here.online = true;
  here.queue.connected(LIMITS);
  assert.equal(creates(here).length, 1);
});

test("what arrived whole is not asked for again", () => {
  const here = terminal();
  say(here, "Hello.");
  speaksWhole(here, 1);
  here.queue.disconnected();
  here.queue.connected(LIMITS);
  assert.equal(creates(here).length, 1);
});

test("stopping the current one lets the next begin", () => {
  const here = terminal();
  const [one, two] = say(here, "One.", "Two.");
  begins(here, 1);
  sends(here, 1, 0, 500);
  passes(here, 0.2);
  here.queue.stop(one);
  speaksWhole(here, 2);
  passes(here, 0.2);
  assert.deepEqual([one.state, two.state, cancels(here)], ["stopped", "speaking", [1]]);
  sends(here, 1, 500, 100);
  assert.equal(one.pcm.end, 500);
});

test("stopping all stops all, at once, and the server too", () => {
  const here = terminal();
  const all = say(here, ..."abcdef");
  speaksWhole(here, 1);
  passes(here, 0.2);
  here.queue.stopAll();
  assert.ok(all.every(({ state }) => state === "stopped"));
  assert.equal(here.queue.items.length, 0);
  assert.equal(here.sent.filter(({ type }) => type === "speech.cancel_all").length, 1);
  assert.ok(here.context.started.every(({ stopped }) => stopped < here.context.currentTime + 0.05));
});

test("seeking within what is here asks the server for nothing", () => {
  const here = terminal();
  const [hello] = say(here, "Hello.");
  speaksWhole(here, 1);
  passes(here, 0.2);
  here.queue.seek(700);
  passes(here, 0.1);
  assert.deepEqual([creates(here).length, hello.state], [1, "speaking"]);
  assert.ok(here.queue.player.sounding().sample >= 700);
});

test("seeking beyond asks for the rest, before what comes later", () => {
  const here = terminal();
  say(here, "One.", "Two.");
  begins(here, 1);
  sends(here, 1, 0, 200);
  passes(here, 0.1);
  here.queue.seek(800);
  assert.deepEqual(cancels(here), [1, 2]);
  assert.deepEqual(creates(here).slice(2).map(({ id, text, start }) => [id, text, start ?? 0]), [[3, "One.", 800], [4, "Two.", 0]]);
});

test("again takes the samples that are here", () => {
  const here = terminal();
  const [hello] = say(here, "Hello.");
  speaksWhole(here, 1);
  passes(here, 1.2);
  here.queue.again(hello);
  passes(here, 0.1);
  assert.deepEqual([hello.state, creates(here).length], ["speaking", 1]);
  passes(here, 1.1);
  assert.equal(hello.state, "done");
});

test("again comes next, also at the server, and takes back what was scheduled", () => {
  const here = terminal();
  const [zero, one, two] = say(here, "Zero.", "One.", "Two.");
  here.queue.stop(zero);
  speaksWhole(here, 2);
  begins(here, 3);
  sends(here, 3, 0, 100);
  here.queue.again(zero);
  assert.deepEqual(here.queue.items, [one, zero, two]);
  assert.deepEqual(cancels(here), [1, 3]);
  assert.deepEqual(creates(here).slice(3).map(({ text, start }) => [text, start ?? 0]), [["Zero.", 0], ["Two.", 100]]);
  speaksWhole(here, 4);
  speaksWhole(here, 5, 1000, 100);
  passes(here, 1.3);
  assert.deepEqual([one.state, zero.state, two.state], ["done", "speaking", "queued"]);
});

test("paused, nothing moves, and a new connection is told", () => {
  const here = terminal();
  const [hello] = say(here, "Hello.");
  begins(here, 1);
  here.queue.pause();
  here.queue.disconnected();
  here.queue.connected(LIMITS);
  assert.equal(here.sent.filter(({ type }) => type === "speech.pause").length, 2);
  assert.equal(hello.state, "paused");
  here.queue.resume();
  assert.equal(hello.state, "processing");
});

test("a busy server is asked again when it said so", () => {
  const here = terminal();
  const [one] = say(here, "One.", "Two.");
  here.queue.receive({ type: "error", id: 1, code: "busy", message: "Busy.", retry_after: 3 });
  assert.deepEqual([here.held, creates(here).length], [[3], 2]);
  here.clock.pass(3000);
  assert.deepEqual(creates(here).slice(2).map(({ text }) => text), ["One.", "Two."]);
  assert.equal(one.state, "processing");
});

test("a server that is always busy is believed in the end", () => {
  const here = terminal();
  const [hello] = say(here, "Hello.");
  for (let id = 1; id < 20 && !hello.ended; id += 1) {
    here.queue.receive({ type: "error", id, code: "busy", message: "Busy.", retry_after: 1 });
    here.clock.pass(1000);
  }
  assert.deepEqual([hello.state, hello.error.code, creates(here).length], ["error", "busy", 5]);
});

test("what waits for a limit waits as often as it must, and stopping drops it", () => {
  const here = terminal();
  const [hello] = say(here, "Hello.");
  for (let id = 1; id < 12; id += 1) {
    here.queue.receive({ type: "error", id, code: "limit_characters", message: "Too many.", retry_after: 30 });
    here.clock.pass(30_000);
  }
  assert.deepEqual([hello.state, creates(here).length], ["processing", 12]);
  here.queue.receive({ type: "error", id: 12, code: "limit_characters", message: "Too many.", retry_after: 30 });
  here.queue.stopAll();
  here.clock.pass(30_000);
  assert.deepEqual([hello.state, creates(here).length], ["stopped", 12]);
});

test("a text that cannot be spoken does not hold up the next", () => {
  const here = terminal();
  const [one, two] = say(here, "?!", "Two.");
  here.queue.receive({ type: "error", id: 1, code: "text_unspeakable", message: "Nothing in it has a sound." });
  speaksWhole(here, 2);
  passes(here, 0.1);
  assert.deepEqual([one.state, one.error.message, two.state], ["error", "Nothing in it has a sound.", "speaking"]);
});

test("messages about nothing we know change nothing", () => {
  const here = terminal();
  const [hello] = say(here, "Hello.");
  for (const type of ["speech.started", "speech.words", "speech.done", "speech.cancelled", "error"]) {
    for (const id of [undefined, null, "1", 0, 2, -1, {}]) here.queue.receive({ type, id, samples: 3, code: "busy" });
  }
  assert.deepEqual([hello.state, hello.total, here.held], ["processing", 0, []]);
});

test("a long reading follows the chooser, a single line does not", () => {
  const here = terminal();
  const { queue } = here;
  queue.add(...["a", "b", "c", "d", "e"].map((text) => queue.create(text, null)), queue.create("f"));
  here.speed = 2;
  for (const id of [1, 2]) speaksWhole(here, id);
  assert.deepEqual(creates(here).map(({ text, speed }) => [text, speed]).slice(3), [["d", 1], ["e", 2], ["f", 1]]);
});

test("an utterance without any sound just ends", () => {
  const here = terminal();
  const [one, two] = say(here, "One.", "Two.");
  speaksWhole(here, 1);
  begins(here, 2, 0);
  here.queue.receive({ type: "speech.done", id: 2, samples: 0 });
  passes(here, 1.2);
  assert.deepEqual([one.state, two.state], ["done", "done"]);
});

test("another sample rate waits for the end of the one before, and gets its own context", () => {
  const here = terminal();
  say(here, "One.", "Two.");
  speaksWhole(here, 1);
  const before = here.context;
  here.queue.receive({ type: "speech.started", id: 2, sample_rate: 2000 });
  sends(here, 2, 0, 100);
  assert.equal(here.context, before);
  passes(here, 1.2);
  assert.deepEqual([here.context.sampleRate, before.state], [2000, "closed"]);
});
