import assert from "node:assert/strict";
import { test } from "node:test";
import { TextStructure } from "../../../static/js/speech/text-structure.js";

const TEXT = "Dr. Smith came. He said \"no.\"\n\nThen he left!\nand\n\nThe end.";
const sentenceOf = (structure, offset) => structure.text.slice(...structure.sentenceAt(offset));

test("sentences end at full stops, not after abbreviations or within wrapped lines", () => {
  const structure = new TextStructure(TEXT);
  const starts = [0, 20, 36, TEXT.length - 2];
  assert.deepEqual(starts.map((offset) => sentenceOf(structure, offset)), ["Dr. Smith came.", "He said \"no.\"", "Then he left!", "The end."]);
});

test("the next and previous sentence and paragraph cross paragraphs, and end at the ends", () => {
  const structure = new TextStructure(TEXT);
  const at = (offset) => (offset === null ? null : TEXT.slice(offset, offset + 4));
  assert.equal(at(structure.neighbor(0, 1, "sentence")), "He s");
  assert.equal(at(structure.neighbor(18, 1, "sentence")), "Then");
  assert.equal(at(structure.neighbor(32, -1, "sentence")), "He s");
  assert.equal(at(structure.neighbor(0, 1, "paragraph")), "Then");
  assert.deepEqual([structure.neighbor(0, -1, "sentence"), structure.neighbor(TEXT.length - 1, 1, "paragraph")], [null, null]);
});

test("every character of a book is in one paragraph, of a bounded size", () => {
  const text = `${"A line without an end, ".repeat(2000)}\n\nShort.`;
  const structure = new TextStructure(text);
  assert.ok(structure.paragraphs.every(([start, end]) => end - start <= 2000));
  assert.equal(structure.paragraphs.map(([start, end]) => text.slice(start, end)).join("").replace(/\s/g, ""), text.replace(/\s/g, ""));
  for (const offset of [0, 4321, text.length - 1]) {
    const [start, end] = structure.paragraphs[structure.paragraphAt(offset)];
    assert.ok(offset < end && start <= offset + 1);
  }
});
