// The memory that calls ask for: it is counted like other resources, and where there are processes, no call takes more.
import assert from "node:assert/strict";
import { it } from "node:test";
import {
  availableResources,
  clusterResources,
  get,
  getRuntimeContext,
  OutOfMemoryError,
  remote,
  sleep,
  UnschedulableError,
} from "ray-ts";
import { itIsolated, type Setting } from "./setting.ts";

const MB = 1_000_000;
/** A call that nobody ends gives up here, and its test fails. */
const ENOUGH_MB = 1_500;

export function memory(setting: Setting): void {
  const isolated = itIsolated(setting);
  it("counts the memory that calls ask for, in bytes", async () => {
    const { memory: all = 0 } = await clusterResources();
    assert.ok(all > 0 && Number.isInteger(all), String(all));
    const look = remote(async () => [(await availableResources())["memory"], getRuntimeContext().assignedResources], {
      memory: 50 * MB,
    });
    assert.deepEqual(await get(look.remote()), [all - 50 * MB, { CPU: 1, memory: 50 * MB }]);
    await assert.rejects(get(look.options({ memory: all + MB }).remote()), UnschedulableError);
  });

  it("says of any amount, however large, that there is not so much", async () => {
    const look = remote(() => "not reached");
    for (const options of [
      { memory: Number.MAX_SAFE_INTEGER },
      { resources: { license: Number.MAX_VALUE } },
      { numCpus: 1e300 },
      { numGpus: 1e300 },
    ])
      await assert.rejects(get(look.options(options).remote()), UnschedulableError);
    assert.equal(await get(look.remote()), "not reached");
  });

  isolated("ends a call that has more resident than it asked for, Buffers included, and no other", async () => {
    const takes = remote(
      async function takes(): Promise<number> {
        const kept: Buffer[] = [];
        while (kept.length < ENOUGH_MB) {
          kept.push(Buffer.alloc(MB, 1));
          if (kept.length % 10 === 0) await sleep(1);
        }
        return kept.length;
      },
      { memory: 100 * MB, maxRetries: 0 },
    );
    const other = remote(() => "other");
    const [taken, beside] = await Promise.allSettled([get(takes.remote()), get(other.remote())]);
    assert.equal(beside.status, "fulfilled");
    const error: unknown = taken.status === "rejected" ? taken.reason : taken.value;
    assert.ok(error instanceof OutOfMemoryError, String(error));
    assert.match(
      error.message,
      /^Task takes ran out of memory: its process took \d+ MB more than before its first call, and its option memory allows 100 MB\. It was tried once\./,
    );
  });

  isolated("bounds the heap of such a call, and not of those that it submits", async () => {
    const heap = remote(() => process.execArgv.filter((option) => option.startsWith("--max-old-space-size")));
    const outer = remote(async () => [await get(heap.remote()), process.execArgv.includes("--max-old-space-size=96")]);
    assert.deepEqual(await get(outer.options({ memory: 96 * 1024 * 1024 }).remote()), [[], true]);
    const fills = remote(
      function fills(): number {
        const kept: string[][] = [];
        while (kept.length < ENOUGH_MB)
          kept.push(Array.from({ length: 10_000 }, (_, index) => `${kept.length} ${index}`));
        return kept.length;
      },
      { memory: 60 * MB, maxRetries: 0 },
    );
    await assert.rejects(get(fills.remote()), OutOfMemoryError);
  });
}
