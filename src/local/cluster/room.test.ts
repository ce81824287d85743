// What becomes of actors when the machine has no memory, or the system no room, for another process.
import assert from "node:assert/strict";
import { test } from "node:test";
import { objectId } from "../../domain/id.ts";
import type { Failure, WorkerLoss } from "../../domain/object.ts";
import type { Cluster } from "./cluster.ts";
import { args, cluster, create, demand, DRIVER, gone, joined, ready, say, TICK, told, worker } from "./scenes.ts";

const [A, B] = [objectId(DRIVER, 1), objectId(DRIVER, 2)];
const GB = 1e9;

/** Of 100 GB so many are in use. */
function look(brain: Cluster, used: number): void {
  const byWorker = new Map([[worker(1), 20_000_000]]);
  brain.step({ type: "memory", seen: { usedBytes: used * GB, totalBytes: 100 * GB, byWorker } });
}

function make(brain: Cluster, id: string): void {
  for (const message of [create(id), args(id)]) brain.step(say(DRIVER, message));
}

function ticks(brain: Cluster, count: number): void {
  for (let tick = 0; tick < count; tick += 1) brain.step(TICK);
  brain.check();
}

function causeOf(brain: Cluster, id: string): Failure | undefined {
  return brain.inspect().actors.get(id)?.death?.cause;
}

/** The first actor lives in the first worker, and another process is ready. */
function living(): Cluster {
  const brain = cluster(1);
  for (const input of [joined(DRIVER), ready(1)]) brain.step(input);
  make(brain, A);
  brain.step(say(worker(1), { type: "actorMade", id: A, cleansUp: false }));
  brain.step(TICK);
  brain.step(ready(2));
  brain.drain();
  return brain;
}

test("an actor waits while there is no memory for its process, and is made when there is", () => {
  const brain = living();
  look(brain, 94.99);
  make(brain, B);
  ticks(brain, 20);
  assert.equal(brain.inspect().actors.get(B)?.state, "pending");
  look(brain, 90);
  ticks(brain, 1);
  assert.equal(brain.inspect().actors.get(B)?.state, "starting");
});

test("it is refused when there is none for long, with what there is and who has it; calls go on", () => {
  const brain = living();
  look(brain, 94.99);
  make(brain, B);
  ticks(brain, 31);
  const cause = causeOf(brain, B);
  assert.equal(cause?.kind, "setupFailed");
  assert.equal(
    cause?.kind === "setupFailed" && cause.loss.outOfMemory === true && cause.loss.reason,
    "95.0 % of the 100.0 GB of this machine are in use, and another one takes some 32 MB; 1 actor lives in processes that have 20 MB, 20 MB each",
  );
  brain.drain();
  brain.step(demand(DRIVER, 1));
  assert.ok(
    brain
      .drain()
      .map(told)
      .some((effect) => effect.startsWith("granted")),
  );
});

test("those that are starting count, before what they take shows", () => {
  const brain = cluster(4);
  for (const input of [joined(DRIVER), ready(1), ready(2), ready(3), ready(4)]) brain.step(input);
  look(brain, 94.95);
  for (let number = 1; number <= 4; number += 1) make(brain, objectId(DRIVER, number));
  const states = (): string[] => [...brain.inspect().actors.values()].map(({ state }) => state);
  assert.deepEqual(states(), ["starting", "starting", "starting", "starting"], "in processes that were there");
  make(brain, A);
  ticks(brain, 1);
  assert.ok(brain.inspect().starting > 0);
  make(brain, objectId(DRIVER, 5));
  ticks(brain, 1);
  assert.equal(brain.inspect().actors.get(objectId(DRIVER, 5))?.state, "pending");
});

test("an actor is refused when the system starts no more processes, and calls go on with those that there are", () => {
  const brain = living();
  brain.step(demand(DRIVER, 1, 0));
  brain.drain();
  make(brain, B);
  const loss: WorkerLoss = { pid: 0, exitCode: null, signal: null, lastStderr: "", reason: "spawn node EMFILE" };
  for (let attempt = 0; attempt < 40; attempt += 1) {
    brain.step(TICK);
    for (const effect of brain.drain()) if (effect.type === "spawn") brain.step(gone(effect.worker, loss));
  }
  const cause = causeOf(brain, B);
  assert.equal(cause?.kind === "setupFailed" && cause.loss.reason, "spawn node EMFILE");
});
