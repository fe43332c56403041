import assert from "node:assert/strict";
import { test } from "node:test";
import { Connection } from "../../static/js/connection.js";
import { newCorrelationId, withReference } from "../../static/js/correlation.js";
import { CORRELATED, TO_SERVER } from "../../static/js/protocol.js";
import { FakeSocket } from "./support.js";

test("an id has sixteen hexadecimal digits and is random", () => {
  assert.match(newCorrelationId(), /^[0-9a-f]{16}$/);
  assert.notEqual(newCorrelationId(), newCorrelationId());
  assert.equal(newCorrelationId(new Uint8Array([0, 1, 2, 3, 4, 5, 6, 255])), "00010203040506ff");
});

test("an error shows the beginning of its id", () => {
  assert.equal(withReference({ message: "It failed.", correlation_id: "7f3a0c12deadbeef" }), "It failed. (reference 7f3a0c12)");
  assert.equal(withReference({ message: "It failed." }), "It failed.");
});

test("each message that begins work has an id of its own, and no other message has one", () => {
  const socket = new FakeSocket();
  let made = 0;
  const connection = new Connection("ws://here/", { onState() {}, onMessage() {}, onAudio() {} }, {
    socket: () => socket,
    newCorrelationId: () => `id-${(made += 1)}`,
  });
  connection.open();
  socket.deliver("session.created", { protocol: 1 });
  for (const type of TO_SERVER) connection.send(type, {});
  connection.sleep();
  const ids = new Map(socket.sent.map(({ type, correlation_id: id }) => [type, id]));
  for (const type of TO_SERVER) assert.equal(Boolean(ids.get(type)), CORRELATED.includes(type), type);
  assert.equal(made, CORRELATED.length);
});
