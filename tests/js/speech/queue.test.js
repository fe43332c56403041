import assert from "node:assert/strict";
import { test } from "node:test";
import { Player } from "../../../static/js/audio/player.js";
import { Queue } from "../../../static/js/speech/queue.js";
import { Clock, FakeContext } from "../support.js";

const RATE = 1000;
const LIMITS = { text: 1000, queue: 20 };

/** Returns a queue with a real player; the test is the server and controls the clock. */
function terminal({ connect = true } = {}) {
  const harness = { sent: [], context: null, online: connect, clock: new Clock(), held: [] };
  harness.queue = new Queue({
    send(type, fields = {}) {
      if (harness.online) harness.sent.push({ type, ...fields });
      return harness.online;
    },
    settings: () => ({ voice: "joe", speaker: null, speed: harness.speed ?? 1 }),
    createPlayer: (line, handlers) => new Player(line, handlers, (rate) => {
      harness.context = new FakeContext(rate);
      return harness.context;
    }),
    handlers: { onChange: () => {}, onBlocked: () => {}, onHold: (seconds) => harness.held.push(seconds) },
    later: harness.clock.setTimeout,
  });
  if (connect) harness.queue.connected(LIMITS);
  return harness;
}

function say(harness, ...texts) {
  return texts.map((text) => {
    const document = harness.queue.create(text);
    harness.queue.add(document);
    return document.parts[0];
  });
}

const creates = (harness) => harness.sent.filter(({ type }) => type === "speech.create");
const cancels = (harness) => harness.sent.filter(({ type }) => type === "speech.cancel").map(({ id }) => id);
const played = (harness) => harness.sent.filter(({ type }) => type === "speech.played").map(({ id, sample }) => [id, sample]);

function deliverStart(harness, id, total = 1000) {
  harness.queue.receive({ type: "speech.started", id, sample_rate: RATE, channels: 1 });
  harness.queue.receive({ type: "speech.words", id, words: [[0, 1, 0, total]], total, exact: true });
}

function deliverAudio(harness, id, index, length) {
  harness.queue.audio({ id, index, samples: new Int16Array(length) });
}

function deliverUtterance(harness, id, total = 1000, from = 0) {
  deliverStart(harness, id, total);
  deliverAudio(harness, id, from, total - from);
  harness.queue.receive({ type: "speech.done", id, samples: total });
}

function advance(harness, seconds) {
  for (let elapsed = 0; elapsed < seconds; elapsed += 0.05) {
    harness.context.currentTime += 0.05;
    harness.queue.follow();
    harness.queue.report();
  }
}

test("an utterance passes from queued to done", () => {
  const harness = terminal();
  const [hello] = say(harness, "Hello.");
  const states = [hello.state];
  deliverStart(harness, 1);
  deliverAudio(harness, 1, 0, 500);
  advance(harness, 0.2);
  states.push(hello.state);
  deliverAudio(harness, 1, 500, 500);
  harness.queue.receive({ type: "speech.done", id: 1, samples: 1000 });
  advance(harness, 1);
  states.push(hello.state);
  assert.deepEqual(states, ["processing", "speaking", "done"]);
  assert.deepEqual(played(harness).at(-1), [1, 1000]);
});

test("frames that arrive one by one join without a gap", () => {
  const harness = terminal();
  say(harness, "Hello.");
  deliverStart(harness, 1);
  for (let index = 0; index < 1000; index += 1) deliverAudio(harness, 1, index, 1);
  const times = harness.context.started.map(({ when }) => Math.round(when * RATE));
  assert.deepEqual(times, Array.from({ length: 1000 }, (_, i) => times[0] + i));
});

test("the next utterance follows without a gap", () => {
  const harness = terminal();
  const [one, two] = say(harness, "One.", "Two.");
  deliverUtterance(harness, 1);
  deliverUtterance(harness, 2);
  const [first, second] = harness.context.started.map(({ when }) => Math.round(when * RATE));
  assert.equal(second - first, 1000);
  advance(harness, 1.3);
  assert.deepEqual([one.state, two.state], ["done", "speaking"]);
});

test("the server has at most four utterances, in order", () => {
  const harness = terminal();
  say(harness, ..."abcdefgh");
  assert.deepEqual(creates(harness).map(({ text }) => text), ["a", "b", "c", "d"]);
  deliverUtterance(harness, 1);
  assert.deepEqual(creates(harness).at(-1).text, "e");
});

test("unknown, early, duplicate and out-of-order audio is not played", () => {
  const harness = terminal();
  const [hello] = say(harness, "Hello.");
  deliverAudio(harness, 1, 0, 10);
  deliverStart(harness, 1);
  deliverAudio(harness, 99, 0, 10);
  deliverAudio(harness, 1, 0, 10);
  deliverAudio(harness, 1, 0, 10);
  deliverAudio(harness, 1, 5, 10);
  assert.deepEqual([hello.pcm.end, creates(harness).length], [10, 1]);
});

test("a lost frame is requested again from the gap", () => {
  const harness = terminal();
  const [hello] = say(harness, "Hello.");
  deliverStart(harness, 1);
  deliverAudio(harness, 1, 0, 100);
  deliverAudio(harness, 1, 200, 100);
  assert.deepEqual([cancels(harness), creates(harness).at(-1).start], [[1], 100]);
  deliverAudio(harness, 1, 100, 100);
  assert.equal(hello.pcm.end, 100);
  deliverUtterance(harness, 2, 1000, 100);
  assert.ok(hello.complete);
});

test("repeated frame loss ends the retries", () => {
  const harness = terminal();
  const [hello] = say(harness, "Hello.");
  for (let id = 1; id < 50 && !hello.ended; id += 1) {
    deliverStart(harness, id);
    deliverAudio(harness, id, 500, 100);
  }
  assert.deepEqual([hello.state, hello.error.code], ["error", "incomplete"]);
  assert.ok(creates(harness).length <= 5);
});

test("a done message before the last sample is not the end", () => {
  const harness = terminal();
  say(harness, "Hello.");
  deliverStart(harness, 1);
  deliverAudio(harness, 1, 0, 400);
  harness.queue.receive({ type: "speech.done", id: 1, samples: 1000 });
  assert.equal(creates(harness).at(-1).start, 400);
});

test("after a reconnect unfinished utterances are requested again, the interrupted one from its position", () => {
  const harness = terminal();
  const [one, two] = say(harness, "One.", "Two.");
  deliverStart(harness, 1);
  deliverAudio(harness, 1, 0, 600);
  advance(harness, 0.2);
  harness.online = false;
  harness.queue.disconnected();
  assert.equal(one.state, "speaking");
  harness.online = true;
  harness.queue.connected(LIMITS);
  assert.deepEqual(creates(harness).slice(2).map(({ id, text, start }) => [id, text, start ?? 0]), [[3, "One.", 600], [4, "Two.", 0]]);
  deliverUtterance(harness, 3, 1000, 600);
  deliverUtterance(harness, 4);
  advance(harness, 2.2);
  assert.deepEqual([one.state, two.state], ["done", "done"]);
  const [first, second, third] = harness.context.started.map(({ when }) => Math.round(when * RATE));
  assert.deepEqual([second - first, third - first], [600, 1000]);
});

test("after a lost connection the request for the rest has the server's resume token; after a seek or the end it has none", () => {
  const harness = terminal();
  const [one] = say(harness, "One.");
  const start = (id, resume) => harness.queue.receive({ type: "speech.started", id, sample_rate: RATE, channels: 1, resume });
  const reconnect = () => {
    harness.queue.disconnected();
    harness.queue.connected(LIMITS);
    return creates(harness).at(-1).resume;
  };
  assert.equal(creates(harness)[0].resume, null);
  start(1, "first");
  deliverAudio(harness, 1, 0, 600);
  assert.equal(reconnect(), "first");
  // A connection that is lost before the utterance starts leaves the token as it is.
  assert.equal(reconnect(), "first");
  start(3, "second");
  assert.equal(reconnect(), "second");
  start(4, { not: "a token" });
  assert.equal(reconnect(), null);
  start(5, "third");
  harness.queue.receive({ type: "speech.words", id: 5, words: [[0, 1, 0, 1000]], total: 1000, exact: true });
  advance(harness, 0.2);
  harness.queue.seek(900);
  assert.deepEqual([cancels(harness), creates(harness).at(-1).resume], [[5], null]);
  deliverUtterance(harness, 6, 1000, 900);
  assert.equal(one.resume, null);
});

test("text typed while disconnected waits for a connection", () => {
  const harness = terminal({ connect: false });
  const [hello] = say(harness, "Hello.");
  assert.deepEqual([hello.state, harness.sent], ["queued", []]);
  harness.online = true;
  harness.queue.connected(LIMITS);
  assert.equal(creates(harness).length, 1);
});

test("a complete utterance is not requested again", () => {
  const harness = terminal();
  say(harness, "Hello.");
  deliverUtterance(harness, 1);
  harness.queue.disconnected();
  harness.queue.connected(LIMITS);
  assert.equal(creates(harness).length, 1);
});

test("stopping the current utterance starts the next", () => {
  const harness = terminal();
  const [one, two] = say(harness, "One.", "Two.");
  deliverStart(harness, 1);
  deliverAudio(harness, 1, 0, 500);
  advance(harness, 0.2);
  harness.queue.stop(one.document);
  deliverUtterance(harness, 2);
  advance(harness, 0.2);
  assert.deepEqual([one.state, two.state, cancels(harness)], ["stopped", "speaking", [1]]);
  deliverAudio(harness, 1, 500, 100);
  assert.equal(one.pcm.end, 500);
});

test("stopping all utterances stops playback and cancels them at the server", () => {
  const harness = terminal();
  const all = say(harness, ..."abcdef");
  deliverUtterance(harness, 1);
  advance(harness, 0.2);
  harness.queue.stopAll();
  assert.ok(all.every(({ state }) => state === "stopped"));
  assert.equal(harness.queue.items.length, 0);
  assert.equal(harness.sent.filter(({ type }) => type === "speech.cancel_all").length, 1);
  assert.ok(harness.context.started.every(({ stopped }) => stopped < harness.context.currentTime + 0.05));
});

test("seeking within stored audio requests nothing", () => {
  const harness = terminal();
  const [hello] = say(harness, "Hello.");
  deliverUtterance(harness, 1);
  advance(harness, 0.2);
  harness.queue.seek(700);
  advance(harness, 0.1);
  assert.deepEqual([creates(harness).length, hello.state], [1, "speaking"]);
  assert.ok(harness.queue.player.sounding().sample >= 700);
});

test("seeking beyond stored audio requests the rest before later utterances", () => {
  const harness = terminal();
  say(harness, "One.", "Two.");
  deliverStart(harness, 1);
  deliverAudio(harness, 1, 0, 200);
  advance(harness, 0.1);
  harness.queue.seek(800);
  assert.deepEqual(cancels(harness), [1, 2]);
  harness.clock.pass(1000);
  assert.deepEqual(creates(harness).slice(2).map(({ id, text, start }) => [id, text, start ?? 0]), [[3, "One.", 800], [4, "Two.", 0]]);
});

test("each seek is one request, and a seek back to stored samples is none", () => {
  const harness = terminal();
  const all = say(harness, ...Array.from({ length: 20 }, (_, n) => `Part ${n}.`));
  deliverStart(harness, 1, 10_000);
  deliverAudio(harness, 1, 0, 1000);
  advance(harness, 0.1);
  const before = creates(harness).length;
  for (const sample of [3000, 5000, 7000, 9000]) harness.queue.seek(sample);
  assert.deepEqual(creates(harness).slice(before).map(({ text, start }) => [text, start]), [3000, 5000, 7000, 9000].map((start) => ["Part 0.", start]));
  harness.queue.seek(500);
  advance(harness, 0.1);
  assert.deepEqual([all[0].state, creates(harness).at(-1).start], ["speaking", 1000]);
  harness.clock.pass(1000);
  assert.deepEqual(creates(harness).slice(-3).map(({ text }) => text), ["Part 1.", "Part 2.", "Part 3."]);
});

test("samples that reach stored ones are followed by a request for the rest", () => {
  const harness = terminal();
  const [hello] = say(harness, "Hello.");
  deliverStart(harness, 1, 1000);
  deliverAudio(harness, 1, 0, 200);
  harness.queue.seek(400);
  deliverStart(harness, 2, 1000);
  deliverAudio(harness, 2, 400, 300);
  harness.queue.seek(100);
  deliverStart(harness, 3, 1000);
  deliverAudio(harness, 3, 200, 250);
  assert.deepEqual([hello.pcm.end, creates(harness).map(({ start }) => start ?? 0)], [700, [0, 400, 200, 700]]);
});

test("a change of speed is heard at once, and in all parts of a long text", () => {
  const harness = terminal();
  const { queue } = harness;
  queue.add(queue.create("a b c d e", 1));
  deliverUtterance(harness, 1);
  deliverStart(harness, 2);
  advance(harness, 0.5);
  harness.speed = 2;
  queue.applySettings();
  assert.deepEqual([creates(harness).at(-1).text, creates(harness).at(-1).speed], ["a", 2]);
  assert.ok(harness.context.started.every(({ stopped }) => stopped < harness.context.currentTime + 0.05));
  harness.clock.pass(1000);
  assert.deepEqual(creates(harness).slice(-3).map(({ text, speed }) => [text, speed]), [["b", 2], ["c", 2], ["d", 2]]);
});

test("what was stopped continues where it stopped", () => {
  const harness = terminal();
  const all = say(harness, "One.", "Two.", "Three.");
  deliverUtterance(harness, 1);
  advance(harness, 0.5);
  harness.queue.stopAll();
  const { cursor } = all[0];
  harness.queue.continue();
  advance(harness, 0.1);
  assert.ok(cursor > 300);
  assert.ok(harness.queue.player.sounding().sample >= cursor);
  assert.deepEqual([harness.queue.items, creates(harness).slice(3).map(({ text }) => text)], [all, ["Two.", "Three."]]);
  harness.queue.stopAll();
  say(harness, "Another.");
  assert.deepEqual(harness.queue.stopped, []);
});

test("a replay uses the stored samples", () => {
  const harness = terminal();
  const [hello] = say(harness, "Hello.");
  deliverUtterance(harness, 1);
  advance(harness, 1.2);
  harness.queue.again(hello.document);
  advance(harness, 0.1);
  assert.deepEqual([hello.state, creates(harness).length], ["speaking", 1]);
  advance(harness, 1.1);
  assert.equal(hello.state, "done");
});

test("a replay comes next, also at the server, and cancels scheduled audio", () => {
  const harness = terminal();
  const [zero, one, two] = say(harness, "Zero.", "One.", "Two.");
  harness.queue.stop(zero.document);
  deliverUtterance(harness, 2);
  deliverStart(harness, 3);
  deliverAudio(harness, 3, 0, 100);
  harness.queue.again(zero.document);
  assert.deepEqual(harness.queue.items, [one, zero, two]);
  assert.deepEqual(cancels(harness), [1, 3]);
  assert.deepEqual(creates(harness).slice(3).map(({ text, start }) => [text, start ?? 0]), [["Zero.", 0], ["Two.", 100]]);
  deliverUtterance(harness, 4);
  deliverUtterance(harness, 5, 1000, 100);
  advance(harness, 1.3);
  assert.deepEqual([one.state, zero.state, two.state], ["done", "speaking", "queued"]);
});

test("a paused queue stays paused after a reconnect", () => {
  const harness = terminal();
  const [hello] = say(harness, "Hello.");
  deliverStart(harness, 1);
  harness.queue.pause();
  harness.queue.disconnected();
  harness.queue.connected(LIMITS);
  assert.equal(harness.sent.filter(({ type }) => type === "speech.pause").length, 2);
  assert.equal(hello.state, "paused");
  harness.queue.resume();
  assert.equal(hello.state, "processing");
});

test("a busy server gets a retry after its Retry-After", () => {
  const harness = terminal();
  const [one] = say(harness, "One.", "Two.");
  harness.queue.receive({ type: "error", id: 1, code: "busy", message: "Busy.", retry_after: 3 });
  assert.deepEqual([harness.held, creates(harness).length], [[3], 2]);
  harness.clock.pass(3000);
  assert.deepEqual(creates(harness).slice(2).map(({ text }) => text), ["One.", "Two."]);
  assert.equal(one.state, "processing");
});

test("a server that is always busy ends the retries", () => {
  const harness = terminal();
  const [hello] = say(harness, "Hello.");
  for (let id = 1; id < 20 && !hello.ended; id += 1) {
    harness.queue.receive({ type: "error", id, code: "busy", message: "Busy.", retry_after: 1 });
    harness.clock.pass(1000);
  }
  assert.deepEqual([hello.state, hello.error.code, creates(harness).length], ["error", "busy", 5]);
});

test("a rate-limited utterance is retried without bound until it is stopped", () => {
  const harness = terminal();
  const [hello] = say(harness, "Hello.");
  for (let id = 1; id < 12; id += 1) {
    harness.queue.receive({ type: "error", id, code: "limit_characters", message: "Too many.", retry_after: 30 });
    harness.clock.pass(30_000);
  }
  assert.deepEqual([hello.state, creates(harness).length], ["processing", 12]);
  harness.queue.receive({ type: "error", id: 12, code: "limit_characters", message: "Too many.", retry_after: 30 });
  harness.queue.stopAll();
  harness.clock.pass(30_000);
  assert.deepEqual([hello.state, creates(harness).length], ["stopped", 12]);
});

test("an unspeakable text does not block the next", () => {
  const harness = terminal();
  const [one, two] = say(harness, "?!", "Two.");
  harness.queue.receive({ type: "error", id: 1, code: "text_unspeakable", message: "Nothing in it has a sound." });
  deliverUtterance(harness, 2);
  advance(harness, 0.1);
  assert.deepEqual([one.state, one.error.message, two.state], ["error", "Nothing in it has a sound.", "speaking"]);
});

test("messages about unknown utterances are ignored", () => {
  const harness = terminal();
  const [hello] = say(harness, "Hello.");
  for (const type of ["speech.started", "speech.words", "speech.done", "speech.cancelled", "error"]) {
    for (const id of [undefined, null, "1", 0, 2, -1, {}]) harness.queue.receive({ type, id, samples: 3, code: "busy" });
  }
  assert.deepEqual([hello.state, hello.total, harness.held], ["processing", 0, []]);
});

test("a long text uses the current voice selection, a single line does not", () => {
  const harness = terminal();
  const { queue } = harness;
  queue.add(queue.create("a b c d e", 1));
  queue.add(queue.create("f"));
  harness.speed = 2;
  for (const id of [1, 2]) deliverUtterance(harness, id);
  assert.deepEqual(creates(harness).map(({ text, speed }) => [text, speed]).slice(3), [["d", 1], ["e", 2], ["f", 1]]);
});

test("an utterance without audio ends", () => {
  const harness = terminal();
  const [one, two] = say(harness, "One.", "Two.");
  deliverUtterance(harness, 1);
  deliverStart(harness, 2, 0);
  harness.queue.receive({ type: "speech.done", id: 2, samples: 0 });
  advance(harness, 1.2);
  assert.deepEqual([one.state, two.state], ["done", "done"]);
});

test("another sample rate waits for the previous utterance and gets its own context", () => {
  const harness = terminal();
  say(harness, "One.", "Two.");
  deliverUtterance(harness, 1);
  const before = harness.context;
  harness.queue.receive({ type: "speech.started", id: 2, sample_rate: 2000 });
  deliverAudio(harness, 2, 0, 100);
  assert.equal(harness.context, before);
  advance(harness, 1.2);
  assert.deepEqual([harness.context.sampleRate, before.state], [2000, "closed"]);
});

test("a jump to a later part is one request, and skips the parts between", () => {
  const harness = terminal();
  const { queue } = harness;
  const document = queue.create("a b c d e f g h", 1);
  queue.add(document);
  deliverStart(harness, 1);
  deliverAudio(harness, 1, 0, 200);
  advance(harness, 0.1);
  const before = creates(harness).length;
  queue.jump(document, document.parts[5].offset);
  assert.deepEqual(creates(harness).slice(before).map(({ text }) => text), ["f"]);
  assert.deepEqual([queue.items.length, document.parts[0].state], [3, "stopped"]);
  deliverUtterance(harness, before + 1);
  advance(harness, 0.1);
  assert.equal(document.state, "speaking");
});

test("a jump back uses the stored samples, and the parts behind it are spoken again", () => {
  const harness = terminal();
  const { queue } = harness;
  const document = queue.create("a b c", 1);
  queue.add(document);
  for (const id of [1, 2, 3]) deliverUtterance(harness, id);
  advance(harness, 1.3);
  assert.equal(queue.items[0], document.parts[1]);
  const before = creates(harness).length;
  queue.jumpToSeconds(document, 0.5);
  advance(harness, 0.1);
  assert.ok(queue.player.sounding().owner === document.parts[0] && queue.player.sounding().sample >= 500);
  advance(harness, 3);
  assert.deepEqual([document.state, creates(harness).length], ["done", before]);
});

test("a document that has ended is spoken from a character on, before what is queued", () => {
  const harness = terminal();
  const { queue } = harness;
  const [one, two] = say(harness, "One.", "Two.");
  deliverUtterance(harness, 1);
  advance(harness, 1.2);
  queue.pause();
  queue.jump(one.document, 0);
  assert.deepEqual([queue.items, queue.paused, one.ended], [[one, two], false, false]);
});

test("a document moves in the queue, also at the server", () => {
  const harness = terminal();
  const { queue } = harness;
  const [one, two, three] = say(harness, "One.", "Two.", "Three.");
  queue.move(three.document, 1);
  assert.deepEqual(queue.items, [one, three, two]);
  assert.deepEqual([cancels(harness), creates(harness).slice(3).map(({ text }) => text)], [[2], ["Two."]]);
  queue.move(three.document, 2);
  assert.deepEqual(queue.items, [one, two, three]);
  assert.deepEqual([cancels(harness), creates(harness).slice(4).map(({ text }) => text)], [[2, 3], ["Three."]]);
  queue.move(three.document, 1);
  queue.move(three.document, 0);
  queue.move(one.document, 2);
  assert.deepEqual(queue.items, [one, three, two], "the current document stays");
});

test("a text can be inserted behind the current one", () => {
  const harness = terminal();
  const { queue } = harness;
  const [one, two] = say(harness, "One.", "Two.");
  const next = queue.create("Next.");
  queue.add(next, 1);
  assert.deepEqual(queue.items, [one, ...next.parts, two]);
  assert.deepEqual(creates(harness).slice(2).map(({ text }) => text), ["Next.", "Two."]);
});

test("a book of 600 parts costs as many requests as a short text", () => {
  const harness = terminal();
  const { queue } = harness;
  queue.add(queue.create("a ".repeat(600), 1));
  deliverUtterance(harness, 1);
  advance(harness, 0.5);
  assert.deepEqual([queue.items.length, creates(harness).length], [600, 5]);
  queue.stop(queue.document);
  assert.deepEqual([queue.items.length, queue.latest.state], [0, "stopped"]);
});
