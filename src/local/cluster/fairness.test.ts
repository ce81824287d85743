// Who gets how much of the cluster over time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { cluster, demand, DRIVER, endless, joined, ready, SECOND, Stage } from "./scenes.ts";
import type { ClusterInput } from "./step.ts";

test("calls that wait for a GPU stop none that need no more than CPUs", () => {
  for (const cpus of [1, 2]) {
    const stage = new Stage({ CPU: 2, GPU: 1 });
    const holder = stage.submit("holder", 1, { GPU: 1 }, { ticks: endless });
    const waiting = stage.submit("waiting", 5, { CPU: cpus, GPU: 1 });
    const plain = stage.submit("plain", endless, { CPU: 1 }, { owner: SECOND });
    stage.pass(200);
    assert.equal(holder.began.length, 1);
    assert.equal(waiting.began.length, 0);
    assert.ok(plain.began.length >= 400, `${plain.began.length} in 200 ticks on two CPUs`);
    // None of them was asked to make room that would be of no use.
    assert.equal(stage.spawned, 3);
  }
});

test("one that needs all CPUs is not starved by a stream of small ones, be they another's or its own submitter's", () => {
  for (const owner of [DRIVER, SECOND]) {
    const stage = new Stage({ CPU: 4 });
    const small = stage.submit("small", endless, { CPU: 1 });
    stage.pass(10);
    const large = stage.submit("large", 3, { CPU: 4 }, { owner });
    stage.until(large, 3, 20);
    const { length } = small.began;
    stage.pass(10);
    assert.ok(small.began.length > length, "and they go on");
  }
});

test("one that needs all GPUs is not starved by a stream of calls with one", () => {
  const stage = new Stage({ CPU: 4, GPU: 2 });
  const small = stage.submit("small", endless, { CPU: 1, GPU: 1 });
  const shared = stage.submit("shared", endless, { GPU: 0.5 });
  stage.pass(10);
  const large = stage.submit("large", 3, { GPU: 2 });
  stage.until(large, 3, 40);
  const lengths = [small.began.length, shared.began.length];
  stage.pass(20);
  assert.ok(small.began.length > (lengths[0] ?? 0) && shared.began.length > (lengths[1] ?? 0), "and they go on");
});

test("one that needs several resources is not starved by calls each of which keeps one of them busy", () => {
  for (const [request, one, other] of [
    [{ CPU: 4, a: 2 }, { CPU: 1 }, { a: 1 }],
    [{ a: 1, b: 1 }, { a: 0.5 }, { b: 0.5 }],
    [{ GPU: 2, a: 1 }, { GPU: 1 }, { a: 0.5 }],
  ] as const) {
    const stage = new Stage({ CPU: 4, GPU: 2, a: 2, b: 1 });
    const floods = [one, other].map((each, index) =>
      stage.submit(`flood ${index}`, endless, each, { ticks: 2 + index, owner: SECOND }),
    );
    stage.pass(10);
    const large = stage.submit("large", 3, request);
    stage.until(large, 3, 60);
    const begun = floods.map(({ began }) => began.length);
    stage.pass(20);
    floods.forEach(({ began }, index) => assert.ok(began.length > (begun[index] ?? 0), "and they go on"));
  }
});

test("what is there of several resources is kept for one that lacks others, and no more than it asks for", () => {
  const stage = new Stage({ CPU: 4, GPU: 8, license: 1 });
  stage.submit("holder", 1, { license: 1 }, { ticks: endless });
  const large = stage.submit("large", 1, { GPU: 2, license: 1 });
  stage.pass(10);
  const small = stage.submit("small", endless, { GPU: 1 }, { owner: SECOND });
  const before = stage.tick;
  stage.pass(20);
  assert.equal(large.began.length, 0);
  assert.ok(small.began.filter((tick) => tick < before + 5).length >= 6, "the other six go on");
});

test("GPUs are not kept for a large call while one that waits has some: what it waits for may need one too", () => {
  const stage = new Stage({ CPU: 4, GPU: 2 });
  const parent = stage.submit("parent", 1, { CPU: 1, GPU: 1 }, { ticks: endless });
  const large = stage.submit("large", 1, { GPU: 2 }, { owner: SECOND });
  stage.pass(5);
  stage.block(parent);
  const child = stage.submit("child", 3, { GPU: 1 }, { owner: stage.workerOf(parent) });
  stage.until(child, 3, 5);
  stage.finish(parent);
  stage.until(large, 1, 5);
});

test("a hundred thousand calls of a task do not delay ten of the driver, nor the other way round", () => {
  const stage = new Stage({ CPU: 2 });
  const parent = stage.submit("parent", 1, { CPU: 1 }, { ticks: endless });
  const flood = stage.submit("flood", 100_000, { CPU: 1 }, { owner: stage.workerOf(parent) });
  stage.block(parent);
  stage.pass(20);
  const few = stage.submit("few", 10, { CPU: 1 });
  stage.until(few, 10, 20);
  const other = stage.submit("other", 100_000, { CPU: 0.5 }, { owner: SECOND });
  stage.pass(20);
  const { length } = flood.began;
  stage.pass(20);
  assert.ok(flood.began.length >= length + 10, "the flood has about half of the cluster");
  assert.ok(other.began.length >= 10);
});

test("nor while its parent goes on without waiting, and so has the share of whoever has submitted it", () => {
  for (const cpus of [2, 3, 4]) {
    const stage = new Stage({ CPU: cpus });
    const parent = stage.submit("parent", 1, { CPU: 1 }, { ticks: endless });
    const flood = stage.submit("flood", 100_000, { CPU: 1 }, { owner: stage.workerOf(parent) });
    stage.pass(20);
    stage.add(parent, 10, 1);
    // Half of the calls that end make way for these.
    stage.until(parent, 11, 25);
    assert.ok(flood.began.length > 20, `${flood.began.length} on ${cpus} CPUs: and the flood goes on`);
  }
});

test("nor by what nobody uses: its submitter is too busy submitting to see what it was granted", () => {
  const stage = new Stage({ CPU: 3 });
  const parent = stage.submit("parent", 1, { CPU: 1 }, { ticks: endless });
  stage.submit("flood", 100_000, { CPU: 1 }, { owner: stage.workerOf(parent), unused: true });
  stage.pass(20);
  stage.add(parent, 10, 1);
  stage.until(parent, 11, 25);
});

test("nor where five others have more calls of three ticks each than there are CPUs", () => {
  const stage = new Stage({ CPU: 3 });
  const others = [1, 2, 3, 4, 5].map((number) => {
    const owner = `other ${number}`;
    stage.brain.step(joined(owner));
    return stage.submit(owner, endless, { CPU: 1 }, { owner, ticks: 3 });
  });
  stage.pass(30);
  const before = others.map(({ began }) => began.length);
  const few = stage.submit("few", 10, { CPU: 1 });
  // One CPU is free in each tick: half of those that have none come before it, each time.
  stage.until(few, 10, 27);
  others.forEach(({ began }, index) => assert.ok(began.length > (before[index] ?? 0), `others go on: ${index}`));
});

test("nor by what one other has queued, the less so the more different amounts its calls ask for", () => {
  for (const cpus of [1, 2, 3]) {
    for (const kinds of [1, 3, 5, 30]) {
      const stage = new Stage({ CPU: cpus });
      const others = Array.from({ length: kinds }, (_, kind) =>
        stage.submit(`of kind ${kind}`, endless, { CPU: 1 - kind / 100 }, { owner: SECOND, ticks: 3 }),
      );
      stage.pass(30);
      const before = others.flatMap(({ began }) => began).length;
      const few = stage.submit("few", 10, { CPU: 1 });
      // Turn by turn: one of the others between any two of these.
      stage.until(few, 10, 45);
      const meanwhile = others.flatMap(({ began }) => began).length - before;
      assert.ok(meanwhile > 0 && meanwhile <= 12, `${kinds} kinds on ${cpus} CPUs: ${meanwhile} begun meanwhile`);
    }
  }
});

test("nor by large and small ones in turn, and those go on", () => {
  const stage = new Stage({ CPU: 3 });
  const others = [1, 0.5, 2, 1.5, 3].map((cpus) =>
    stage.submit(`of ${cpus}`, endless, { CPU: cpus }, { owner: SECOND, ticks: 3 }),
  );
  stage.pass(30);
  const few = stage.submit("few", 10, { CPU: 1 });
  stage.until(few, 10, 70);
  stage.add(few, endless, 1);
  stage.pass(30);
  const before = others.map(({ began }) => began.length);
  stage.pass(150);
  others.forEach(({ began }, kind) => assert.ok(began.length >= (before[kind] ?? 0) + 2, `kind ${kind} goes on`));
});

test("who has all CPUs has its turns of the only GPU all the same", () => {
  const stage = new Stage({ CPU: 8, GPU: 1 });
  stage.submit("plain", endless, { CPU: 1 });
  const training = stage.submit("training", endless, { CPU: 1, GPU: 1 });
  const other = stage.submit("other", endless, { CPU: 1, GPU: 1 }, { owner: SECOND });
  stage.pass(200);
  for (const { began, name } of [training, other])
    assert.ok(began.length > 40, `${name}: ${began.length} in 200 ticks`);
});

test("one that needs many CPUs comes though others of its submitter run long, and another has an endless stream of small ones", () => {
  const stage = new Stage({ CPU: 8 });
  const long = stage.submit("long", 2, { CPU: 1 }, { ticks: endless });
  const small = stage.submit("small", endless, { CPU: 1 }, { owner: SECOND });
  stage.pass(10);
  assert.equal(long.began.length, 2);
  const large = stage.submit("large", 3, { CPU: 6 });
  stage.until(large, 3, 150);
  const { length } = small.began;
  stage.pass(50);
  assert.ok(small.began.length > length, "and they go on");
});

test("long calls of one leave the other its half, whatever was asked back in vain", () => {
  const stage = new Stage({ CPU: 8 });
  const long = stage.submit("long", endless, { CPU: 1 }, { ticks: 100 });
  stage.pass(50);
  const short = stage.submit("short", endless, { CPU: 1 }, { owner: SECOND });
  stage.pass(400);
  const { length } = short.began;
  stage.pass(400);
  const share = (short.began.length - length) / 400;
  assert.ok(share > 2.5 && share < 5.5, `${share} of 8 CPUs`);
  assert.ok(long.began.length > 20);
});

test("ten thousand queued calls start as many workers as there is room for", () => {
  for (const [cpus, each, workers] of [
    [4, 1, 4],
    [4, 0.5, 8],
    [4, 2, 4],
    [1, 1, 1],
  ] as const) {
    const stage = new Stage({ CPU: cpus });
    const queued = stage.submit("queued", 10_000, { CPU: each });
    stage.pass(20);
    assert.equal(stage.spawned, workers, `${each} of ${cpus} CPUs each`);
    assert.equal(queued.began.filter((tick) => tick === 10).length, cpus / each);
  }
});

test("calls that take nothing are begun by those who are ready, and processes for more of them start a few at a time", () => {
  const brain = cluster(2);
  const spawned = (input: ClusterInput): number => {
    brain.step(input);
    return brain.drain().filter(({ type }) => type === "spawn").length;
  };
  for (const input of [joined(DRIVER), ready(1), ready(2)]) brain.step(input);
  brain.drain();
  assert.equal(spawned(demand(DRIVER, 60, 0)), 4);
  for (let number = 3; number < 10; number += 1) assert.equal(spawned(ready(number)), 1, `after worker ${number}`);
});

test("workers beyond one per CPU go away when they have rested", () => {
  const stage = new Stage({ CPU: 2 });
  stage.submit("small", 40, { CPU: 0.25 }, { ticks: 5 });
  stage.pass(10);
  assert.equal(stage.workers, 8);
  stage.pass(120);
  assert.equal(stage.workers, 2);
});
