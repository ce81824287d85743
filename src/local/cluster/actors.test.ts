// Actors in the cluster brain: what a list of messages comes to.
import assert from "node:assert/strict";
import { test } from "node:test";
import { definitionId, objectId, type ProcessId } from "../../domain/id.ts";
import type { Payload } from "../../domain/object.ts";
import type { FromDaemon, ToDaemon } from "../../protocol/daemon.ts";
import type { Cluster } from "./cluster.ts";
import { args, cluster, create, demand, DRIVER, gone, joined, ready, say, SECOND, told, worker } from "./scenes.ts";

const A = objectId(DRIVER, 1);
const KILLED = { pid: 1, exitCode: null, signal: "SIGKILL", lastStderr: "" };

const kill = (restart: boolean): ToDaemon => ({
  type: "ask",
  ask: 1,
  question: { killActor: A, restart, by: "" },
});

function sent(brain: Cluster, to: ProcessId): FromDaemon[] {
  return brain.drain().flatMap((effect) => (effect.type === "send" && effect.to === to ? [effect.message] : []));
}

/** A driver's actor lives in the first worker. */
function alive(change: { name?: string; maxRestarts?: number } = {}): Cluster {
  const brain = cluster(1);
  for (const input of [joined(DRIVER), joined(SECOND), ready(1), say(DRIVER, create(A, change)), say(DRIVER, args(A))])
    brain.step(input);
  brain.step(say(worker(1), { type: "actorMade", id: A, cleansUp: false }));
  brain.drain();
  return brain;
}

test("an actor that is sought before it is heard of is told of when it is there", () => {
  const brain = cluster(1);
  for (const input of [joined(DRIVER), joined(SECOND), ready(1), say(SECOND, { type: "seek", id: A })])
    brain.step(input);
  assert.deepEqual(sent(brain, SECOND), []);
  for (const input of [say(DRIVER, create(A)), say(DRIVER, args(A))]) brain.step(input);
  brain.step(say(worker(1), { type: "actorMade", id: A, cleansUp: false }));
  assert.deepEqual(
    sent(brain, SECOND).map(({ type }) => type),
    ["actorAt"],
  );
});

test("an actor that is killed before it is heard of does not live", () => {
  const brain = cluster(1);
  for (const input of [joined(DRIVER), joined(SECOND), ready(1), say(SECOND, kill(false))]) brain.step(input);
  for (const input of [say(DRIVER, create(A)), say(DRIVER, args(A))]) brain.step(input);
  assert.equal(brain.inspect().actors.get(A)?.death?.end, "killed");
  assert.deepEqual(sent(brain, worker(1)), []);
});

test("an actor does not live in the process that has made it, or that calls it: that may be needed for other things", () => {
  const brain = cluster(1);
  const mine = objectId(worker(1), 1);
  for (const input of [joined(DRIVER), ready(1), demand(DRIVER, 1), say(worker(1), create(mine))]) brain.step(input);
  for (const input of [demand(DRIVER, 0), say(worker(1), args(mine))]) brain.step(input);
  brain.drain();
  brain.step(say(worker(1), { type: "leaseOver", lease: 1, begun: 1 }));
  assert.deepEqual(brain.drain().map(told), ["spawn 2"]);
  brain.step(ready(2));
  assert.deepEqual(
    sent(brain, worker(2)).map(({ type }) => type),
    ["host"],
  );
});

test("an actor that has handed itself on meanwhile is kept", () => {
  const brain = alive();
  brain.step(say(DRIVER, { type: "release", id: A, count: 1 }));
  const asked = sent(brain, worker(1));
  assert.deepEqual(
    asked.map(({ type }) => type),
    ["recall"],
  );
  const lease = asked[0] !== undefined && "lease" in asked[0] ? asked[0].lease : 0;
  brain.step(say(worker(1), { type: "hold", id: A, process: SECOND }));
  brain.step(say(worker(1), { type: "leaseOver", lease, begun: 0 }));
  assert.deepEqual(sent(brain, worker(1)), []);
  brain.step(say(SECOND, { type: "release", id: A, count: 1 }));
  brain.step(say(worker(1), { type: "leaseOver", lease, begun: 0 }));
  assert.deepEqual(
    sent(brain, worker(1)).map(({ type }) => type),
    ["recall", "retire"],
  );
});

test("one that is killed to be started again, and then for good, ends", () => {
  const brain = alive({ maxRestarts: -1 });
  for (const input of [say(DRIVER, kill(true)), say(DRIVER, kill(false)), gone(worker(1), KILLED)]) brain.step(input);
  assert.equal(brain.inspect().actors.get(A)?.state, "dead");
});

test("a name is free when its actor is about to end for good", () => {
  const brain = alive({ name: "one" });
  const other = objectId(SECOND, 1);
  for (const input of [say(DRIVER, kill(false)), say(SECOND, create(other, { name: "one" }))]) brain.step(input);
  assert.equal(brain.inspect().actors.get(other)?.state, "waiting");
});

test("whoever has forgotten where an actor lives, and asks while that process ends, hears of its death", () => {
  const brain = alive();
  const seek = say(SECOND, { type: "seek", id: A });
  for (const input of [seek, say(DRIVER, kill(true)), seek, gone(worker(1), KILLED)]) brain.step(input);
  assert.deepEqual(
    sent(brain, SECOND).map(({ type }) => type),
    ["actorAt", "actorDead", "workerLost"],
  );
});

/** Another handle of the driver's actor, which was made by name. */
function named(creator: ProcessId): { brain: Cluster; alias: string; isSameActor: () => boolean } {
  const brain = alive({ name: "one" });
  const alias = objectId(creator, 1);
  brain.step(say(creator, create(alias, { name: "one", getIfExists: true })));
  brain.drain();
  const isSameActor = (): boolean => brain.inspect().aliases.get(alias)?.id === A;
  return { brain, alias, isSameActor };
}

test("another handle of an actor that only its own process has can be handed on from there later", () => {
  const { brain, alias, isSameActor } = named(SECOND);
  brain.step(say(SECOND, { type: "hold", id: alias, process: worker(1) }));
  brain.step(say(SECOND, { type: "release", id: alias, count: 1 }));
  const [asked] = sent(brain, worker(1));
  const lease = asked?.type === "recall" ? asked.lease : 0;
  brain.step(say(worker(1), { type: "leaseOver", lease, begun: 0 }));
  assert.ok(isSameActor());
  brain.step(say(worker(1), { type: "hold", id: alias, process: SECOND }));
  brain.step(say(DRIVER, { type: "release", id: A, count: 1 }));
  brain.step(say(worker(1), { type: "leaseOver", lease, begun: 0 }));
  assert.deepEqual(sent(brain, worker(1)), []);
  for (const input of [gone(worker(1), KILLED), say(SECOND, { type: "release", id: alias, count: 1 })])
    brain.step(input);
  assert.ok(!isSameActor());
});

test("an actor that asks for itself by its name does not keep itself alive", () => {
  const { brain, alias } = named(worker(1));
  assert.ok(!brain.sharedObjects().includes(alias));
});

test("whoever makes an actor hears that it waits for what others hold", () => {
  const brain = cluster(1);
  for (const input of [joined(DRIVER), joined(SECOND), ready(1), demand(SECOND, 1)]) brain.step(input);
  for (const input of [say(DRIVER, create(A)), say(DRIVER, args(A))]) brain.step(input);
  const heard: FromDaemon[] = [];
  // Asked to end after its call, which it never does.
  for (let tick = 0; tick < 10; tick += 1) {
    brain.step({ type: "tick" });
    heard.push(...sent(brain, DRIVER));
  }
  const starved = heard.filter((message) => message.type === "starved");
  assert.deepEqual(
    starved.map(({ actor, shortage }) => [actor?.name, shortage.holders.map(({ name }) => name)]),
    [["C", ["f"]]],
  );
});

test("an actor that ends its process while it is made has died then", () => {
  const brain = cluster(1);
  for (const input of [joined(DRIVER), ready(1), say(DRIVER, create(A)), say(DRIVER, args(A))]) brain.step(input);
  brain.step(gone(worker(1), { pid: 1, exitCode: 3, signal: null, lastStderr: "" }));
  const death = brain.inspect().actors.get(A)?.death;
  assert.deepEqual([death?.end, death?.by], ["crashed", "while its constructor ran"]);
  const later = alive();
  later.step(gone(worker(1), KILLED));
  assert.equal(later.inspect().actors.get(A)?.death?.by, undefined);
});

/** It is to live in the first worker, where one of its two values cannot be read. */
function lacking(change: { name?: string; detached?: boolean } = {}): Cluster {
  const brain = cluster(1);
  for (const input of [joined(DRIVER), joined(SECOND), ready(1), say(DRIVER, create(A, change))]) brain.step(input);
  for (const id of [F, G]) brain.step(say(DRIVER, { type: "store", id, bytes: 1, medium: "disk" }));
  brain.step(say(DRIVER, { type: "actorArgs", id: A, args: none, positions: [0, 2], values: [inFile(F), inFile(G)] }));
  for (const id of [F, G]) brain.step(say(DRIVER, { type: "release", id, count: 1 }));
  brain.step(say(worker(1), { type: "actorFailed", id: A, cause: LACKS_G }));
  return brain;
}
const [F, G, H] = [2, 3, 4].map((number) => objectId(DRIVER, number)) as [string, string, string];
const LACKS_G = { kind: "lost", id: G, reason: "" } as const;
const none: Payload = { bytes: new Uint8Array(), buffers: [], refs: [], modules: false };
const inFile = (id: string): Payload => ({ ...none, refs: [id], stored: { id, sizes: [1], body: false } });

test("an actor whose constructor lacks a value is made elsewhere when its creator has sent another", () => {
  const brain = lacking({ name: "one" });
  brain.step(gone(worker(1), KILLED));
  assert.deepEqual(
    sent(brain, DRIVER).map(({ type }) => type),
    ["actorLacks", "workerLost"],
  );
  for (const input of [
    say(DRIVER, { type: "store", id: H, bytes: 1, medium: "disk" }),
    say(DRIVER, { type: "actorArgs", id: A, args: none, positions: [2], values: [inFile(H)] }),
    say(DRIVER, { type: "release", id: H, count: 1 }),
  ])
    brain.step(input);
  assert.deepEqual(brain.sharedObjects().sort(), [A, F, H].sort());
  brain.step({ type: "tick" });
  const spawned = brain.drain().flatMap((effect) => (effect.type === "spawn" ? [effect.worker] : []));
  brain.step(say(spawned[0] ?? worker(2), { type: "ready" }));
  const [host] = sent(brain, spawned[0] ?? worker(2));
  assert.ok(host?.type === "host");
  assert.deepEqual([host.restarts, host.positions, host.values.map(({ stored }) => stored?.id)], [0, [0, 2], [F, H]]);
  brain.check();
});

test("an actor whose constructor lacks a value ends when its creator cannot send another, or it is killed", () => {
  for (const [input, end] of [
    [say(DRIVER, { type: "actorFailed", id: A, cause: LACKS_G }), "failed"],
    [say(DRIVER, kill(false)), "killed"],
    [gone(DRIVER), "creatorGone"],
  ] as const) {
    for (const early of [true, false]) {
      if (early && end === "failed") continue;
      const brain = lacking({ detached: true });
      for (const each of early ? [input, gone(worker(1), KILLED)] : [gone(worker(1), KILLED), input]) brain.step(each);
      assert.equal(brain.inspect().actors.get(A)?.death?.end ?? end, end);
      brain.check();
    }
  }
});

/** Whether the cluster has the class for a process that asks. */
function hasClass(brain: Cluster, definition: string): boolean {
  brain.drain();
  brain.step(say(SECOND, { type: "fetch", definition }));
  return sent(brain, SECOND).some((message) => message.type === "definition" && message.payload !== undefined);
}

test("an actor is made again of its class, of which nobody has a handle any more, and the class goes with it", () => {
  const definition = definitionId(DRIVER, 1);
  const brain = cluster(1);
  for (const input of [
    ...[joined(DRIVER), joined(SECOND), ready(1), say(DRIVER, { type: "define", definition, payload: none })],
    ...[create(A, { maxRestarts: 1, definition }), args(A)].map((message) => say(DRIVER, message)),
    say(DRIVER, { type: "undefine", definition }),
    gone(worker(1), KILLED),
  ])
    brain.step(input);
  assert.ok(hasClass(brain, definition));
  brain.step(say(DRIVER, kill(false)));
  assert.ok(!hasClass(brain, definition));
});

test("an actor that is never made keeps no class", () => {
  const definition = definitionId(DRIVER, 1);
  const B = objectId(DRIVER, 2);
  for (const change of [{ name: "one" }, { name: "one", getIfExists: true }]) {
    const brain = alive({ name: "one" });
    for (const message of [
      { type: "define", definition, payload: none } as const,
      create(B, { ...change, definition }),
      { type: "undefine", definition } as const,
    ])
      brain.step(say(DRIVER, message));
    assert.ok(!hasClass(brain, definition));
  }
});
