import assert from "node:assert/strict";
import { test } from "node:test";
import { complete, Completions } from "../../../static/js/commands/slash-commands.js";

/** Presses Tab that many times, and returns what the prompt shows each time; null: Tab leaves the field. */
function tab(line, times) {
  const completions = new Completions();
  const seen = [];
  for (let press = 0; press < times; press += 1) {
    const next = completions.next(line, (typed) => complete(typed).map((found) => found.line));
    seen.push(next);
    line = next ?? line;
  }
  return seen;
}

test("Tab completes as far as the commands agree", () => {
  assert.deepEqual(tab("/he", 2), ["/help", null]);
});

test("Tab goes through the commands that begin so, and then leaves the field", () => {
  assert.deepEqual(tab("/s", 4), ["/speed ", "/stop", "/save ", null]);
});

test("Tab leaves a text and a command that is unknown", () => {
  assert.deepEqual([tab("Hello", 1), tab("/nothing", 1), tab("", 1)], [[null], [null], [null]]);
});
