import assert from "node:assert/strict";
import { test } from "node:test";
import { Timeline } from "../../../static/js/audio/timeline.js";

const RATE = 22050;
const alice = { name: "alice" };
const bob = { name: "bob" };

test("any number of chunks join without a gap", () => {
  const timeline = new Timeline(RATE);
  const first = Math.round(timeline.place(alice, 0, 777, 0.123).when * RATE);
  for (let i = 1; i < 20_000; i += 1) {
    const { when } = timeline.place(alice, 777 * i, 777, 0.123);
    assert.ok(Math.abs(when * RATE - (first + 777 * i)) < 1e-4);
  }
});

test("the first chunk starts slightly later, at an integer sample", () => {
  const { when } = new Timeline(RATE).place(alice, 0, 100, 1);
  assert.ok(when >= 1.03 && when < 1.0301);
  assert.ok(Math.abs(when * RATE - Math.round(when * RATE)) < 1e-6);
});

test("the playing sample follows the clock across utterances", () => {
  const timeline = new Timeline(1000);
  timeline.place(alice, 500, 100, 0);
  timeline.place(bob, 0, 100, 0);
  assert.equal(timeline.at(0.02), null);
  assert.deepEqual(timeline.at(0.0605), { owner: alice, sample: 530 });
  assert.deepEqual(timeline.at(0.1405), { owner: bob, sample: 10 });
  assert.equal(timeline.at(0.3), null);
});

test("after an underrun the next chunk starts at the current time", () => {
  const timeline = new Timeline(1000);
  timeline.place(alice, 0, 100, 0);
  const { when } = timeline.place(alice, 100, 100, 5);
  assert.ok(when >= 5.03);
  assert.equal(timeline.at(5.01), null);
  assert.deepEqual(timeline.at(when + 0.0105), { owner: alice, sample: 110 });
});

test("finished pieces are removed once", () => {
  const timeline = new Timeline(1000);
  timeline.place(alice, 0, 100, 0);
  timeline.place(alice, 100, 100, 0);
  assert.equal(timeline.pass(0.14).length, 1);
  assert.equal(timeline.pass(0.14).length, 0);
  assert.equal(timeline.pass(9).length, 1);
});

test("a cancelled piece frees its time", () => {
  const timeline = new Timeline(1000);
  timeline.place(alice, 0, 100, 0);
  const { when } = timeline.place(bob, 0, 100, 0);
  timeline.pop();
  assert.equal(timeline.place(alice, 100, 50, 0).when, when);
});

test("the scheduled duration decreases to zero", () => {
  const timeline = new Timeline(1000);
  assert.equal(timeline.ahead(0), 0);
  timeline.place(alice, 0, 1000, 0);
  assert.ok(Math.abs(timeline.ahead(0.53) - 0.5) < 1e-9);
  assert.equal(timeline.ahead(60), 0);
});
