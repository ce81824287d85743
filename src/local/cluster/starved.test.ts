// Of whom it is told that he waits for long.
import assert from "node:assert/strict";
import { test } from "node:test";
import { objectId } from "../../domain/id.ts";
import { args, cluster, create, DRIVER, joined, ready, say, TICK, worker } from "./scenes.ts";

test("an actor that waits while others of its class are made is not told of; one that waits for a single other is", () => {
  const brain = cluster(1);
  const ids = Array.from({ length: 8 }, (_, index) => objectId(DRIVER, index + 1));
  for (const input of [joined(DRIVER), ready(1)]) brain.step(input);
  for (const id of ids) for (const message of [create(id), args(id)]) brain.step(say(DRIVER, message));
  const told = (ticks: number): number => {
    for (let tick = 0; tick < ticks; tick += 1) brain.step(TICK);
    return brain.drain().filter((effect) => effect.type === "send" && effect.message.type === "starved").length;
  };
  let lines = 0;
  for (let number = 1; number <= 4; number += 1) {
    lines += told(4);
    brain.step(say(worker(number), { type: "actorMade", id: ids[number - 1] ?? "", cleansUp: false }));
    brain.step(ready(number + 1));
  }
  assert.equal(lines, 0);
  // The fifth is never made.
  assert.ok(told(20) > 0);
});
