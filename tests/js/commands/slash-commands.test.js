import assert from "node:assert/strict";
import { test } from "node:test";
import { COMMANDS, complete, parse } from "../../../static/js/commands/slash-commands.js";

const LINES = [
  ["", { kind: "nothing" }],
  ["  \n ", { kind: "nothing" }],
  ["Hello.", { kind: "speak", text: "Hello." }],
  ["  Hello.  ", { kind: "speak", text: "Hello." }],
  ["and/or", { kind: "speak", text: "and/or" }],
  ["//etc/hosts", { kind: "speak", text: "/etc/hosts" }],
  ["/etc/hosts\nis a file", { kind: "speak", text: "/etc/hosts\nis a file" }],
  ["/stop", { kind: "command", name: "stop", argument: "" }],
  ["/STOP", { kind: "command", name: "stop", argument: "" }],
  ["/voice amy bob", { kind: "command", name: "voice", argument: "amy bob" }],
  ["/speed   1.5 ", { kind: "command", name: "speed", argument: "1.5" }],
  ["/theme set Ocean, mine", { kind: "command", name: "theme", argument: "set Ocean, mine" }],
  ["/sped 2", { kind: "unknown", name: "sped", near: "speed" }],
  ["/etc/hosts", { kind: "unknown", name: "etc/hosts", near: null }],
  ["/", { kind: "unknown", name: "", near: null }],
  ["/__proto__", { kind: "unknown", name: "__proto__", near: null }],
  ["/constructor", { kind: "unknown", name: "constructor", near: null }],
];

for (const [line, meaning] of LINES) {
  test(`${JSON.stringify(line)} is parsed as ${meaning.kind}`, () => assert.deepEqual(parse(line), meaning));
}

test("a slash lists all commands", () => {
  assert.equal(complete("/").length, COMMANDS.length);
});

test("a partial command lists the matching commands", () => {
  assert.deepEqual(complete("/s").map(({ line }) => line), ["/speed ", "/stop", "/save "]);
});

test("an argument is completed from the choices", () => {
  assert.deepEqual(complete("/voice J", { voice: ["joe", "amy"] }).map(({ line }) => line), ["/voice joe"]);
});

test("completions can depend on the previous words", () => {
  const theme = (argument) => (argument.startsWith("set ") ? ["set Ocean", "set One Half"] : ["list", "set "]);
  assert.deepEqual(complete("/theme s", { theme }).map(({ line }) => line), ["/theme set "]);
  assert.deepEqual(complete("/theme set o", { theme }).map(({ line, label }) => [line, label]),
    [["/theme set Ocean", "Ocean"], ["/theme set One Half", "One Half"]]);
});

for (const line of ["", "hello", "//etc", "/voice a\nb", "/stop now"]) {
  test(`${JSON.stringify(line)} has no completion`, () => assert.deepEqual(complete(line, { voice: ["amy"] }), []));
}
