// The cluster brain when workers are ended for the sake of a call on them that does not end.
import assert from "node:assert/strict";
import { test } from "node:test";
import { check, cluster, demand, DRIVER, gone, joined, ready, say, SECOND, told, worker } from "./scenes.ts";

check("whoever has a lease may have its worker ended, and the worker takes no further lease meanwhile", 1, [
  [joined(DRIVER), []],
  [joined(SECOND), []],
  [ready(1), ["ready"]],
  [demand(DRIVER, 1), ["leased 1 → 1", "granted 1 → d"]],
  [say(SECOND, { type: "endWorker", lease: 1, recursive: true }), []],
  [say(DRIVER, { type: "endWorker", lease: 9, recursive: true }), []],
  [say(DRIVER, { type: "endWorker", lease: 1, recursive: false }), ["kill 1"]],
  [say(worker(1), { type: "leaseOver", lease: 1, begun: 1 }), []],
  [demand(SECOND, 1), ["spawn 2"]],
  [ready(2), ["leased 2 → 2", "granted 2 → e"]],
  [say(DRIVER, { type: "endWorker", lease: 1, recursive: false }), []],
  [gone(worker(1)), ["workerLost 1 by force → d"]],
]);

check("workers that run what a worker had submitted end with it, and those that run what they had", 3, [
  [joined(DRIVER), []],
  [ready(1), []],
  [ready(2), []],
  [ready(3), ["ready"]],
  [demand(DRIVER, 1), ["leased 1 → 3", "granted 1 → d"]],
  [demand(worker(3), 1), ["leased 2 → 2", "granted 2 → 3"]],
  [demand(worker(2), 1), ["leased 3 → 1", "granted 3 → 2"]],
  [say(DRIVER, { type: "endWorker", lease: 1, recursive: true }), ["kill 3"]],
  [gone(worker(3)), ["recall 2 over → 2", "kill 2", "workerLost 3 by force → d", "spawn 4"]],
  [gone(worker(2)), ["recall 3 over → 1", "kill 1", "spawn 5"]],
  [gone(worker(1)), ["spawn 6"]],
]);

test("a worker is not ended for what a call that runs there has submitted, and runs there too", () => {
  const brain = cluster(1);
  brain.step(joined(DRIVER));
  brain.step(demand(DRIVER, 4));
  for (let number = 1; number <= 4; number += 1) {
    brain.step(ready(number));
    brain.step(say(worker(number), { type: "blocked", lease: number }));
  }
  brain.drain();
  brain.step(demand(worker(1), 1));
  assert.deepEqual(brain.drain().map(told), ["leased 5 → 1", "granted 5 → 1"]);
  brain.step(say(worker(1), { type: "endWorker", lease: 5, recursive: true }));
  assert.deepEqual(brain.drain().map(told), ["recall 5 yield → 1"]);
});
