// Who is next: the more urgent.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DRIVER, endless, SECOND, Stage } from "./scenes.ts";

const low = { resources: { CPU: 10_000 } };
const high = { resources: { CPU: 10_000 }, priority: 1 };

test("the more urgent are next, before all that are queued", () => {
  const stage = new Stage({ CPU: 2 });
  const before = stage.submit("before", endless, {}, { request: low, ticks: 3 });
  stage.pass(10);
  const urgent = stage.submit("urgent", 6, {}, { request: high, ticks: 2 });
  const { length } = before.began;
  const since = stage.tick;
  stage.until(urgent, 6, 20);
  // No less urgent one was begun between: those that ran had begun before.
  assert.ok(before.began.slice(length).every((tick) => tick >= (urgent.began.at(-1) ?? 0)));
  assert.ok((urgent.began[0] ?? 0) <= since + 3);
  stage.pass(10);
  assert.ok(before.began.length > length, "and they go on");
});

test("among what is queued at the same time the more urgent come first, whoever submits them", () => {
  const stage = new Stage({ CPU: 1 });
  const first = stage.submit("first", 1, {}, { request: low, ticks: 2 });
  const works = [2, 5, -1, 3].map((priority) =>
    stage.submit(String(priority), 2, {}, { request: { ...low, priority }, owner: priority > 2 ? SECOND : DRIVER }),
  );
  stage.pass(20);
  const order = works.flatMap(({ name, began }) => began.map((tick) => ({ name, tick })));
  order.sort((one, other) => one.tick - other.tick);
  assert.deepEqual(
    order.map(({ name }) => name),
    ["5", "5", "3", "3", "2", "2", "-1", "-1"],
  );
  assert.ok(first.began[0] === 0);
});

test("one that wants a GPU takes none of the CPUs of the less urgent", () => {
  const stage = new Stage({ CPU: 2, GPU: 1 });
  const training = stage.submit("training", endless, { GPU: 1 }, { ticks: 5 });
  const plain = stage.submit("plain", endless, { CPU: 1 });
  stage.pass(8);
  const request = { resources: { GPU: 10_000 }, priority: 1 };
  const urgent = stage.submit("urgent", 1, {}, { request, owner: SECOND });
  const { length } = training.began;
  stage.until(urgent, 1, 5);
  assert.equal(training.began.length, length);
  assert.equal(plain.began.length, 2 * (stage.tick + 1), "two in each tick");
});

test("what an urgent call submits is as urgent: it may wait for it", () => {
  const stage = new Stage({ CPU: 1 });
  const parent = stage.submit("parent", 1, {}, { request: high, ticks: endless });
  const others = stage.submit("others", endless, {}, { request: { ...low, priority: 0.5 }, owner: SECOND });
  const child = stage.submit("child", 3, {}, { request: low, owner: stage.workerOf(parent) });
  stage.block(parent);
  stage.until(child, 3, 5);
  assert.ok(others.began.every((tick) => tick >= (child.began.at(-1) ?? 0)));
});

test("an endless stream of the more urgent leaves nothing to the others, and that is all that does", () => {
  const stage = new Stage({ CPU: 2 });
  const others = stage.submit("others", 10, {}, { request: low, owner: SECOND, ticks: 4 });
  const urgent = stage.submit("urgent", 100, {}, { request: high });
  stage.until(urgent, 100, 60);
  assert.equal(others.began.length, 2, "those that were first");
  stage.until(others, 10, 40);
});
