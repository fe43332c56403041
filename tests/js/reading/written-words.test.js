import assert from "node:assert/strict";
import { test } from "node:test";
import { differs, phraseOf, sentencesOf } from "../../../static/js/reading/written-words.js";

test("words have their written form, by code points, in sentences", () => {
  const words = [
    { start: 0, end: 1, spoken: "rocket", segment_end: false }, { start: 2, end: 6, spoken: "Acme", segment_end: true },
    { start: 7, end: 12, spoken: "three dollars and fifty cents", segment_end: false },
  ];
  const written = sentencesOf("🚀 Acme $3.50", words).map((sentence) => sentence.map((word) => word.written));
  assert.deepEqual(written, [["🚀", "Acme"], ["$3.50"]]);
  assert.deepEqual(sentencesOf("Hello", []), []);
});

test("a word that is read as it is written has no second form", () => {
  assert.ok(!differs({ written: "“Hello,", spoken: "hello" }));
  assert.ok(!differs({ written: "don’t", spoken: "don't" }));
  assert.ok(differs({ written: "Dr.", spoken: "doctor" }));
});

test("a correction is for the word without the punctuation around it", () => {
  assert.equal(phraseOf("“Acme”,"), "Acme");
  assert.equal(phraseOf("A.C.M.E."), "A.C.M.E");
  assert.equal(phraseOf("→"), "→");
});
