// Who waits for whom, and when that is told.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FromDaemon } from "../../protocol/daemon.ts";
import type { Actor } from "./actor.ts";
import { Cycles } from "./cycles.ts";

/** Actors have small letters, and live in processes of that name; calls have large ones. */
const actor = (id: string): Actor | undefined =>
  id >= "a"
    ? ({ id, job: "driver", plan: { className: id, name: "" }, lease: { worker: { id: `in ${id}` } } } as Actor)
    : undefined;

function scene(): { awaits: (id: string, on: readonly string[]) => void; cycles: Cycles; told: () => string[] } {
  const sent: FromDaemon[] = [];
  const cycles = new Cycles(actor, (_to, message) => sent.push(message));
  const told = (): string[] =>
    sent
      .splice(0)
      .map((message) => (message.type === "cycle" ? message.actors.map(({ id }) => id).join() : message.type));
  return { awaits: (id, on) => cycles.awaits(`in ${id}`, { id, on }), cycles, told };
}

test("a circle is told when it closes, once, however it is entered", () => {
  const { awaits, told } = scene();
  awaits("a", ["b"]);
  awaits("b", ["x", "c"]);
  assert.deepEqual(told(), []);
  awaits("c", ["a"]);
  assert.deepEqual(told(), ["c,a,b"]);
  awaits("a", ["b"]);
  assert.deepEqual(told(), []);
});

test("an actor that waits for itself is a circle of one", () => {
  const { awaits, told } = scene();
  awaits("a", ["a"]);
  assert.deepEqual(told(), ["a"]);
});

test("calls may stand between actors, or between an actor and itself", () => {
  const { awaits, told } = scene();
  awaits("a", ["T", "U"]);
  awaits("U", ["V"]);
  awaits("V", ["b"]);
  awaits("b", ["a"]);
  assert.deepEqual(told(), ["b,a"]);
  awaits("T", ["a"]);
  assert.deepEqual(told(), ["a"]);
});

test("many that wait for the same are looked at once each", () => {
  const { awaits, told } = scene();
  const layers = Array.from({ length: 40 }, (_, layer) => [`L${layer}`, `R${layer}`]);
  layers.forEach((layer, index) => layer.forEach((id) => awaits(id, layers[index + 1] ?? ["END"])));
  awaits("a", layers[0] ?? []);
  assert.deepEqual(told(), []);
});

test("a chain of very many calls is followed to its end, once for each time that something in it changes", () => {
  const { awaits, told } = scene();
  const length = 100_000;
  for (let call = 1; call <= length; call += 1) awaits(`T${call}`, [call === length ? "a" : `T${call + 1}`]);
  assert.deepEqual(told(), []);
  for (let times = 0; times < 1_000; times += 1) awaits("T1", ["T2"]);
  awaits("a", ["T1"]);
  assert.deepEqual(told(), ["a"]);
});

test("who goes on, or has ended, closes none; nor does what another process says of an actor", () => {
  const { awaits, cycles, told } = scene();
  awaits("a", ["b"]);
  awaits("a", []);
  awaits("b", ["a"]);
  awaits("c", ["d"]);
  cycles.gone("in c");
  awaits("d", ["c"]);
  cycles.awaits("in x", { id: "e", on: ["e"] });
  assert.deepEqual(told(), []);
});
