import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeAudio, decodeControl, encode, FROM_SERVER, pcm16ToFloat32, TO_SERVER } from "../../static/js/protocol.js";
import { audioFrame } from "./support.js";

test("an audio frame is decoded to its id, position and samples", () => {
  const frame = decodeAudio(audioFrame({ id: 4294967295, sequence: 3, index: 70000, samples: [0, -32768, 32767] }));
  assert.deepEqual({ ...frame, samples: [...frame.samples] },
    { id: 4294967295, sequence: 3, index: 70000, samples: [0, -32768, 32767] });
});

for (const [what, buffer] of Object.entries({
  "an empty frame": new ArrayBuffer(0),
  "half a header": new ArrayBuffer(15),
  "half a sample": audioFrame({ samples: [1] }).slice(0, 17),
  "another version": audioFrame({ version: 2 }),
  "another kind": audioFrame({ kind: 9 }),
  "no buffer": "text",
})) {
  test(`${what} is rejected as an audio frame`, () => assert.equal(decodeAudio(buffer), null));
}

test("a header without samples is valid", () => {
  assert.equal(decodeAudio(audioFrame({ samples: [] })).samples.length, 0);
});

test("truncated frames never throw", () => {
  const whole = audioFrame({ samples: [1, 2, 3, 4] });
  for (let length = 0; length <= whole.byteLength; length += 1) {
    const frame = decodeAudio(whole.slice(0, length));
    if (frame) assert.equal(frame.samples.length, (length - 16) / 2);
  }
});

for (const text of ["", "{", "null", "3", '"speech.done"', "[]", '{"type":"speech.nonsense"}', '{"type":["error"]}']) {
  test(`${JSON.stringify(text)} is rejected as a message`, () => assert.equal(decodeControl(text), null));
}

test("every server message is decoded", () => {
  for (const type of FROM_SERVER) assert.equal(decodeControl(JSON.stringify({ type })).type, type);
});

test("missing fields are omitted, and zero is not", () => {
  assert.deepEqual(JSON.parse(encode("speech.create", { id: 1, text: "a", speaker: null, start: undefined, speed: 0 })),
    { type: "speech.create", id: 1, text: "a", speed: 0 });
});

test("an unknown message type is rejected", () => {
  assert.throws(() => encode("speech.shout"), RangeError);
  assert.ok(TO_SERVER.every((type) => encode(type)));
});

test("samples are converted to floats from -1 to 1", () => {
  const channel = new Float32Array(3);
  pcm16ToFloat32(new Int16Array([-32768, 0, 32767]), channel);
  assert.deepEqual([...channel], [-1, 0, Math.fround(32767 / 32768)]);
});
