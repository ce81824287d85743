// Whom the cluster brain ends when the machine is short of memory.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Cluster } from "./cluster.ts";
import { apart, cluster, demand, DRIVER, joined, ready, told, TICK, worker } from "./scenes.ts";

const GB = 1e9;

function press(brain: Cluster): { told: string[]; reasons: string[] } {
  const byWorker = new Map([1, 2, 3].map((number) => [worker(number), number * GB]));
  brain.step({ type: "memory", seen: { usedBytes: 97 * GB, totalBytes: 100 * GB, byWorker } });
  brain.check();
  const effects = brain.drain();
  const reasons = effects.flatMap((effect) => (effect.type === "kill" ? [effect.reason ?? ""] : []));
  return { told: effects.map(told), reasons };
}

/** The first two have calls that can be tried again, the third, the newest, one that cannot. */
function busy(): Cluster {
  const brain = cluster(3);
  for (const input of [joined(DRIVER), ready(1), ready(2), ready(3), demand(DRIVER, 2), apart(DRIVER, 1)])
    brain.step(input);
  brain.drain();
  return brain;
}

test("the newest call that can be tried again goes, and its error says what there was", () => {
  const { told: effects, reasons } = press(busy());
  assert.deepEqual(effects, ["kill 2"]);
  assert.equal(
    reasons[0],
    "97.0 % of the 100.0 GB of this machine were in use, and of the calls that run the newest one had to go; its process (pid 0) had " +
      "2.0 GB; others that run: f (pid 0) 3.0 GB, f (pid 0) 1.0 GB",
  );
});

test("one goes at a time, and the next when that has not helped for a second", () => {
  const brain = busy();
  press(brain);
  assert.deepEqual(press(brain).told, []);
  for (let tick = 0; tick < 10; tick += 1) brain.step(TICK);
  brain.drain();
  assert.equal(press(brain).told.length, 1);
});

test("nobody goes where no call runs", () => {
  const brain = cluster(1);
  for (const input of [joined(DRIVER), ready(1)]) brain.step(input);
  brain.drain();
  assert.deepEqual(press(brain).told, []);
});
