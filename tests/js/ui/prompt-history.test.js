import assert from "node:assert/strict";
import { test } from "node:test";
import { PromptHistory } from "../../../static/js/ui/prompt-history.js";

function remembering(...lines) {
  const history = new PromptHistory(3);
  for (const line of lines) history.add(line);
  return history;
}

test("older lines are recalled newest first", () => {
  const history = remembering("one", "two");
  assert.deepEqual(["", "two", "one"].map((present) => history.older(present)), ["two", "one", null]);
});

test("the draft follows the newest line", () => {
  const history = remembering("one", "two");
  history.older("draft");
  history.older("two");
  assert.deepEqual([history.newer(), history.newer(), history.newer()], ["two", "draft", null]);
});

test("a repeated line is stored once", () => {
  const history = remembering("one", "one");
  history.older("");
  assert.equal(history.older("one"), null);
});

test("the oldest lines are dropped", () => {
  const history = remembering("one", "two", "three", "four");
  assert.deepEqual(["", "", "", ""].map((present) => history.older(present)), ["four", "three", "two", null]);
});

test("an empty history has no older or newer line", () => {
  const history = new PromptHistory();
  assert.deepEqual([history.older("draft"), history.newer()], [null, null]);
});
