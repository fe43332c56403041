import assert from "node:assert/strict";
import { test } from "node:test";
import { say } from "../../../static/js/ui/dom.js";

test("a text that is said again is a change of the live region", () => {
  const region = { textContent: "" };
  const texts = ["Copied.", "Copied.", "Copied.", "Stopped.", ""].map((text) => {
    say(region, text);
    return region.textContent;
  });
  assert.deepEqual(texts, ["Copied.", "Copied.\u00a0", "Copied.", "Stopped.", ""]);
});
