import assert from "node:assert/strict";
import { test } from "node:test";
import { Backoff } from "../../static/js/backoff.js";
import { Connection } from "../../static/js/connection.js";
import { audioFrame, Clock, FakeSocket } from "./support.js";

function connecting() {
  const clock = new Clock();
  const harness = { clock, sockets: [], states: [], messages: [], frames: [] };
  harness.connection = new Connection("ws://here/", {
    onState: (state) => harness.states.push(state),
    onMessage: (message) => harness.messages.push(message),
    onAudio: (frame) => harness.frames.push(frame),
  }, {
    socket: () => harness.sockets[harness.sockets.push(new FakeSocket()) - 1],
    setTimeout: clock.setTimeout,
    clearTimeout: clock.clearTimeout,
    now: () => clock.now,
    backoff: new Backoff({ firstMs: 1000, maxMs: 8000, random: () => 1 }),
  });
  harness.connection.open();
  return harness;
}

function connected() {
  const harness = connecting();
  harness.sockets[0].deliver("session.created", { protocol: 1 });
  return harness;
}

test("the state is connected after the snapshot, not when the socket opens", () => {
  const harness = connecting();
  harness.sockets[0].readyState = 1;
  assert.equal(harness.connection.send("session.ping"), false);
  harness.sockets[0].deliver("session.created", { protocol: 1 });
  assert.equal(harness.connection.send("session.ping"), true);
  assert.deepEqual(harness.states, ["connecting", "connected"]);
});

test("invalid frames are dropped and the connection continues", () => {
  const harness = connected();
  for (const data of ["", "{", "[]", '{"type":"nonsense"}', new ArrayBuffer(3), new ArrayBuffer(20)]) harness.sockets[0].raw(data);
  harness.sockets[0].raw(audioFrame({ samples: [1] }));
  harness.sockets[0].deliver("speech.done", { id: 1 });
  assert.deepEqual([harness.messages.length, harness.frames.length], [2, 1]);
});

test("delays grow while the server rejects the tab", () => {
  const harness = connecting();
  const delays = [];
  for (let i = 0; i < 3; i += 1) {
    harness.sockets.at(-1).deliver("error", { code: "limit_sockets", message: "You have 4 tabs open already." });
    harness.sockets.at(-1).disconnect();
    delays.push(harness.connection.retryAt - harness.clock.now);
    harness.clock.pass(delays.at(-1));
  }
  assert.deepEqual(delays, [1000, 2000, 4000]);
  assert.equal(harness.messages.length, 3);
});

test("delays grow until a snapshot arrives, even if sockets open", () => {
  const harness = connecting();
  const delays = [];
  for (let i = 0; i < 4; i += 1) {
    harness.sockets.at(-1).readyState = 1;
    harness.sockets.at(-1).disconnect();
    delays.push(harness.connection.retryAt - harness.clock.now);
    harness.clock.pass(delays.at(-1));
  }
  harness.sockets.at(-1).deliver("session.created", { protocol: 1 });
  harness.sockets.at(-1).disconnect();
  delays.push(harness.connection.retryAt - harness.clock.now);
  assert.deepEqual(delays, [1000, 2000, 4000, 8000, 1000]);
});

test("a silent server is pinged, and disconnected without a pong", () => {
  const harness = connected();
  harness.clock.pass(15_000);
  assert.deepEqual(harness.sockets[0].sent, [{ type: "session.ping" }]);
  harness.clock.pass(8_000);
  assert.equal(harness.connection.state, "waiting");
});

test("a server that responds stays connected", () => {
  const harness = connected();
  for (let i = 0; i < 20; i += 1) {
    harness.clock.pass(15_000);
    harness.sockets[0].deliver("session.pong");
  }
  assert.equal(harness.sockets.length, 1);
});

test("a socket that never opens times out", () => {
  const harness = connecting();
  harness.clock.pass(10_000);
  assert.equal(harness.connection.state, "waiting");
});

test("messages of an abandoned socket are ignored", () => {
  const harness = connected();
  const [left] = harness.sockets;
  harness.clock.pass(23_000);
  left.deliver("speech.done", { id: 7 });
  left.disconnect();
  assert.deepEqual([harness.messages.length, harness.connection.state], [1, "waiting"]);
});

test("waking retries immediately if waiting, and pings if connected", () => {
  const harness = connected();
  harness.connection.wake();
  assert.equal(harness.sockets.length, 1);
  harness.sockets[0].disconnect();
  harness.connection.wake();
  harness.clock.pass(1_000);
  assert.deepEqual([harness.sockets.length, harness.connection.state], [2, "connecting"]);
});

test("a sleeping connection has no socket and no retry", () => {
  const harness = connected();
  harness.connection.sleep();
  harness.clock.pass(600_000);
  assert.deepEqual([harness.sockets.length, harness.sockets[0].readyState, harness.clock.due], [1, 3, []]);
});

test("a rejected origin is distinguished", () => {
  const harness = connecting();
  harness.sockets[0].disconnect(4403);
  assert.equal(harness.connection.refused, true);
});
