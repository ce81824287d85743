// Which GPUs a call is given, and how it hears of that. (The session has 2 GPUs. The machine may have none: nobody asks it.)
import assert from "node:assert/strict";
import { it } from "node:test";
import { availableResources, get, getGpuIds, getRuntimeContext, remote, sleep, UnschedulableError } from "ray-ts";
import { gateFolder, meet } from "./gate.ts";
import { visibleAtImport } from "./reads-gpus.ts";
import type { Setting } from "./setting.ts";

interface Seen {
  readonly ids: readonly number[];
  readonly context: readonly number[];
  readonly visible: string | undefined;
  readonly assigned: Readonly<Record<string, number>>;
}

export function gpus({ exceptions }: Setting): void {
  const look = remote(
    function look(): Seen {
      const { gpuIds, assignedResources } = getRuntimeContext();
      const visible = process.env["CUDA_VISIBLE_DEVICES"];
      return { ids: getGpuIds(), context: gpuIds, visible, assigned: assignedResources };
    },
    { numCpus: 0 },
  );
  /** All of a party have their GPUs at the same time. */
  const meets = remote(
    async (folder: string, party: string, member: number, size: number) => {
      await meet(folder, party, member, size);
      return getGpuIds();
    },
    { numCpus: 0 },
  );

  async function untilFree(): Promise<void> {
    while ((await availableResources())["GPU"] !== 2) await sleep(1);
  }

  it("gives a call concrete GPUs, and says which", async () => {
    await untilFree();
    const seen = await get(look.options({ numGpus: 2 }).remote());
    assert.deepEqual(seen, { ids: [0, 1], context: [0, 1], visible: "0,1", assigned: { GPU: 2 } });
  });

  it("has the variable set before modules of the call are imported", async (test) => {
    if (exceptions["process isolation"] !== undefined) return test.skip(exceptions["process isolation"]);
    const read = remote(() => visibleAtImport(), { numGpus: 1 });
    assert.match((await get(read.remote())) ?? "", /^[01]$/);
  });

  it("shows no GPU to a call that takes none", async (test) => {
    const { ids, context, visible, assigned } = await get(look.remote());
    assert.deepEqual({ ids, context, assigned }, { ids: [], context: [], assigned: {} });
    if (exceptions["process isolation"] !== undefined) return test.skip(exceptions["process isolation"]);
    assert.equal(visible, "");
  });

  it("shows none in the driver, whose variable stays as it was", async () => {
    const before = process.env["CUDA_VISIBLE_DEVICES"];
    await get(look.options({ numGpus: 1 }).remote());
    assert.deepEqual(getGpuIds(), []);
    assert.equal(process.env["CUDA_VISIBLE_DEVICES"], before);
  });

  it("gives whole GPUs to one call at a time", async () => {
    await untilFree();
    const folder = gateFolder();
    const whole = meets.options({ numGpus: 1 });
    const ids = await get([0, 1].map((member) => whole.remote(folder, "whole", member, 2)));
    assert.deepEqual(new Set(ids.flat()), new Set([0, 1]));
  });

  it("lets calls share a GPU, and fills one before the next", async () => {
    await untilFree();
    const folder = gateFolder();
    const share = meets.options({ numGpus: 0.25 });
    const ids = await get([0, 1, 2, 3].map((member) => share.remote(folder, "shares", member, 4)));
    assert.equal(new Set(ids.flat()).size, 1);
    await untilFree();
    const large = meets.options({ numGpus: 0.6 });
    const others = await get([0, 1].map((member) => large.remote(folder, "large", member, 2)));
    assert.deepEqual(new Set(others.flat()), new Set([0, 1]));
  });

  it("counts what is free of all GPUs, and shows no single ones", async () => {
    await untilFree();
    const count = remote(() => availableResources(), { numCpus: 0, numGpus: 0.5 });
    const { CPU: _cpu, memory: _memory, ...others } = await get(count.remote());
    assert.deepEqual(others, { GPU: 1.5, license: 1 });
  });

  it("runs calls without GPUs while others wait for some", async () => {
    const folder = gateFolder();
    const holder = meets.options({ numGpus: 2 }).remote(folder, "held", 0, 2);
    const waits = look.options({ numGpus: 1 }).remote();
    const plain = remote((n: number) => n);
    for (let round = 0; round < 20; round++) assert.equal(await get(plain.remote(round)), round);
    await get(meets.remote(folder, "held", 1, 2));
    assert.equal((await get([holder, waits]))[1].ids.length, 1);
  });

  it("refuses more than there are at once, and parts of several when the options are given", async () => {
    await assert.rejects(get(look.options({ numGpus: 3 }).remote()), UnschedulableError);
    assert.throws(() => look.options({ numGpus: 1.5 }), {
      name: "TypeError",
      message: /the option numGpus should be 0, a part of one from 0.0001 on, or a whole number, but got 1\.5/,
    });
    assert.throws(() => look.options({ resources: { GPU: 1 } }), /left out \(the option numGpus is for it\)/);
    assert.throws(() => look.options({ resources: { "GPU:0": 1 } }), /left out \(the option numGpus is for it\)/);
  });
}
