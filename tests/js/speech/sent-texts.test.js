import assert from "node:assert/strict";
import { test } from "node:test";
import { SentTexts } from "../../../static/js/speech/sent-texts.js";
import { SpeechDocument } from "../../../static/js/speech/speech-document.js";

/** Returns the texts of a tab, with what it sends, speaks and stops. */
function texts() {
  const harness = { sent: [], spoken: [], online: true, focused: false, now: 0 };
  harness.texts = new SentTexts({
    send: (type, fields = {}) => {
      if (harness.online) harness.sent.push({ type, ...fields });
      return harness.online;
    },
    speak: ({ text }, sender) => {
      const document = new SpeechDocument(harness.spoken.length + 1, text, null);
      harness.spoken.push({ sender, document });
      return document;
    },
    stop: (document) => harness.end(document, "stopped"),
    focused: () => harness.focused,
    now: () => harness.now,
  });
  harness.end = (document, state) => {
    document.current.move(state);
    harness.texts.changed(document);
  };
  harness.arrives = (id, fields = {}) => harness.texts.receive(
    { type: "say.created", id, sender: "cron", title: null, text: "Hello.", voice: null, speed: null, ...fields });
  harness.texts.connected("alice");
  return harness;
}

test("a tab of an account asks for texts, a visitor's does not", () => {
  const { texts: visitors, sent } = texts();
  assert.deepEqual(sent.splice(0), [{ type: "say.subscribe", held: [] }]);
  visitors.connected(null);
  assert.deepEqual(sent, []);
});

test("a text is spoken in the name of its sender, and reported when it was spoken", () => {
  const harness = texts();
  harness.arrives("a");
  harness.arrives("b", { title: "make" });
  assert.deepEqual(harness.spoken.map(({ sender }) => sender), ["cron", "cron, make"]);
  harness.sent.length = 0;
  const [{ document: first }, { document: second }] = harness.spoken;
  harness.end(first, "done");
  harness.end(second, "error");
  harness.end(new SpeechDocument(9, "typed by the user", null), "done");
  assert.deepEqual(harness.sent, [{ type: "say.done", id: "a" }, { type: "say.done", id: "b" }]);
});

test("a text that the user stops is reported, and one that a program stops is stopped", () => {
  const harness = texts();
  harness.arrives("a");
  harness.arrives("b");
  harness.sent.length = 0;
  harness.end(harness.spoken[0].document, "stopped");
  harness.texts.receive({ type: "say.cancelled", id: "b" });
  harness.texts.receive({ type: "say.cancelled", id: "unknown" });
  assert.equal(harness.spoken[1].document.state, "stopped");
  assert.deepEqual(harness.sent, [{ type: "say.stop", id: "a" }]);
});

test("after a reconnect, the tab keeps its texts and reports those that ended meanwhile", () => {
  const harness = texts();
  harness.arrives("a");
  harness.arrives("b");
  harness.online = false;
  harness.end(harness.spoken[0].document, "done");
  // The server does not know yet that the text was spoken.
  harness.arrives("a");
  assert.equal(harness.spoken.length, 2);
  harness.online = true;
  harness.sent.length = 0;
  harness.texts.connected("alice");
  assert.deepEqual(harness.sent, [{ type: "say.done", id: "a" }, { type: "say.subscribe", held: ["b"] }]);
});

test("the use of a tab is reported every ten seconds at most, and again after a reconnect", () => {
  const harness = texts();
  harness.sent.length = 0;
  for (const now of [0, 1000, 9999, 10_000]) {
    harness.now = now;
    harness.texts.used();
  }
  assert.equal(harness.sent.length, 2);
  harness.focused = true;
  harness.texts.connected("alice");
  assert.equal(harness.sent.at(-1).type, "say.used");
});
