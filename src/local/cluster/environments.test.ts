// The cluster brain when calls ask for processes of other kinds.
import assert from "node:assert/strict";
import { test } from "node:test";
import { shapeOf } from "../../domain/request.ts";
import { normalEnv } from "../../domain/runtime-env.ts";
import type { Cluster } from "./cluster.ts";
import type { ClusterInput } from "./step.ts";
import { check, cluster, demand, DRIVER, gone, joined, ready, say, TICK, told, worker } from "./scenes.ts";

const OTHER = normalEnv({ envVars: { A: "1" } });

const KILLED = { pid: 2, exitCode: null, signal: "SIGKILL", lastStderr: "" };

/** Calls in another environment, of one CPU each. */
function other(lacking: number, from = DRIVER, seen = 0): ClusterInput {
  const request = { resources: { CPU: 10_000 }, env: OTHER };
  return say(from, { type: "demand", shape: shapeOf(request), request, lacking, seen, name: "f" });
}

check("a call in another environment gets a process of its own kind, and the CPU is kept for it meanwhile", 1, [
  [joined(DRIVER), []],
  [ready(1), ["ready"]],
  [other(1), ["spawn 2"]],
  [demand(DRIVER, 1), []],
  [ready(2), ["leased 1 → 2", "granted 1 → d", "recall 1 idle → 2"]],
  [say(DRIVER, { type: "giveBack", lease: 1, begun: 1 }), ["recall 1 over → 2", "leased 2 → 1", "granted 2 → d"]],
]);

check("its processes are used again, and what they submit is in the same environment", 2, [
  [joined(DRIVER), []],
  [ready(1), []],
  [ready(2), ["ready"]],
  [other(1), ["spawn 3"]],
  [ready(3), ["leased 1 → 3", "granted 1 → d"]],
  [demand(worker(3), 1), ["spawn 4", "recall 1 idle → 3"]],
  [ready(4), ["leased 2 → 4", "granted 2 → 3"]],
  [say(DRIVER, { type: "giveBack", lease: 1, begun: 1 }), ["recall 1 over → 3"]],
  [other(1, DRIVER, 1), ["leased 3 → 3", "granted 3 → d"]],
]);

check("a process that ends by itself before it is ready is the end of all calls that wait for its kind", 1, [
  [joined(DRIVER), []],
  [ready(1), ["ready"]],
  [other(2), ["spawn 2"]],
  [gone(worker(2), { pid: 2, exitCode: 78, signal: null, lastStderr: "no" }), ["setupFailed → d"]],
  // The CPU is nobody's any more.
  [demand(DRIVER, 1), ["leased 1 → 1", "granted 1 → d"]],
]);

check("one that was killed is started again, twice", 1, [
  [joined(DRIVER), []],
  [ready(1), ["ready"]],
  [other(1), ["spawn 2"]],
  [gone(worker(2), KILLED), ["spawn 3"]],
  [gone(worker(3), KILLED), ["spawn 4"]],
  [gone(worker(4), KILLED), ["setupFailed → d"]],
]);

test("its processes go when they have been idle for a while, those of the session stay", () => {
  const brain = cluster(1);
  for (const input of [joined(DRIVER), ready(1), other(1), ready(2)]) brain.step(input);
  brain.step(say(DRIVER, { type: "giveBack", lease: 1, begun: 1 }));
  brain.drain();
  const effects: string[] = [];
  for (let tick = 0; tick < 100; tick += 1) {
    brain.step({ type: "tick" });
    brain.check();
    effects.push(...brain.drain().map(told));
  }
  assert.deepEqual(effects, ["retire → 2"]);
});

const SLOW = normalEnv({ setup: "file:///slow.mjs" });

function slow(lacking: number, seen = 0): ClusterInput {
  const request = { resources: { CPU: 10_000 }, env: SLOW };
  return say(DRIVER, { type: "demand", shape: shapeOf(request), request, lacking, seen, name: "f" });
}

function toldIn(brain: Cluster, ticks: number): string[] {
  const effects: string[] = [];
  for (let tick = 0; tick < ticks; tick += 1) {
    brain.step({ type: "tick" });
    brain.check();
    effects.push(...brain.drain().map(told));
  }
  return effects;
}

check("others use the CPU while a module sets a process up, and when that has run its call comes first", 1, [
  [joined(DRIVER), []],
  [ready(1), ["ready"]],
  [slow(1), ["spawn 2"]],
  [demand(DRIVER, 2), ["leased 1 → 1", "granted 1 → d"]],
  [TICK, []],
  [TICK, []],
  [ready(2), ["recall 1 idle → 1"]],
  [TICK, ["recall 1 yield → 1"]],
  [
    say(DRIVER, { type: "giveBack", lease: 1, begun: 1 }),
    ["recall 1 over → 1", "leased 2 → 2", "granted 2 → d", "recall 2 idle → 2"],
  ],
]);

check("others use the CPU also while a module sets up a further process", 2, [
  [joined(DRIVER), []],
  [ready(1), []],
  [ready(2), ["ready"]],
  [slow(1), ["spawn 3"]],
  [ready(3), ["leased 1 → 3", "granted 1 → d"]],
  [slow(1, 1), ["spawn 4"]],
  [demand(DRIVER, 1), ["leased 2 → 2", "granted 2 → d"]],
  [TICK, []],
  [ready(4), ["recall 2 idle → 2"]],
  [say(DRIVER, { type: "giveBack", lease: 2, begun: 1 }), ["recall 2 over → 2", "leased 3 → 4", "granted 3 → d"]],
]);

test("a process that is not ready, and that nobody wants any more, is ended", () => {
  const brain = cluster(1);
  for (const input of [joined(DRIVER), ready(1), slow(1), slow(0)]) brain.step(input);
  brain.drain();
  assert.deepEqual(toldIn(brain, 50), []);
  assert.deepEqual(toldIn(brain, 1), ["kill 2"]);
  // It is ready just now: too late.
  for (const input of [ready(2), slow(1)]) brain.step(input);
  assert.deepEqual(brain.drain().map(told), ["spawn 3"]);
  brain.step(gone(worker(2), KILLED));
  assert.deepEqual(brain.drain().map(told), []);
  brain.step(ready(3));
  assert.deepEqual(brain.drain().map(told), ["leased 1 → 3", "granted 1 → d"]);
});

test("one that is wanted is told of when it takes long, and ended when it takes for ever: its calls fail", () => {
  const brain = cluster(1);
  for (const input of [joined(DRIVER), ready(1), slow(1)]) brain.step(input);
  brain.drain();
  assert.deepEqual(toldIn(brain, 199), ["starved → d"]);
  assert.deepEqual(toldIn(brain, 9), ["kill 2"]);
  brain.step(gone(worker(2), { ...KILLED, reason: "not ready" }));
  assert.deepEqual(brain.drain().map(told), ["setupFailed → d"]);
});
