import assert from "node:assert/strict";
import { test } from "node:test";
import { splitText } from "../../../static/js/speech/split-text.js";

const CASES = [
  ["nothing", "", 10, []],
  ["only blanks", " \n\t ", 10, []],
  ["a short text, as it is", "Hello,\nworld.", 20, ["Hello,\nworld."]],
  ["paragraphs first", "One two. Three.\n\nFour five. Six.", 20, ["One two. Three.", "Four five. Six."]],
  ["then sentences", "One two. Three four five.", 20, ["One two.", "Three four five."]],
  ["a sentence that ends exactly at the limit", "Abcd efg. Hij.", 9, ["Abcd efg.", "Hij."]],
  ["a closing quote stays with its sentence", '"One two." Three four.', 14, ['"One two."', "Three four."]],
  ["then clauses", "one two, three four five", 16, ["one two,", "three four five"]],
  ["then words", "one two three four", 9, ["one two", "three", "four"]],
  ["then anywhere", "abcdefghij", 4, ["abcd", "efgh", "ij"]],
  ["Windows line ends", "One.\r\n\r\nTwo three.", 12, ["One.", "Two three."]],
  ["a number's point is no sentence's end", "pi is 3.14159 or so", 12, ["pi is", "3.14159 or", "so"]],
  ["Japanese", "これは文です。次の文です。", 8, ["これは文です。", "次の文です。"]],
];

for (const [what, text, limit, pieces] of CASES) {
  test(what, () => assert.deepEqual(splitText(text, limit), pieces));
}

test("a surrogate pair is never split", () => {
  for (const piece of splitText("😀".repeat(50), 7)) assert.doesNotMatch(piece, /^[\udc00-\udfff]|[\ud800-\udbff]$/);
});

test("combining marks stay with their letter", () => {
  const pieces = splitText("e\u0301".repeat(20), 5);
  assert.ok(pieces.every((piece) => piece.startsWith("e") && piece.length <= 5));
});

test("very long runs of combining marks are split", () => {
  assert.equal(splitText(`e${"\u0301".repeat(500)}`, 100).join("").length, 501);
});

test("splitting loses only white space and respects the limit", () => {
  let seed = 7;
  const random = (below) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % below;
  };
  const letters = ["a", "b", "é", "😀", " ", " ", ". ", ", ", "\n", "\n\n", "\r\n", "。", "\u0301", "-"];
  for (let round = 0; round < 300; round += 1) {
    const text = Array.from({ length: random(200) }, () => letters[random(letters.length)]).join("");
    const limit = 2 + random(40);
    const pieces = splitText(text, limit);
    assert.equal(pieces.join("").replace(/\s/g, ""), text.replace(/\s/g, ""));
    assert.ok(pieces.every((piece) => piece.length <= limit && piece.trim() === piece && piece));
  }
});

test("100,000 characters are split in linear time", () => {
  const pieces = splitText("The quick brown fox jumps over the lazy dog, and rests. ".repeat(1786), 1000);
  assert.ok(pieces.length >= 100 && pieces.length <= 110, `${pieces.length} pieces`);
});
