import assert from "node:assert/strict";
import { test } from "node:test";
import { Backoff } from "../../static/js/backoff.js";
import { Connection } from "../../static/js/connection.js";
import { audioFrame, Clock, FakeSocket } from "./support.js";

function connecting() {
  const clock = new Clock();
  const here = { clock, sockets: [], states: [], messages: [], frames: [] };
  here.connection = new Connection("ws://here/", {
    onState: (state) => here.states.push(state),
    onMessage: (message) => here.messages.push(message),
    onAudio: (frame) => here.frames.push(frame),
  }, {
    socket: () => here.sockets[here.sockets.push(new FakeSocket()) - 1],
    setTimeout: clock.setTimeout,
    clearTimeout: clock.clearTimeout,
    now: () => clock.now,
    backoff: new Backoff({ firstMs: 1000, maxMs: 8000, random: () => 1 }),
  });
  here.connection.open();
  return here;
}

function connected() {
  const here = connecting();
  here.sockets[0].says("session.created", { protocol: 1 });
  return here;
}

test("it is connected once the snapshot is here, not when the socket opens", () => {
  const here = connecting();
  here.sockets[0].readyState = 1;
  assert.equal(here.connection.send("session.ping"), false);
  here.sockets[0].says("session.created", { protocol: 1 });
  assert.equal(here.connection.send("session.ping"), true);
  assert.deepEqual(here.states, ["connecting", "connected"]);
});

test("what is no frame of the protocol is dropped, and the rest goes on", () => {
  const here = connected();
  for (const data of ["", "{", "[]", '{"type":"nonsense"}', new ArrayBuffer(3), new ArrayBuffer(20)]) here.sockets[0].raw(data);
  here.sockets[0].raw(audioFrame({ samples: [1] }));
  here.sockets[0].says("speech.done", { id: 1 });
  assert.deepEqual([here.messages.length, here.frames.length], [2, 1]);
});

test("delays grow for a tab that is told that there is no place for it", () => {
  const here = connecting();
  const delays = [];
  for (let i = 0; i < 3; i += 1) {
    here.sockets.at(-1).says("error", { code: "limit_sockets", message: "You have 4 tabs open already." });
    here.sockets.at(-1).hangsUp();
    delays.push(here.connection.retryAt - here.clock.now);
    here.clock.pass(delays.at(-1));
  }
  assert.deepEqual(delays, [1000, 2000, 4000]);
  assert.equal(here.messages.length, 3);
});

test("delays grow until the snapshot comes, whatever opens meanwhile", () => {
  const here = connecting();
  const delays = [];
  for (let i = 0; i < 4; i += 1) {
    here.sockets.at(-1).readyState = 1;
    here.sockets.at(-1).hangsUp();
    delays.push(here.connection.retryAt - here.clock.now);
    here.clock.pass(delays.at(-1));
  }
  here.sockets.at(-1).says("session.created", { protocol: 1 });
  here.sockets.at(-1).hangsUp();
  delays.push(here.connection.retryAt - here.clock.now);
  assert.deepEqual(delays, [1000, 2000, 4000, 8000, 1000]);
});

test("a server that says nothing is asked, and left when it does not answer", () => {
  const here = connected();
  here.clock.pass(15_000);
  assert.deepEqual(here.sockets[0].sent, [{ type: "session.ping" }]);
  here.clock.pass(8_000);
  assert.equal(here.connection.state, "waiting");
});

test("a server that answers is kept", () => {
  const here = connected();
  for (let i = 0; i < 20; i += 1) {
    here.clock.pass(15_000);
    here.sockets[0].says("session.pong");
  }
  assert.equal(here.sockets.length, 1);
});

test("a socket that never gets through is given up", () => {
  const here = connecting();
  here.clock.pass(10_000);
  assert.equal(here.connection.state, "waiting");
});

test("a socket that was left is not listened to any more", () => {
  const here = connected();
  const [left] = here.sockets;
  here.clock.pass(23_000);
  left.says("speech.done", { id: 7 });
  left.hangsUp();
  assert.deepEqual([here.messages.length, here.connection.state], [1, "waiting"]);
});

test("waking tries at once where a try was planned, and only asks where it is connected", () => {
  const here = connected();
  here.connection.wake();
  assert.equal(here.sockets.length, 1);
  here.sockets[0].hangsUp();
  here.connection.wake();
  here.clock.pass(1_000);
  assert.deepEqual([here.sockets.length, here.connection.state], [2, "connecting"]);
});

test("asleep it keeps no socket and plans no try", () => {
  const here = connected();
  here.connection.sleep();
  here.clock.pass(600_000);
  assert.deepEqual([here.sockets.length, here.sockets[0].readyState, here.clock.due], [1, 3, []]);
});

test("a refused origin is told apart", () => {
  const here = connecting();
  here.sockets[0].hangsUp(4403);
  assert.equal(here.connection.refused, true);
});
