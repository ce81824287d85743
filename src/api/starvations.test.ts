// What is written of calls that wait for long for what others hold.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Starvation } from "../domain/news.ts";
import { StarvationLines } from "./starvations.ts";

const starvation: Starvation = {
  name: "train",
  site: { text: "main.ts:3:5" },
  request: { resources: { CPU: 10_000, GPU: 20_000 } },
  free: { GPU: 5_000 },
  holders: [
    { name: "infer", calls: 3, waiting: 0, held: { GPU: 7_500 } },
    { name: "prepare", calls: 1, waiting: 0, held: { GPU: 5_000 } },
  ],
};

test("one line for all calls that ask for the same: who waits for what, what is free, who has the rest", (t) => {
  const written: string[] = [];
  t.mock.method(process.stderr, "write", (text: string) => written.push(text) > 0);
  const lines = new StarvationLines();
  lines.tell(starvation);
  lines.tell({ ...starvation, name: "another" });
  lines.tell({ ...starvation, request: { resources: { GPU: 5_000 } }, holders: [] });
  const many = ["a", "b", "c", "d", "e"].map((name) => ({ name, calls: 1, waiting: 0, held: { CPU: 10_000 } }));
  lines.tell({ ...starvation, request: { resources: { CPU: 60_000 } }, free: { CPU: 0 }, holders: many });
  const advice =
    "It runs when there is enough; until then see what these calls do, ask for less, or start with more: init({ numCpus, numGpus, resources })";
  const waited = "ray-ts: task train (submitted at main.ts:3:5) has waited 10 s for";
  assert.deepEqual(written, [
    `${waited} CPU 1 and GPU 2: free is GPU 0.5, and 3 calls like infer have GPU 0.75, a call like prepare has GPU 0.5. ${advice}\n`,
    `${waited} GPU 0.5: free is GPU 0.5 in parts, and nobody has the rest. ${advice}\n`,
    `${waited} CPU 6: free is CPU 0, and a call like a has CPU 1, a call like b has CPU 1, a call like c has CPU 1, 2 more have the rest. ${advice}\n`,
  ]);
});

test("an actor that is not made is told of as one", (t) => {
  const written: string[] = [];
  t.mock.method(process.stderr, "write", (text: string) => written.push(text) > 0);
  new StarvationLines().tell({ ...starvation, name: "Trainer", isActor: true });
  assert.match(
    written.join(""),
    /^ray-ts: the actor Trainer \(made at main\.ts:3:5\) has waited 10 s for CPU 1 and GPU 2: .* It is made when there is enough;/,
  );
});

test("a holder that waits itself may wait for the very call that gets nothing", (t) => {
  const written: string[] = [];
  t.mock.method(process.stderr, "write", (text: string) => written.push(text) > 0);
  const lines = new StarvationLines();
  const parent = { name: "parent", calls: 1, waiting: 1, held: { license: 10_000 } };
  const request = { resources: { license: 10_000 } };
  lines.tell({ ...starvation, request, free: { license: 0 }, holders: [parent] });
  const more = { ...parent, calls: 3, waiting: 2, held: { license: 30_000 } };
  lines.tell({ ...starvation, request: { resources: { license: 20_000 } }, free: { license: 0 }, holders: [more] });
  const advice =
    "A call that waits lends its CPUs and keeps the rest: if it waits for this one, neither ever ends. Let them take different resources, ask for less";
  assert.ok(written[0]?.includes(`a call like parent has license 1 and waits itself. ${advice}`), written[0]);
  assert.ok(
    written[1]?.includes(`3 calls like parent have license 3, of which 2 wait themselves. ${advice}`),
    written[1],
  );
});

test("actors that have it are no calls, and can be ended", (t) => {
  const written: string[] = [];
  t.mock.method(process.stderr, "write", (text: string) => written.push(text) > 0);
  const lines = new StarvationLines();
  const worker = { name: "Worker", calls: 0, actors: 2, waiting: 0, held: { CPU: 20_000 } };
  const tell = (units: number, holders: Starvation["holders"]): void =>
    lines.tell({ ...starvation, request: { resources: { CPU: units } }, free: { CPU: 0 }, holders });
  tell(10_000, [worker]);
  tell(20_000, [
    { ...worker, actors: 1, held: { CPU: 10_000 } },
    { name: "f", calls: 1, waiting: 0, held: { CPU: 10_000 } },
  ]);
  const advice =
    "end actors that are no longer needed (ray.kill(handle): they have it as long as anybody has a handle), ask for less";
  const until = "It runs when there is enough; until then";
  assert.ok(written[0]?.includes(`and 2 actors Worker have CPU 2. ${until} ${advice}`), written[0]);
  assert.ok(
    written[1]?.includes(
      `and 1 actor Worker has CPU 1, a call like f has CPU 1. ${until} see what these calls do, ${advice}`,
    ),
    written[1],
  );
});

test("of a call whose environment takes long to be set up", (t) => {
  const written: string[] = [];
  t.mock.method(process.stderr, "write", (text: string) => written.push(text) > 0);
  new StarvationLines().tell({ ...starvation, free: {}, holders: [], setup: "file:///app/setup.mjs" });
  assert.deepEqual(written, [
    "ray-ts: task train (submitted at main.ts:3:5) has waited 10 s for its environment to be set up: the import of file:///app/setup.mjs " +
      "(runtimeEnv.setup) has not ended. See what it waits for; after 10 minutes the call fails\n",
  ]);
});
