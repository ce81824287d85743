// Values that cannot be read: their owner hears of it, and of all who wait for another.
import assert from "node:assert/strict";
import { test } from "node:test";
import { objectId } from "../../domain/id.ts";
import type { Payload } from "../../domain/object.ts";
import { cluster, DRIVER, gone, joined, ready, say, SECOND, worker } from "./scenes.ts";

const ID = objectId(DRIVER, 1);
const file = (number: number): string => objectId(DRIVER, number);

function value(stored: string): Payload {
  const where = { id: stored, sizes: [1_000_000], body: false };
  return { bytes: new Uint8Array(), buffers: [], refs: [stored], modules: false, stored: where };
}

test("an owner hears of each process that waits for a value that was lost, until there is another", () => {
  const brain = cluster(1);
  for (const input of [joined(DRIVER), joined(SECOND), ready(1)]) brain.step(input);
  const publish = (stored: string): void => {
    brain.step(say(DRIVER, { type: "store", id: stored, bytes: 1_000_000, medium: "disk" }));
    brain.step(say(DRIVER, { type: "publish", id: ID, outcome: { value: value(stored) } }));
  };
  brain.step(say(DRIVER, { type: "share", id: ID }));
  publish(file(2));
  for (const process of [SECOND, worker(1)]) brain.step(say(DRIVER, { type: "hold", id: ID, process }));
  brain.drain();

  const told = (): unknown[] =>
    brain.drain().flatMap((effect) => (effect.type === "send" && effect.to === DRIVER ? [effect.message] : []));
  const lost = { type: "lost", id: ID, stored: file(2) } as const;
  brain.step(say(SECOND, lost));
  assert.deepEqual(told(), [{ ...lost, reader: SECOND }]);
  brain.step(say(worker(1), { type: "subscribe", id: ID }));
  assert.deepEqual(told(), [{ ...lost, reader: worker(1) }]);
  publish(file(3));
  brain.step(say(worker(1), { type: "subscribe", id: ID }));
  brain.step(say(worker(1), lost));
  assert.deepEqual(told(), []);
});

test("an owner hears which actors wait for long for what it has not made yet", () => {
  const brain = cluster(1);
  for (const input of [joined(DRIVER), joined(SECOND), ready(1)]) brain.step(input);
  brain.step(say(DRIVER, { type: "share", id: ID }));
  for (const process of [SECOND, worker(1)]) brain.step(say(DRIVER, { type: "hold", id: ID, process }));
  const awaits = { type: "awaits", id: objectId(SECOND, 1), on: [ID, objectId(SECOND, 2)] } as const;
  const told = (): unknown[] =>
    brain.drain().flatMap((effect) => (effect.type === "send" && effect.to === DRIVER ? [effect.message] : []));
  // It does not wait for it there.
  brain.step(say(worker(1), awaits));
  brain.step(say(worker(1), { type: "subscribe", id: ID }));
  assert.deepEqual(told(), []);
  brain.step(say(worker(1), awaits));
  assert.deepEqual(told(), [{ type: "lost", id: ID, stored: ID, reader: worker(1) }]);
  brain.step(say(DRIVER, { type: "publish", id: ID, outcome: { value: value(file(2)) } }));
  brain.step(say(worker(1), awaits));
  assert.deepEqual(told(), []);
});

test("whoever waits for what only a process could make that has ended hears how that was", () => {
  const brain = cluster(1);
  const [mine, lost] = [1, 2].map((number) => objectId(worker(1), number)) as [string, string];
  for (const input of [joined(DRIVER), ready(1)]) brain.step(input);
  for (const id of [mine, lost]) {
    brain.step(say(worker(1), { type: "share", id }));
    brain.step(say(worker(1), { type: "hold", id, process: DRIVER }));
  }
  brain.step(say(worker(1), { type: "publish", id: lost, outcome: { value: value(file(3)) } }));
  brain.step(say(DRIVER, { type: "subscribe", id: mine }));
  brain.drain();
  const loss = { pid: 7, exitCode: null, signal: "SIGKILL", lastStderr: "" };
  brain.step(gone(worker(1), loss));
  brain.step(say(DRIVER, { type: "lost", id: lost, stored: file(3) }));
  const told = brain.drain().flatMap((effect) => {
    const message = effect.type === "send" && effect.to === DRIVER ? effect.message : undefined;
    return message?.type === "value" ? [message.outcome.failure] : [];
  });
  const died = { kind: "ownerDied", owner: worker(1), end: { loss, actor: undefined } } as const;
  assert.deepEqual(told, [
    { ...died, id: mine, lost: false },
    { ...died, id: lost, lost: true },
  ]);
});
