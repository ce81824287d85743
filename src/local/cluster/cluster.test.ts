// The cluster brain, as lists of inputs and the effects they must have.
import assert from "node:assert/strict";
import { test } from "node:test";
import { objectId, type ProcessId } from "../../domain/id.ts";
import type { Payload } from "../../domain/object.ts";
import {
  check,
  cluster,
  crowded,
  demand,
  DRIVER,
  given,
  gone,
  gpus,
  joined,
  ready,
  say,
  SECOND,
  TICK,
  told,
  worker,
} from "./scenes.ts";
import type { ClusterInput } from "./step.ts";

const id = objectId(DRIVER, 1);
const inner = objectId(DRIVER, 2);
const theirs = (number: number): string => objectId(SECOND, number);

function payload(refs: readonly string[] = []): Payload {
  return { bytes: new Uint8Array(), buffers: [], refs, modules: false };
}

test("it begins with a worker per CPU", () => {
  assert.deepEqual(cluster(3).drain().map(told), ["spawn 1", "spawn 2", "spawn 3"]);
});

check("a demand is granted when a worker is ready, and the worker hears of it first", 1, [
  [joined(DRIVER), []],
  [demand(DRIVER, 2), []],
  [ready(1), ["ready", "leased 1 → 1", "granted 1 → d"]],
  [say(DRIVER, { type: "giveBack", lease: 1, begun: 1 }), ["recall 1 over → 1", "leased 2 → 1", "granted 2 → d"]],
  [demand(DRIVER, 1), []],
]);

check("a lease that ends says nothing about what its owner lacks, whoever hears of the end first", 1, [
  [joined(DRIVER), []],
  [ready(1), ["ready"]],
  [demand(DRIVER, 1), ["leased 1 → 1", "granted 1 → d"]],
  [demand(DRIVER, 1, 10_000, 1), []],
  [say(worker(1), { type: "leaseOver", lease: 1, begun: 1 }), ["leased 2 → 1", "granted 2 → d"]],
  [say(worker(1), { type: "leaseOver", lease: 2, begun: 1 }), []],
]);

check("a grant on its way counts against a demand that was spoken before it came", 1, [
  [joined(DRIVER), []],
  [ready(1), ["ready"]],
  [demand(DRIVER, 1), ["leased 1 → 1", "granted 1 → d"]],
  [demand(DRIVER, 1), []],
  [say(worker(1), { type: "leaseOver", lease: 1, begun: 1 }), []],
]);

check("a request that no node can hold is refused at once", 1, [
  [joined(DRIVER), []],
  [demand(DRIVER, 1, 20_000), ["unschedulable → d"]],
]);

check("a call that waits lends its CPU, which starts one more worker, for the deeper demand first", 1, [
  [joined(DRIVER), []],
  [ready(1), ["ready"]],
  [demand(DRIVER, 5), ["leased 1 → 1", "granted 1 → d"]],
  [demand(worker(1), 1), ["recall 1 idle → 1"]],
  [say(worker(1), { type: "blocked", lease: 1 }), ["spawn 2"]],
  [ready(2), ["leased 2 → 2", "granted 2 → 1", "recall 2 idle → 2"]],
]);

check("an idle lease that somebody else could use ends, and is not granted again unasked", 1, [
  [joined(DRIVER), []],
  [joined(SECOND), []],
  [ready(1), ["ready"]],
  [demand(DRIVER, 1), ["leased 1 → 1", "granted 1 → d"]],
  [demand(SECOND, 1), ["recall 1 idle → 1"]],
  [say(worker(1), { type: "leaseOver", lease: 1, begun: 1 }), ["leased 2 → 1", "granted 2 → e"]],
  [demand(SECOND, 0), []],
  [say(SECOND, { type: "giveBack", lease: 2, begun: 1 }), ["recall 2 over → 1"]],
]);

check("with more submitters than CPUs they take turns by the tick", 1, [
  [joined(DRIVER), []],
  [joined(SECOND), []],
  [ready(1), ["ready"]],
  [demand(DRIVER, 9), ["leased 1 → 1", "granted 1 → d"]],
  [demand(SECOND, 9), ["recall 1 idle → 1"]],
  [TICK, []],
  [TICK, ["recall 1 yield → 1"]],
  [say(worker(1), { type: "leaseOver", lease: 1, begun: 1 }), ["leased 2 → 1", "granted 2 → e", "recall 2 idle → 1"]],
]);

check("CPUs are kept together for a large demand that has waited for a tick", 2, [
  [joined(DRIVER), []],
  [joined(SECOND), []],
  [ready(1), []],
  [ready(2), ["ready"]],
  [demand(DRIVER, 9), ["leased 1 → 2", "granted 1 → d", "leased 2 → 1", "granted 2 → d"]],
  [demand(SECOND, 1, 20_000), ["recall 1 idle → 2", "recall 2 idle → 1", "recall 1 yield → 2"]],
  [TICK, []],
  [say(worker(2), { type: "leaseOver", lease: 1, begun: 1 }), []],
  [TICK, ["recall 2 yield → 1"]],
  [say(worker(1), { type: "leaseOver", lease: 2, begun: 1 }), ["leased 3 → 1", "granted 3 → e", "recall 3 idle → 1"]],
]);

test("whoever has CPUs kept for it steps back at times: what it waits for may wait for smaller calls", () => {
  const brain = cluster(2);
  const after = (...inputs: readonly ClusterInput[]): string[] => {
    for (const input of inputs) brain.step(input);
    return brain.drain().map(told);
  };
  after(joined(DRIVER), joined(SECOND), ready(1), ready(2), demand(DRIVER, 1), demand(SECOND, 1, 20_000));
  const granted: number[] = [];
  for (let tick = 1; tick <= 70; tick += 1) {
    // A small call that is over within a tick, where it gets a CPU at all.
    after(TICK);
    const effects = after(demand(DRIVER, 1, 5_000));
    const lease = effects.map((effect) => /^granted (\d+) → d/.exec(effect)?.[1]).find((found) => found !== undefined);
    if (lease !== undefined) {
      granted.push(tick);
      after(demand(DRIVER, 0, 5_000, Number(lease)), say(DRIVER, { type: "giveBack", lease: Number(lease), begun: 1 }));
    } else after(demand(DRIVER, 0, 5_000));
    brain.check();
  }
  // Each time twice as long is kept for the large one.
  assert.deepEqual(granted, [11, 32]);
});

check("everybody who had a lease on a lost worker hears of it, and it is replaced", 1, [
  [joined(DRIVER), []],
  [ready(1), ["ready"]],
  [demand(DRIVER, 1), ["leased 1 → 1", "granted 1 → d"]],
  [demand(DRIVER, 0), []],
  [say(worker(1), { type: "leaseOver", lease: 1, begun: 1 }), []],
  [gone(worker(1)), ["workerLost 1 → d", "spawn 2"]],
]);

check("workers that die before they are ready are not started for ever", 1, [
  [gone(worker(1)), ["spawn 2"]],
  [gone(worker(2)), ["spawn 3"]],
  [gone(worker(3)), ["broken"]],
]);

check("a release that overtakes its hold frees nothing too early", 1, [
  [joined(DRIVER), []],
  [ready(1), ["ready"]],
  [say(worker(1), { type: "release", id, count: 1 }), []],
  [say(DRIVER, { type: "share", id }), []],
  [say(DRIVER, { type: "publish", id, outcome: { value: payload() } }), []],
  [say(DRIVER, { type: "hold", id, process: worker(1) }), []],
  [say(worker(1), { type: "subscribe", id }), ["value value → 1"]],
  [say(DRIVER, { type: "release", id, count: 1 }), []],
  [say(worker(1), { type: "subscribe", id }), ["requested → d"]],
]);

check("who waits for a value hears when its owner ends without having made it", 1, [
  [joined(DRIVER), []],
  [joined(SECOND), []],
  [say(DRIVER, { type: "share", id }), []],
  [say(DRIVER, { type: "hold", id, process: SECOND }), []],
  [say(SECOND, { type: "subscribe", id }), []],
  [gone(DRIVER), ["value ownerDied → e", "departed → e"]],
  [say(SECOND, { type: "release", id, count: 1 }), []],
]);

test("what a process had announced and never sent is held for nobody, once its receiver has said what has come", () => {
  const brain = cluster(1);
  for (const process of [DRIVER, SECOND]) brain.step(joined(process));
  brain.step(say(SECOND, { type: "store", id: theirs(1), bytes: 1, medium: "memory" }));
  brain.step(say(SECOND, { type: "store", id: theirs(2), bytes: 1, medium: "memory" }));
  for (const each of [theirs(1), theirs(2)]) brain.step(say(SECOND, { type: "hold", id: each, process: DRIVER }));
  brain.drain();
  brain.step(gone(SECOND));
  assert.deepEqual(brain.drain().map(told), ["departed → d"]);
  assert.equal(brain.inspect().objects, 2, "both may still come");
  brain.step(say(DRIVER, { type: "heard", process: SECOND, ids: [theirs(2)], last: true }));
  assert.deepEqual(brain.drain(), [{ type: "unstore", id: theirs(1) }]);
  brain.step(say(DRIVER, { type: "release", id: theirs(2), count: 1 }));
  assert.deepEqual(brain.drain(), [{ type: "unstore", id: theirs(2) }]);
  const { objects, booked } = brain.inspect();
  assert.deepEqual({ objects, booked }, { objects: 0, booked: 0 });
});

test("an object keeps what is inside it, and nothing is kept at the end", () => {
  const brain = cluster(1);
  for (const process of [DRIVER, SECOND]) brain.step(joined(process));
  brain.step(say(DRIVER, { type: "share", id }));
  brain.step(say(DRIVER, { type: "share", id: inner }));
  brain.step(say(DRIVER, { type: "publish", id: inner, outcome: { value: payload() } }));
  brain.step(say(DRIVER, { type: "publish", id, outcome: { value: payload([inner]) } }));
  brain.step(say(DRIVER, { type: "hold", id, process: SECOND }));
  brain.step(say(DRIVER, { type: "release", id, count: 1 }));
  brain.step(say(DRIVER, { type: "release", id: inner, count: 1 }));
  assert.equal(brain.inspect().objects, 2);
  brain.drain();
  brain.step(say(SECOND, { type: "subscribe", id }));
  brain.step(say(SECOND, { type: "release", id, count: 1 }));
  assert.equal(brain.inspect().objects, 1, "the reader holds what was inside");
  brain.step(say(SECOND, { type: "release", id: inner, count: 1 }));
  assert.equal(brain.inspect().objects, 0);
});

test("a call whose owner is gone may end by itself, else its worker ends", () => {
  const brain = cluster(1);
  brain.step(joined(DRIVER));
  brain.step(ready(1));
  brain.step(demand(DRIVER, 1));
  brain.step(gone(DRIVER));
  brain.drain();
  const effects = [TICK, TICK, TICK].flatMap((tick) => (brain.step(tick), brain.drain().map(told)));
  assert.deepEqual(effects, ["kill 1"]);
});

test("a waiting call whose owner is gone does not take those down that share its worker", () => {
  const brain = crowded();
  brain.step(demand(SECOND, 1));
  assert.deepEqual(brain.drain().map(told), ["leased 5 → 1", "granted 5 → e"]);
  brain.step(gone(DRIVER));
  for (let number = 2; number <= 4; number += 1) brain.step(gone(worker(number)));
  brain.drain();
  for (let tick = 1; tick <= 5; tick += 1) brain.step(TICK);
  assert.deepEqual(brain.drain().map(told), []);
  brain.step(say(SECOND, { type: "giveBack", lease: 5, begun: 1 }));
  brain.drain();
  brain.step(TICK);
  assert.deepEqual(brain.drain().map(told), ["kill 1"]);
});

test("a definition that comes after its call is handed on when it comes", () => {
  const brain = cluster(1);
  brain.step(joined(DRIVER));
  brain.step(ready(1));
  brain.drain();
  const definition = `${DRIVER}f1`;
  brain.step(say(worker(1), { type: "fetch", definition }));
  assert.deepEqual(brain.drain(), []);
  brain.step(say(DRIVER, { type: "define", definition, payload: payload() }));
  assert.deepEqual(brain.drain().map(told), ["definition → 1"]);
});

check("a session that has begun goes on without the workers that cannot start, and tries again with a tick", 2, [
  [joined(DRIVER), []],
  [ready(1), []],
  [ready(2), ["ready"]],
  [gone(worker(2)), ["spawn 3"]],
  [gone(worker(3)), ["spawn 4"]],
  [gone(worker(4)), ["spawn 5"]],
  [gone(worker(5)), []],
  [demand(DRIVER, 2), ["leased 1 → 1", "granted 1 → d"]],
  [TICK, ["spawn 6"]],
  [TICK, []],
  [gone(worker(6)), []],
  [TICK, ["spawn 7"]],
  [ready(7), ["leased 2 → 7", "granted 2 → d"]],
  [gone(worker(7)), ["workerLost 7 → d", "spawn 8"]],
]);

check("a session that has begun tries again with a tick, also when all its workers were killed", 1, [
  [joined(DRIVER), []],
  [ready(1), ["ready"]],
  [gone(worker(1)), ["spawn 2"]],
  [gone(worker(2)), ["spawn 3"]],
  [gone(worker(3)), ["spawn 4"]],
  [gone(worker(4)), []],
  [TICK, ["spawn 5"]],
  [ready(5), []],
]);

check("a session that has begun ends when workers cannot start for long", 1, [
  [joined(DRIVER), []],
  [ready(1), ["ready"]],
  [gone(worker(1)), ["spawn 2"]],
  [gone(worker(2)), ["spawn 3"]],
  [gone(worker(3)), ["spawn 4"]],
  ...Array.from({ length: 27 }, (_, index): (readonly [ClusterInput, readonly string[]])[] => [
    [gone(worker(4 + index)), []],
    [TICK, [`spawn ${String(5 + index)[0]}`]],
  ]).flat(),
  [gone(worker(31)), ["broken"]],
  [TICK, []],
]);

test("grants say which GPUs they have, shares of one GPU together", () => {
  const brain = cluster(4, 2);
  for (const input of [joined(DRIVER), ready(1), ready(2), ready(3), ready(4)]) brain.step(input);
  brain.step(gpus(DRIVER, 4, 5_000));
  assert.deepEqual(given(brain), [[0], [0], [1], [1]]);
  brain.check();
});

test("a request for more GPUs than there are, or for a part of several, is refused at once", () => {
  for (const units of [30_000, 15_000]) {
    const brain = cluster(1, 2);
    for (const input of [joined(DRIVER), ready(1)]) brain.step(input);
    brain.drain();
    brain.step(gpus(DRIVER, 1, units));
    assert.deepEqual(brain.drain().map(told), ["unschedulable → d"]);
  }
});

test("a worker that had GPUs ends with its lease, and its GPUs go to another", () => {
  const brain = cluster(1, 1);
  for (const input of [joined(DRIVER), ready(1), gpus(DRIVER, 2, 10_000)]) brain.step(input);
  assert.deepEqual(given(brain), [[0]]);
  brain.step(say(worker(1), { type: "leaseOver", lease: 1, begun: 1 }));
  assert.deepEqual(brain.drain().map(told), ["retire → 1", "spawn 2"]);
  brain.step(ready(2));
  assert.deepEqual(given(brain), [[0]]);
  brain.check();
});

test("a worker that had GPUs and has something left to do is asked again after ten ticks", () => {
  const brain = cluster(1, 1);
  for (const input of [joined(DRIVER), ready(1), gpus(DRIVER, 1, 10_000)]) brain.step(input);
  brain.step(say(worker(1), { type: "leaseOver", lease: 1, begun: 1 }));
  brain.step(ready(1));
  brain.drain();
  const asked = Array.from({ length: 10 }, () => (brain.step(TICK), brain.drain().map(told)));
  assert.deepEqual(asked.flat(), ["retire → 1"]);
  assert.deepEqual(asked.at(-1), ["retire → 1"]);
});

test("whoever waits for a GPU asks nobody for one who has none, nor for a worker", () => {
  const brain = cluster(2, 1);
  for (const input of [joined(DRIVER), joined(SECOND), ready(1), ready(2)]) brain.step(input);
  for (const input of [demand(DRIVER, 1), gpus(DRIVER, 1, 10_000)]) brain.step(input);
  brain.drain();
  brain.step(gpus(SECOND, 1, 10_000));
  for (let tick = 0; tick < 4; tick += 1) brain.step(TICK);
  assert.deepEqual(brain.drain().map(told), ["recall 2 idle → 1", "recall 2 yield → 1"]);
});

/** Of one CPU each. */
const urgent = (from: ProcessId, lacking: number, priority: number): ClusterInput =>
  say(from, {
    type: "demand",
    shape: `CPU=1;${priority}`,
    request: { resources: { CPU: 10_000 }, priority },
    lacking,
    seen: 0,
    name: "f",
  });

check("as many leases of the least urgent end after their running call as the more urgent lack, at once", 3, [
  [joined(DRIVER), []],
  [ready(1), []],
  [ready(2), []],
  [ready(3), ["ready"]],
  [urgent(DRIVER, 1, 1), ["leased 1 → 3", "granted 1 → d"]],
  [demand(DRIVER, 9), ["leased 2 → 2", "granted 2 → d", "leased 3 → 1", "granted 3 → d", "spare 1 → d"]],
  [urgent(DRIVER, 1, 2), ["recall 1 idle → 3", "recall 2 idle → 2", "recall 3 idle → 1", "recall 2 yield → 2"]],
  [urgent(DRIVER, 3, 2), ["recall 3 yield → 1", "recall 1 yield → 3"]],
  [say(worker(2), { type: "leaseOver", lease: 2, begun: 1 }), ["leased 4 → 2", "granted 4 → d", "spare 4 → d"]],
  [say(worker(1), { type: "leaseOver", lease: 3, begun: 1 }), ["leased 5 → 1", "granted 5 → d", "spare 5 → d"]],
  [say(worker(3), { type: "leaseOver", lease: 1, begun: 1 }), ["leased 6 → 3", "granted 6 → d", "spare 6 → d"]],
  [TICK, []],
  [TICK, []],
  [say(worker(2), { type: "leaseOver", lease: 4, begun: 1 }), ["leased 7 → 2", "granted 7 → d"]],
]);

test("a demand that has had nothing for long is told once who holds what it needs; one that has something is not", () => {
  const brain = cluster(2, 1);
  const starved = (ticks: number): unknown[] => {
    for (let tick = 0; tick < ticks; tick += 1) brain.step(TICK);
    return brain.drain().flatMap((effect) => {
      const message = effect.type === "send" ? effect.message : undefined;
      return message?.type === "starved" ? [message.shortage] : [];
    });
  };
  for (const input of [joined(DRIVER), joined(SECOND), ready(1), ready(2)]) brain.step(input);
  for (const input of [gpus(DRIVER, 1, 5_000), demand(DRIVER, 9)]) brain.step(input);
  assert.deepEqual(starved(4), []);
  brain.step(gpus(SECOND, 1, 10_000));
  assert.deepEqual(starved(4), []);
  const shortage = { free: { GPU: 5_000 }, holders: [{ name: "g", calls: 1, waiting: 0, held: { GPU: 5_000 } }] };
  assert.deepEqual(starved(1), [shortage]);
  assert.deepEqual(starved(20), []);
  // Another call, while the one that has the GPUs waits for others.
  brain.step(say(worker(2), { type: "blocked", lease: 1 }));
  brain.step(gpus(DRIVER, 1, 7_500));
  assert.deepEqual(starved(20), [
    { ...shortage, holders: [{ name: "g", calls: 1, waiting: 1, held: { GPU: 5_000 } }] },
  ]);
});

test("whoever was granted something meanwhile has not waited for long", () => {
  const brain = cluster(1);
  for (const input of [joined(DRIVER), joined(SECOND), ready(1), demand(DRIVER, 9), demand(SECOND, 9)])
    brain.step(input);
  for (let lease = 1; lease < 40; lease += 1) {
    for (const input of [TICK, TICK, say(worker(1), { type: "leaseOver", lease, begun: 1 })]) brain.step(input);
    const kinds = brain.drain().map((effect) => (effect.type === "send" ? effect.message.type : effect.type));
    assert.ok(!kinds.includes("starved"), `after lease ${lease}`);
  }
});
