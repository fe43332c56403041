import assert from "node:assert/strict";
import { test } from "node:test";
import { costs, groupVoices, languageNames, matches, primary, sizeOf } from "../../../static/js/voices/voice-facts.js";

const JOE = { id: "joe", name: "Joe", language: "en-US" };
const ALAN = { id: "alan", name: "Alan", language: "en-GB" };
const KARL = { id: "karl", name: "Karl", language: "de-DE" };
const PACA = { id: "paca", name: "Paca", language: "es-ES" };

/** Returns titles and ids of the groups. */
function grouped(options) {
  const none = { favorites: [], defaults: {}, current: null, nameOf: languageNames(["en"]) };
  return groupVoices([JOE, ALAN, KARL, PACA], { ...none, ...options }).map(({ title, voices }) => [title, ...voices.map(({ id }) => id)]);
}

test("voices are grouped by language, in the user's language", () => {
  assert.deepEqual(grouped({}), [["English", "alan", "joe"], ["German", "karl"], ["Spanish", "paca"]]);
  assert.deepEqual(grouped({ nameOf: languageNames(["de"]) }).map(([title]) => title), ["Deutsch", "Englisch", "Spanisch"]);
});

test("the language in use comes first, then the default, then favorites", () => {
  assert.deepEqual(grouped({ current: "paca" })[0], ["Spanish", "paca"]);
  assert.deepEqual(grouped({ favorites: ["joe"] })[0], ["English", "joe", "alan"]);
  assert.deepEqual(grouped({ favorites: ["joe"], defaults: { en: "alan" } })[0], ["English", "alan", "joe"]);
});

test("unknown and invalid tags have a name, too", () => {
  const nameOf = languageNames(["en"]);
  assert.equal(nameOf("pt_BR"), "Brazilian Portuguese");
  assert.equal(nameOf("xyz"), "xyz");
  assert.equal(nameOf("xyz", "Xyzish"), "Xyzish");
  assert.equal(nameOf("no tag"), "no tag");
});

test("all words of a search occur, regardless of case and accents", () => {
  assert.ok(matches("espanol MEDIUM", ["es_ES-sharvard-medium", "Español"]));
  assert.ok(matches("", ["Joe"]));
  assert.ok(!matches("spanish high", ["es_ES-sharvard-medium", "Spanish"]));
});

test("a voice's known costs are listed", () => {
  assert.deepEqual(costs({ size_bytes: 63_201_294, times_real_time: 24.3, license: "CC0-1.0" }), ["63 MB", "24× real time on this server", "license: CC0-1.0"]);
  assert.deepEqual(costs({ size_bytes: null, times_real_time: null, license: "" }), ["speed not measured yet", "license: not stated"]);
  assert.equal(costs({ times_real_time: 3.21 })[0], "3.2× real time on this server");
  assert.equal(sizeOf(900), "less than 1 MB");
  assert.equal(primary("es_MX"), "es");
});
