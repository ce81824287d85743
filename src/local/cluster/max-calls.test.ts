// Calls of which one process runs only so many: what leases on it may come to together.
import assert from "node:assert/strict";
import { test } from "node:test";
import { shapeOf, type TaskRequest } from "../../domain/request.ts";
import type { Cluster } from "./cluster.ts";
import { cluster, crowded, joined, ready, say, SECOND, worker } from "./scenes.ts";
import type { ClusterInput } from "./step.ts";

const REQUEST: TaskRequest = { resources: { CPU: 10_000 }, maxCalls: 2 };

/** `seen`: the latest lease the sender knew of. */
const limited = (lacking: number, request = REQUEST, seen = 0): ClusterInput =>
  say(SECOND, { type: "demand", shape: shapeOf(request), request, lacking, seen, name: "f" });

/** What happens to whom: processes that start or go, and leases with how many calls may begin under them. */
function changes(brain: Cluster): string[] {
  return brain.drain().flatMap((effect) => {
    if (effect.type === "spawn") return [`spawn ${effect.worker[0] ?? ""}`];
    if (effect.type !== "send") return [];
    const { message, to } = effect;
    if (message.type === "retire") return [`retire ${to[0] ?? ""}`];
    if (message.type !== "granted") return [];
    return [`${message.callsMax ?? "all"} in ${message.worker[0] ?? ""}`];
  });
}

/** It has been told of a lease, and has begun so many calls under it. */
const over = (number: number, lease: number, begun: number): ClusterInput =>
  say(worker(number), { type: "leaseOver", lease, begun });

test("calls count together, alone or not, and the process ends after the last", () => {
  const brain = cluster(1);
  for (const input of [joined(SECOND), ready(1), limited(1)]) brain.step(input);
  brain.drain();
  brain.step(over(1, 1, 1));
  brain.step(limited(1, { ...REQUEST, apart: true }));
  assert.deepEqual(changes(brain), ["1 in 1"]);
  brain.step(over(1, 2, 1));
  assert.deepEqual(changes(brain), ["retire 1"]);
});

test("what waits has its calls counted as begun: another process is started, however many wait", () => {
  const brain = crowded();
  brain.step(limited(1));
  assert.deepEqual(changes(brain), ["2 in 1"]);
  for (let number = 1; number <= 4; number += 1) {
    brain.step(say(worker(number), { type: "blocked", lease: number + 4 }));
    brain.step(limited(1, REQUEST, number + 4));
  }
  assert.deepEqual(changes(brain), ["2 in 2", "2 in 3", "2 in 4", "spawn 5"]);
  brain.step(ready(5));
  assert.deepEqual(changes(brain), ["2 in 5"]);
});

test("where there may be no further process, a call more than one should run is better than none", () => {
  const brain = cluster(1);
  brain.step(joined(SECOND));
  brain.step(limited(200, { resources: {}, maxCalls: 1 }));
  for (let number = 1; number <= 128; number += 1) {
    brain.step(ready(number));
    assert.equal(brain.inspect().leases, number);
    brain.drain();
    brain.step(say(worker(number), { type: "blocked", lease: number }));
  }
  assert.deepEqual(changes(brain), ["1 in 1"]);
});
