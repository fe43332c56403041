import assert from "node:assert/strict";
import { test } from "node:test";
import { MediaControls } from "../../../static/js/audio/media-controls.js";

/** Returns media controls with a queue that the test sets, and a browser that records what the controls report. */
function media({ browser = {} } = {}) {
  const harness = { handlers: {}, actions: [], locks: [], positions: [], page: null };
  const document = { text: "Hello, world." };
  harness.queue = {
    items: [document], paused: false, latest: document, jumpToSeconds: (_document, seconds) => harness.actions.push(["seek", seconds]),
  };
  const audio = { paused: true, play: () => { audio.paused = false; }, pause: () => { audio.paused = true; } };
  harness.audio = audio;
  harness.page = { hidden: false, addEventListener: (_type, listener) => { harness.shown = listener; }, createElement: () => audio };
  const actions = Object.fromEntries(["pause", "stop", "skip"].map((name) => [name, (...words) => harness.actions.push([name, ...words])]));
  harness.browser = {
    audioSession: { type: "auto" },
    mediaSession: {
      setActionHandler: (name, handler) => { harness.handlers[name] = handler; },
      setPositionState: (state) => harness.positions.push(state),
    },
    wakeLock: {
      request: async () => {
        const lock = { released: false, release: async () => { lock.released = true; } };
        harness.locks.push(lock);
        return lock;
      },
    },
    ...browser,
  };
  harness.controls = new MediaControls({ queue: harness.queue, actions, silence: "/silence.wav", browser: harness.browser, page: harness.page });
  return harness;
}

test("the system's keys pause, play, stop, skip and seek", () => {
  const { handlers, actions, queue } = media();
  handlers.play();
  handlers.pause();
  queue.paused = true;
  handlers.pause();
  handlers.play();
  handlers.stop();
  handlers.previoustrack();
  handlers.nexttrack();
  handlers.seekto({ seekTime: 7 });
  assert.deepEqual(actions, [["pause"], ["pause"], ["stop"], ["skip", -1, "sentence"], ["skip", 1, "sentence"], ["seek", 7]]);
});

test("the controls report the state to the system, and the position once a second", () => {
  const { controls, browser, queue, positions, audio } = media();
  controls.update();
  assert.deepEqual([browser.mediaSession.playbackState, browser.audioSession.type, audio.paused], ["playing", "playback", false]);
  for (const now of [0, 0.5, 1.1]) controls.paint(now, 1, now);
  assert.deepEqual(positions.map(({ position, duration }) => [position, duration]), [[0, 1], [1, 1]]);
  queue.paused = true;
  controls.update();
  assert.deepEqual([browser.mediaSession.playbackState, audio.paused], ["paused", true]);
});

test("the screen stays on only while speech is played in a visible page, and only if wanted", async () => {
  const harness = media();
  const { controls, locks, queue, page } = harness;
  const settle = () => new Promise(setImmediate);
  controls.update();
  controls.update();
  await settle();
  assert.deepEqual(locks.map(({ released }) => released), [false]);
  queue.paused = true;
  controls.update();
  assert.deepEqual(locks.map(({ released }) => released), [true]);
  queue.paused = false;
  page.hidden = true;
  harness.shown();
  await settle();
  assert.equal(locks.length, 1);
  page.hidden = false;
  harness.shown();
  await settle();
  assert.equal(locks.length, 2);
  controls.keepsAwake = false;
  controls.update();
  await settle();
  assert.ok(locks.every(({ released }) => released));
});

test("a lock that arrives after the end is released", async () => {
  const { controls, locks, queue } = media();
  controls.update();
  queue.items.length = 0;
  controls.update();
  await new Promise(setImmediate);
  assert.deepEqual(locks.map(({ released }) => released), [true]);
});

test("a browser without media keys, wake lock or audio session speaks without them", async () => {
  const nothing = { audioSession: undefined, mediaSession: undefined, wakeLock: undefined };
  const { controls } = media({ browser: nothing });
  controls.update();
  controls.paint(1, 2, 3);
  const refusing = media({ browser: {
    wakeLock: { request: () => Promise.reject(new Error("NotAllowedError")) },
    mediaSession: { setActionHandler: () => { throw new TypeError("seekto"); } },
  } });
  refusing.controls.update();
  await new Promise(setImmediate);
});
