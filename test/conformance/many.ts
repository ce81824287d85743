// Numbers that would show a quadratic cost, a leak of listeners, or an order that only holds for a few.
import assert from "node:assert/strict";
import { it } from "node:test";
import { asCompleted, get, getRuntimeContext, remote, sleep, wait, type ObjectRef } from "ray-ts";
import { gateFolder, isOpen, openGate, pass } from "./gate.ts";
import type { Setting } from "./setting.ts";

export function many({ exceptions }: Setting): void {
  const identity = remote((n: number) => n);

  it("runs 10,000 calls", async () => {
    const refs = Array.from({ length: 10_000 }, (_, index) => identity.remote(index));
    assert.deepEqual(await get(refs), [...refs.keys()]);
  });

  it("runs 10,000 calls in no more processes than there are CPUs", async () => {
    const where = remote(() => getRuntimeContext().workerId);
    const workers = new Set(await get(Array.from({ length: 10_000 }, () => where.remote())));
    assert.ok(workers.size <= 2, [...workers].join(" "));
  });

  it("lets ten calls of the driver through while a task has ten thousand waiting", async (test) => {
    if (exceptions["process isolation"] !== undefined) return test.skip("one process submits all, in order");
    const folder = gateFolder();
    const slow = remote(async (where: string) => {
      const late = isOpen(where, "served");
      if (!late) await sleep(5);
      return late;
    });
    const flood = remote(async (where: string) => {
      const refs = Array.from({ length: 10_000 }, () => slow.remote(where));
      openGate(where, "flooded");
      return (await get(refs)).filter((late) => late).length;
    });
    const flooding = flood.remote(folder);
    await pass(folder, "flooded");
    for (let round = 0; round < 10; round++) assert.equal(await get(identity.remote(round)), round);
    openGate(folder, "served");
    assert.ok((await get(flooding)) > 0, "the ten came before the last of the others");
  });

  it("runs a chain of 1,000 calls, each waiting for the one before", async () => {
    const next = remote((n: number) => n + 1);
    let ref = next.remote(0);
    for (let length = 1; length < 1000; length++) ref = next.remote(ref);
    assert.equal(await get(ref), 1000);
  });

  it("waits for 1,000 refs, one after the other", async () => {
    let pending: ObjectRef<number>[] = Array.from({ length: 1000 }, (_, index) => identity.remote(index));
    const seen = new Set<number>();
    while (pending.length > 0) {
      const [ready, rest] = await wait(pending);
      for (const ref of ready) seen.add(await get(ref));
      pending = rest;
    }
    assert.equal(seen.size, 1000);
  });

  it("hands out 1,000 refs as they become ready", async () => {
    const seen = new Set<number>();
    for await (const ref of asCompleted(Array.from({ length: 1000 }, (_, index) => identity.remote(index))))
      seen.add(await get(ref));
    assert.equal(seen.size, 1000);
  });

  it("takes 1,000 refs in one argument and as 1,000 arguments", async () => {
    const refs = Array.from({ length: 1000 }, (_, index) => identity.remote(index));
    const sumOf = remote(async (parts: readonly ObjectRef<number>[]) => (await get(parts)).reduce((a, b) => a + b));
    const sum = remote((...parts: number[]) => parts.reduce((a, b) => a + b));
    assert.deepEqual(await get([sumOf.remote(refs), sum.remote(...refs)]), [499_500, 499_500]);
  });
}
