import assert from "node:assert/strict";
import { test } from "node:test";
import { Actions } from "../../../static/js/commands/actions.js";
import { Player } from "../../../static/js/audio/player.js";
import { Queue } from "../../../static/js/speech/queue.js";
import { TextStructure } from "../../../static/js/speech/text-structure.js";
import { FakeContext } from "../support.js";

const SETTINGS = { voice: "joe", speaker: null, speed: 1 };

/** Returns the actions of a page with a real queue; records what is announced to screen readers. */
function actions() {
  const said = [];
  const entries = [];
  const queue = new Queue({
    send: () => true,
    settings: () => SETTINGS,
    createPlayer: (items, handlers) => new Player(items, handlers, (rate) => new FakeContext(rate)),
    handlers: { onChange: () => {}, onBlocked: () => {}, onHold: () => {} },
  });
  return {
    said,
    queue,
    actions: new Actions({
      queue,
      log: { add: (document) => entries.push(document), clear: () => entries.splice(0), documents: entries },
      status: { announce: (text) => said.push(text), hint: (text, kind) => kind && said.push(text) },
      voiceControls: {
        settings: SETTINGS, rate: 0, voiceNames: ["joe"], describe: () => "Joe, at 1.5×",
        chooseVoice: (name) => name === "joe", chooseSpeed: (speed) => speed === "1.5",
      },
      themes: {},
      limit: () => 20,
      edit: () => {},
      openFile: () => said.push("A file is chosen."),
      openUrl: (url) => said.push(`${url} is opened.`),
    }),
  };
}

for (const [line, spoken, wanted] of [
  ["/speed 1.5", [], "Speaking with Joe, at 1.5×."],
  ["/speed", [], "Speaking with Joe, at 1.5×."],
  ["/voice joe", [], "Speaking with Joe, at 1.5×."],
  ["/speed 9", [], "A speed is a number from 0.25 to 4, such as /speed 1.25."],
  ["/open", [], "A file is chosen."],
  ["/open https://bob.example/", [], "https://bob.example/ is opened."],
  ["/stop", [], "Nothing is being spoken."],
  ["/pause", [], "Nothing is being spoken."],
  ["/stop", ["Hello."], "Stopped."],
  ["/pause", ["Hello."], "Paused."],
  ["/clear", ["Hello."], "The log is empty."],
  ["/replay 9", [], "There is no entry 9 in the log."],
  ["A first sentence. A second one. And the third.", [], "3 parts are queued."],
]) {
  test(`"${line}" is announced each time${spoken.length ? " while speaking" : ""}`, () => {
    const harness = actions();
    for (let turn = 0; turn < 2; turn += 1) {
      for (const text of spoken) harness.actions.speak(text);
      harness.said.length = 0;
      harness.actions.enter(line);
      assert.equal(harness.said.at(-1), line === "/pause" && turn && spoken.length ? "Resumed." : wanted);
    }
  });
}

test("the button that removes an entry is announced with its number", () => {
  const harness = actions();
  harness.actions.speak("One.");
  harness.actions.speak("Two.");
  harness.actions.act("remove", harness.queue.documents[1]);
  assert.deepEqual(harness.said, ["Removed 2."]);
});

test("skipping moves by sentences and paragraphs, and goes back to the beginning of a sentence first", () => {
  const harness = actions();
  const text = "The first sentence is long enough. Two.\n\nThree. Four.";
  harness.actions.speak(text);
  const { latest } = harness.queue;
  latest.structure = new TextStructure(latest.text);
  const at = () => text.slice(latest.position, latest.position + 5).trim();
  const seen = [[1, "sentence"], [1, "paragraph"], [1, "sentence"], [-1, "sentence"], [-1, "paragraph"], [-1, "paragraph"]].map((step) => {
    harness.actions.skip(...step);
    return at();
  });
  assert.deepEqual(seen, ["Two.", "Three", "Four.", "Three", "The f", "The f"]);
  latest.position = 30;
  harness.actions.skip(-1, "sentence");
  assert.equal(at(), "The f");
  harness.actions.skip(1, "paragraph");
  harness.actions.skip(1, "paragraph");
  assert.deepEqual(harness.said.at(-1), "This is the last paragraph.");
});

test("a text that is spoken is not announced: the voice would be talked over", () => {
  const harness = actions();
  harness.actions.speak("Hello.");
  assert.deepEqual(harness.said, []);
});
