// Calls that are to be apart: a process of their own, however many processes wait, and nobody else in it.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProcessId } from "../../domain/id.ts";
import type { Cluster } from "./cluster.ts";
import { apart, crowded, demand, ready, say, SECOND, worker } from "./scenes.ts";

/** Whom the effects lease, and whom they start. */
function changes(brain: Cluster): { leased: [number, ProcessId][]; spawned: ProcessId[] } {
  const leased: [number, ProcessId][] = [];
  const spawned: ProcessId[] = [];
  for (const effect of brain.drain()) {
    if (effect.type === "spawn") spawned.push(effect.worker);
    else if (effect.type === "send" && effect.message.type === "leased") leased.push([effect.message.lease, effect.to]);
  }
  return { leased, spawned };
}

test("a process is started for it, however many wait", () => {
  const brain = crowded();
  brain.step(apart(SECOND, 1));
  assert.deepEqual(changes(brain), { leased: [], spawned: [worker(5)] });
  brain.step(ready(5));
  assert.deepEqual(changes(brain), { leased: [[5, worker(5)]], spawned: [] });
});

test("other calls go where others wait, and not to it", () => {
  const brain = crowded();
  brain.step(apart(SECOND, 1));
  brain.step(ready(5));
  brain.step(say(worker(5), { type: "blocked", lease: 5 }));
  brain.drain();
  brain.step(demand(SECOND, 40));
  const hosts: ProcessId[] = [];
  for (let lease = 6; lease < 46; lease += 1) {
    const { leased, spawned } = changes(brain);
    assert.deepEqual(spawned, []);
    assert.equal(leased[0]?.[0], lease);
    const host = leased[0]?.[1] ?? "";
    hosts.push(host);
    brain.step(say(host, { type: "blocked", lease }));
  }
  assert.equal(new Set(hosts).size, 4);
  assert.ok(!hosts.includes(worker(5)));
});
