// When every process is asked to collect garbage, because somebody waits for what actors have.
import assert from "node:assert/strict";
import { test } from "node:test";
import { objectId } from "../../domain/id.ts";
import type { Cluster } from "./cluster.ts";
import { args, cluster, create, demand, DRIVER, gpus, joined, ready, say, SECOND, TICK, worker } from "./scenes.ts";

const A = objectId(DRIVER, 1);
type Change = Parameters<typeof create>[1];

/** One CPU and one GPU, and an actor that was made. */
function withActor(change: Change = { placing: false }): Cluster {
  const brain = cluster(1, 1);
  for (const input of [joined(DRIVER), joined(SECOND), ready(1)]) brain.step(input);
  for (const message of [create(A, change), args(A)]) brain.step(say(DRIVER, message));
  brain.step(say(worker(1), { type: "actorMade", id: A, cleansUp: false }));
  brain.step(ready(2));
  brain.drain();
  return brain;
}

/** Ticks from 1 on in which the driver, and every other process, are asked. */
function asked(brain: Cluster, ticks: number): number[] {
  const when: number[] = [];
  for (let tick = 1; tick <= ticks; tick += 1) {
    brain.step(TICK);
    const to = brain
      .drain()
      .flatMap((effect) => (effect.type === "send" && effect.message.type === "collect" ? [effect.to] : []));
    if (to.length === 0) continue;
    when.push(tick);
    assert.equal(new Set(to).size, brain.inspect().drivers + brain.inspect().workers);
  }
  return when;
}

test("when a call has waited for what an actor has", () => {
  const brain = withActor();
  assert.deepEqual(asked(brain, 20), []);
  brain.step(demand(SECOND, 1));
  assert.deepEqual(asked(brain, 20), [3, 4, 8, 16]);
  brain.step(demand(SECOND, 0));
  assert.deepEqual(asked(brain, 20), []);
});

test("when an actor has, or a placement group", () => {
  const B = objectId(DRIVER, 2);
  const actor = withActor();
  for (const message of [create(B), args(B)]) actor.step(say(DRIVER, message));
  assert.deepEqual(asked(actor, 5), [3, 4]);
  const group = withActor();
  const plan = { id: B, bundles: [{ CPU: 10_000 }], strategy: "PACK" } as const;
  group.step(say(DRIVER, { type: "createGroup", plan, name: "", detached: false }));
  assert.deepEqual(asked(group, 5), [3, 4]);
});

test("not when it waits for what no actor has, or one that handles do not keep", () => {
  const brain = withActor();
  brain.step(gpus(SECOND, 1, 10_000));
  brain.step(gpus(DRIVER, 1, 10_000));
  assert.deepEqual(asked(brain, 20), []);
  const made = withActor({ placing: true });
  made.step(demand(SECOND, 1));
  made.step(demand(DRIVER, 1));
  assert.deepEqual(asked(made, 20), []);
  const detached = withActor({ placing: false, detached: true, name: "d" });
  detached.step(demand(SECOND, 1));
  assert.deepEqual(asked(detached, 20), []);
});

test("when an actor waits for memory for its process, which others have that need nothing else", () => {
  const brain = withActor({ placing: true });
  const B = objectId(DRIVER, 2);
  const full = { type: "memory", seen: { usedBytes: 99, totalBytes: 100, byWorker: new Map() } } as const;
  brain.step(full);
  assert.deepEqual(asked(brain, 5), []);
  brain.step(ready(2));
  for (const message of [create(B), args(B)]) brain.step(say(DRIVER, message));
  assert.deepEqual(asked(brain, 9), [3, 4, 8]);
});

test("not while the actor is being made: that ends by itself", () => {
  const brain = cluster(1);
  for (const input of [joined(DRIVER), joined(SECOND), ready(1)]) brain.step(input);
  for (const message of [create(A, { placing: false }), args(A)]) brain.step(say(DRIVER, message));
  brain.step(demand(SECOND, 1));
  assert.deepEqual(asked(brain, 20), []);
});
