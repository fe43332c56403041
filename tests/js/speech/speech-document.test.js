import assert from "node:assert/strict";
import { test } from "node:test";
import { SpeechDocument } from "../../../static/js/speech/speech-document.js";

const SETTINGS = { voice: "joe", speaker: null, speed: 1 };
const RATE = 1000;
const TEXT = "One two. Three four.\n\nFive six. Seven eight.";

function parted() {
  return new SpeechDocument(1, TEXT, SETTINGS, 22);
}

function known(part, total = 2000, words = []) {
  part.applyMessage({ type: "speech.started", sample_rate: RATE });
  part.applyMessage({ type: "speech.words", words, total, exact: true });
}

test("the parts of a document are its text, in order", () => {
  const { parts, text } = parted();
  assert.deepEqual(parts.map((part) => part.text), ["One two. Three four.", "Five six. Seven eight."]);
  assert.ok(parts.every((part) => text.startsWith(part.text, part.offset)));
});

test("the time left is estimated from the parts that are known", () => {
  const document = parted();
  assert.equal(document.exact, false);
  const guess = document.seconds;
  known(document.parts[0], 4000);
  assert.ok(guess > 2 && guess < 4);
  assert.equal(document.seconds, 4 + (4 * document.parts[1].text.length) / document.parts[0].text.length);
  known(document.parts[1]);
  assert.equal(document.secondsAt(document.parts[1], 500), 4.5);
});

test("a position in seconds is a sample of a known part, and a character of another", () => {
  const document = parted();
  known(document.parts[0], 2000);
  assert.deepEqual([document.at(1.5).part, document.at(1.5).sample], [document.parts[0], 1500]);
  const later = document.at(3);
  assert.deepEqual([later.part, later.sample], [document.parts[1], null]);
  assert.ok(later.offset > document.parts[1].offset);
});

test("a character is located by its timing", () => {
  const document = parted();
  known(document.parts[0], 2000, [[0, 3, 0, 400], [4, 7, 400, 900], [9, 14, 900, 1500], [15, 19, 1500, 2000]]);
  assert.deepEqual(document.locate(9), { part: document.parts[0], sample: 900 });
  assert.equal(document.parts.length, 2);
});

test("a part without timing is split, so that the character begins a part", () => {
  const document = parted();
  const offset = document.text.indexOf("Seven");
  const { part, sample } = document.locate(offset);
  assert.deepEqual([part.text, part.offset, sample], ["Seven eight.", offset, 0]);
  assert.deepEqual(document.parts.map(({ text }) => text.trim()), ["One two. Three four.", "Five six.", "Seven eight."]);
});

test("the state of a document is that of the part that is spoken, then of the last one", () => {
  const document = parted();
  const states = [document.state];
  for (const [place, state] of [[0, "speaking"], [0, "done"], [1, "speaking"], [1, "done"]]) {
    document.parts[place].move(state);
    states.push(document.state);
  }
  assert.deepEqual(states, ["queued", "speaking", "queued", "speaking", "done"]);
});
