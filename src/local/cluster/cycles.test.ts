// Who waits for whom, and when that is told.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FromDaemon } from "../../protocol/daemon.ts";
import type { Actor } from "./actor.ts";
import { Cycles } from "./cycles.ts";

const actor = (id: string): Actor => ({ id, job: "driver", plan: { className: id.toUpperCase(), name: "" } }) as Actor;

function scene(): { cycles: Cycles; told: () => string[] } {
  const sent: FromDaemon[] = [];
  const cycles = new Cycles(actor, (_to, message) => sent.push(message));
  const told = (): string[] =>
    sent
      .splice(0)
      .map((message) => (message.type === "cycle" ? message.actors.map(({ id }) => id).join() : message.type));
  return { cycles, told };
}

test("a circle is told when it closes, once, however it is entered", () => {
  const { cycles, told } = scene();
  cycles.awaits(actor("a"), ["b"]);
  cycles.awaits(actor("b"), ["x", "c"]);
  assert.deepEqual(told(), []);
  cycles.awaits(actor("c"), ["a"]);
  assert.deepEqual(told(), ["c,a,b"]);
  cycles.awaits(actor("a"), ["b"]);
  assert.deepEqual(told(), []);
});

test("an actor that waits for itself is a circle of one", () => {
  const { cycles, told } = scene();
  cycles.awaits(actor("a"), ["a"]);
  assert.deepEqual(told(), ["a"]);
});

test("who goes on, or has ended, closes none", () => {
  const { cycles, told } = scene();
  cycles.awaits(actor("a"), ["b"]);
  cycles.awaits(actor("a"), []);
  cycles.awaits(actor("b"), ["a"]);
  cycles.awaits(actor("c"), ["d"]);
  cycles.forget("c");
  cycles.awaits(actor("d"), ["c"]);
  assert.deepEqual(told(), []);
});
