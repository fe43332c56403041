import assert from "node:assert/strict";
import { test } from "node:test";
import { PromptHistory } from "../../../static/js/ui/prompt-history.js";

function remembering(...lines) {
  const history = new PromptHistory(3);
  for (const line of lines) history.add(line);
  return history;
}

test("older lines come newest first, and then no more", () => {
  const history = remembering("one", "two");
  assert.deepEqual(["", "two", "one"].map((present) => history.older(present)), ["two", "one", null]);
});

test("below the newest line waits the draft", () => {
  const history = remembering("one", "two");
  history.older("draft");
  history.older("two");
  assert.deepEqual([history.newer(), history.newer(), history.newer()], ["two", "draft", null]);
});

test("a line entered twice in a row is kept once", () => {
  const history = remembering("one", "one");
  history.older("");
  assert.equal(history.older("one"), null);
});

test("the oldest are forgotten", () => {
  const history = remembering("one", "two", "three", "four");
  assert.deepEqual(["", "", "", ""].map((present) => history.older(present)), ["four", "three", "two", null]);
});

test("without lines there is nothing older or newer", () => {
  const history = new PromptHistory();
  assert.deepEqual([history.older("draft"), history.newer()], [null, null]);
});
