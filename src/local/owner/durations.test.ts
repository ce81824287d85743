// When calls are told to be too short to be worth sending.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { TaskSpec } from "../../domain/task.ts";
import { Durations } from "./durations.ts";
import type { OwnerEffect } from "./step.ts";

test("short calls are told once, also when some of them looked long at first", () => {
  const effects: OwnerEffect[] = [];
  const durations = new Durations((effect) => effects.push(effect));
  const spec = { definition: "f1", name: "f", site: { text: "a.ts:1:2" } } as TaskSpec;
  const learn = (calls: number, micros: number): void => {
    for (let call = 0; call < calls; call += 1) durations.learn(spec, micros);
  };
  learn(999, 10);
  learn(1, 50_000);
  assert.equal(effects.length, 0, "the last of a thousand was long");
  learn(999, 10);
  assert.equal(effects.length, 0);
  learn(1, 10);
  assert.equal(effects.length, 1);
  assert.equal(effects[0]?.type, "short");
  learn(5000, 10);
  assert.equal(effects.length, 1, "once");
});
