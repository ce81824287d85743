// What is reserved together, and the calls that run in it. (The session has 2 CPUs, 2 GPUs and 1 license.)
import assert from "node:assert/strict";
import { afterEach, it } from "node:test";
import { isDeepStrictEqual } from "node:util";
import {
  availableResources,
  cancel,
  get,
  getCurrentPlacementGroup,
  getGpuIds,
  getPlacementGroup,
  getRuntimeContext,
  PlacementGroupAlreadyExistsError,
  PlacementGroupNotFoundError,
  PlacementGroupRemovedError,
  placementGroup,
  put,
  remote,
  removePlacementGroup,
  sleep,
  TaskCancelledError,
  UnschedulableError,
  wait,
  type ObjectRef,
  type PlacementGroup,
  type TaskOptions,
} from "ray-ts";
import { gateFolder, isOpen, meet, openGate, pass } from "./gate.ts";
import type { Setting } from "./setting.ts";

const ALL = { CPU: 2, GPU: 2, license: 1 };

/** But for the memory, which is as much as the machine has. */
async function free(): Promise<Record<string, number>> {
  const { memory: _memory, ...others } = await availableResources();
  return others;
}

/** Leases and what was given up may come back a little later than results. */
async function untilFree(expected: Record<string, number> = ALL): Promise<void> {
  while (!isDeepStrictEqual(await free(), expected));
}

async function errorOf(ref: ObjectRef<unknown>): Promise<Error> {
  const error: unknown = await get(ref).catch((reason: unknown) => reason);
  assert.ok(error instanceof Error, `no error, but ${String(error)}`);
  return error;
}

async function unschedulable(ref: ObjectRef<unknown>): Promise<string> {
  const error = await errorOf(ref);
  assert.ok(error instanceof UnschedulableError, String(error));
  return error.message;
}

const inGroup = (group: PlacementGroup, bundleIndex = -1): Pick<TaskOptions, "schedulingStrategy"> & object => ({
  schedulingStrategy: { placementGroup: group, bundleIndex },
});

export function placement({ address }: Setting): void {
  const together = remote(async function together(folder: string, party: string, member: number, size: number) {
    await meet(folder, party, member, size);
    return member;
  });
  const hold = remote(async function hold(folder: string, gate: string) {
    openGate(folder, `${gate}-began`);
    await pass(folder, `${gate}-end`);
  });
  const where = remote(function where() {
    return getRuntimeContext().placementGroupId;
  });

  afterEach(() => untilFree());

  it("says what it is", async () => {
    await using group = placementGroup([{ CPU: 1 }, { GPU: 1, CPU: 0.5 }]);
    assert.match(group.id, /^[0-9a-f]{28}$/);
    assert.deepEqual(group.bundles, [{ CPU: 1 }, { CPU: 0.5, GPU: 1 }]);
    assert.equal(group.bundleCount, 2);
    assert.equal(String(group), `PlacementGroup(${group.id})`);
    const ready = await get(group.ready());
    assert.equal(ready.id, group.id);
    assert.deepEqual(ready.bundles, group.bundles);
    assert.equal(await group.wait(), true);
  });

  it("takes what it reserves from all others, and gives it back", async () => {
    const group = placementGroup([{ CPU: 1, license: 1 }, { GPU: 0.5 }], { strategy: "STRICT_PACK" });
    await get(group.ready());
    await untilFree({ CPU: 1, GPU: 1.5 });
    await removePlacementGroup(group);
    assert.deepEqual(await free(), ALL);
    await removePlacementGroup(group);
  });

  it("runs calls in what is reserved, and nothing else there", async () => {
    const folder = gateFolder();
    await using group = placementGroup([{ CPU: 1 }, { CPU: 1 }]);
    const outside = remote(() => "outside").remote();
    assert.deepEqual(await get([0, 1].map((member) => where.options(inGroup(group, member)).remote())), [
      group.id,
      group.id,
    ]);
    // Nothing is left for calls that are in no group.
    assert.deepEqual(
      await get([0, 1].map((member) => together.options(inGroup(group)).remote(folder, "in", member, 2))),
      [0, 1],
    );
    await group[Symbol.asyncDispose]();
    assert.equal(await get(outside), "outside");
    assert.equal(await get(where.remote()), undefined);
  });

  it("lets a call have its bundle alone", async () => {
    const folder = gateFolder();
    await using group = placementGroup([{ CPU: 1 }, { CPU: 1 }]);
    const first = hold.options(inGroup(group, 0)).remote(folder, "first");
    await pass(folder, "first-began");
    const second = hold.options(inGroup(group, 0)).remote(folder, "second");
    for (let round = 0; round < 5; round += 1) await get(where.options(inGroup(group, 1)).remote());
    assert.equal(isOpen(folder, "second-began"), false);
    openGate(folder, "first-end");
    openGate(folder, "second-end");
    await get([first, second]);
  });

  it("gives each call GPUs of its bundle, and none twice", async () => {
    const folder = gateFolder();
    await using group = placementGroup([{ GPU: 1 }, { GPU: 0.5 }, { GPU: 0.5 }]);
    const ids = remote(
      async (party: string, member: number, size: number) => {
        await meet(folder, party, member, size);
        return [getGpuIds().join(), process.env["CUDA_VISIBLE_DEVICES"]];
      },
      { numCpus: 0, numGpus: 0.5 },
    );
    const refs = [0, 1, 2].map((bundle) => ids.options(inGroup(group, bundle)).remote(address, bundle, 3));
    const seen = (await get(refs)) as string[][];
    const [whole, one, other] = seen.map(([mine]) => mine);
    assert.equal(one, other);
    assert.notEqual(whole, one);
    if (address === "local") for (const [mine, visible] of seen) assert.equal(mine, visible);
    const both = ids.options({ numGpus: 1, ...inGroup(group, 1) }).remote("never", 0, 1);
    assert.match(await unschedulable(both), /asks for GPU 1, but bundle 1 of its placement group has GPU 0\.5 in all/);
  });

  it("lends the CPUs of a call that waits to its bundle", async () => {
    await using group = placementGroup([{ CPU: 1 }]);
    const fib = remote(async function fib(n: number): Promise<number> {
      if (n < 2) return n;
      const self = remote(fib);
      const [one, two] = await get([self.remote(n - 1), self.remote(n - 2)]);
      return one + two;
    });
    const captured = fib.options({ schedulingStrategy: { placementGroup: group, captureChildTasks: true } });
    assert.equal(await get(captured.remote(6)), 8);
  });

  it("takes along what its calls submit, where that is asked for", async () => {
    await using group = placementGroup([{ CPU: 1 }, { CPU: 1 }]);
    const parent = remote(async (strategy: "DEFAULT" | undefined) => {
      const child = remote(async () => {
        const grandchild = remote(() => getRuntimeContext().placementGroupId, { numCpus: 0 });
        return [getRuntimeContext().placementGroupId, await get(grandchild.remote())];
      });
      const own = child.options({ numCpus: 0, ...(strategy === undefined ? {} : { schedulingStrategy: strategy }) });
      return [getCurrentPlacementGroup()?.id, ...(await get(own.remote()))];
    });
    const { id } = group;
    const captures = { schedulingStrategy: { placementGroup: group, bundleIndex: 1, captureChildTasks: true } };
    assert.deepEqual(await get(parent.options(captures).remote(undefined)), [id, id, id]);
    assert.deepEqual(await get(parent.options(captures).remote("DEFAULT")), [id, undefined, undefined]);
    assert.deepEqual(await get(parent.options(inGroup(group)).remote(undefined)), [id, undefined, undefined]);
    assert.equal(getCurrentPlacementGroup(), undefined);
    const greedy = remote(async () => get(remote(() => 1, { numCpus: 2 }).remote()));
    assert.match(
      await unschedulable(greedy.options(captures).remote()),
      /no bundle of its placement group has that much/,
    );
  });

  it("waits until there is enough for all of its bundles, and takes nothing before", async () => {
    const folder = gateFolder();
    const running = hold.remote(folder, "one");
    await pass(folder, "one-began");
    const group = placementGroup([{ CPU: 1, license: 1 }, { CPU: 1 }]);
    const ready = group.ready();
    const inside = where.options(inGroup(group)).remote();
    assert.equal(await group.wait(0), false);
    assert.equal(await group.wait(20), false);
    assert.deepEqual(await free(), { CPU: 1, GPU: 2, license: 1 });
    openGate(folder, "one-end");
    await get(running);
    assert.equal((await get(ready)).id, group.id);
    assert.equal(await get(inside), group.id);
    await removePlacementGroup(group);
  });

  it("says at once what can never be reserved", async () => {
    const cases: [bundles: Record<string, number>[], strategy: "PACK" | "STRICT_SPREAD", message: RegExp][] = [
      [
        [{ CPU: 1 }, { CPU: 2 }],
        "PACK",
        /ask for CPU 3 together, but the only node has CPU 2, GPU 2, license 1, memory [\d.]+ .B in all\.\n.*too little of: CPU/,
      ],
      [[{ cpu: 1 }], "PACK", /ask for cpu 1 together[^]*too little of: cpu \(did you mean CPU\?\)/],
      [[{ GPU: 0.7 }, { GPU: 0.7 }, { GPU: 0.5 }], "PACK", /no way to share the GPUs for \{ GPU 0\.7 \}/],
      [
        [{ CPU: 1 }, { CPU: 1 }],
        "STRICT_SPREAD",
        /wants its 2 bundles on as many nodes \(STRICT_SPREAD\), but there is one node/,
      ],
    ];
    for (const [bundles, strategy, message] of cases) {
      const group = placementGroup(bundles, { strategy });
      const told = await unschedulable(group.ready());
      assert.match(told, message);
      assert.match(told, /submitted at .*placement/);
      assert.match(await unschedulable(where.options(inGroup(group)).remote()), message);
      assert.equal(await group.wait(), false);
      await removePlacementGroup(group);
    }
    await using one = placementGroup([{ CPU: 1 }], { strategy: "STRICT_SPREAD" });
    assert.equal(await one.wait(), true);
    await using spread = placementGroup([{ CPU: 0.5 }, { CPU: 0.5 }], { strategy: "SPREAD" });
    assert.equal(await spread.wait(), true);
  });

  it("says at once when a call asks for more than its bundle has", async () => {
    await using group = placementGroup([{ CPU: 0.5 }, { CPU: 1, license: 1 }]);
    assert.match(
      await unschedulable(where.options(inGroup(group, 0)).remote()),
      /Task where can never run: it asks for CPU 1, but bundle 0 of its placement group has CPU 0\.5 in all\.\n.*submitted at/,
    );
    const large = where.options({ numCpus: 1.5, ...inGroup(group) });
    assert.match(
      await unschedulable(large.remote()),
      /asks for CPU 1\.5, and no bundle .* has that much: \{ CPU 0\.5 \}, \{ CPU 1/,
    );
    assert.equal(await get(where.options({ resources: { license: 1 }, ...inGroup(group) }).remote()), group.id);
  });

  it("fails what waits in a group that is removed, and what runs in it", async () => {
    const folder = gateFolder();
    const group = placementGroup([{ CPU: 1 }]);
    const running = remote(async (gates: string) => {
      openGate(gates, "running-began");
      await sleep(1e9);
    }, inGroup(group)).remote(folder);
    await pass(folder, "running-began");
    const waiting = where.options(inGroup(group)).remote();
    const dependent = remote((_: unknown) => 1, inGroup(group)).remote(running);
    await removePlacementGroup(group);
    const later = where.options(inGroup(group)).remote();
    for (const ref of [running, waiting, dependent, later, group.ready()]) {
      const error = await errorOf(ref);
      assert.ok(error instanceof PlacementGroupRemovedError, String(error));
      assert.equal(error.code, "RAY_PLACEMENT_GROUP_REMOVED_ERROR");
      const happened = ref === running || ref === dependent ? "was ended" : "cannot run";
      assert.match(
        error.message,
        new RegExp(`${happened} in PlacementGroup\\(${group.id}\\): that group has been removed`),
      );
    }
    assert.equal(await group.wait(), false);
  });

  it("fails what waits to be tried again in a group that is removed, however long it would have to", async () => {
    const group = placementGroup([{ CPU: 1 }]);
    const options = { retryExceptions: true, retryDelayMs: 1e8, ...inGroup(group) } as const;
    const delayed = remote(function flaky(): never {
      throw new Error("not yet");
    }, options).remote();
    // The one that comes after it in the only bundle.
    assert.equal(await get(where.options(inGroup(group)).remote()), group.id);
    await removePlacementGroup(group);
    assert.ok((await errorOf(delayed)) instanceof PlacementGroupRemovedError);
  });

  it("ends a stream in a group that is removed, after the items that it has made", async () => {
    const group = placementGroup([{ CPU: 1 }]);
    const items = remote(async function* () {
      yield 1;
      yield getRuntimeContext().placementGroupId;
      await sleep(1e9);
    }, inGroup(group));
    const values = items.remote().values();
    assert.deepEqual([(await values.next()).value, (await values.next()).value], [1, group.id]);
    const ended = assert.rejects(values.next(), PlacementGroupRemovedError);
    await removePlacementGroup(group);
    await ended;
  });

  it("can be removed before it is there", async () => {
    const first = placementGroup([{ CPU: 2 }]);
    const second = placementGroup([{ CPU: 2 }]);
    const third = placementGroup([{ CPU: 2 }]);
    const pending = second.ready();
    await get(first.ready());
    await removePlacementGroup(second);
    assert.ok((await errorOf(pending)) instanceof PlacementGroupRemovedError);
    await removePlacementGroup(first);
    await get(third.ready());
    await removePlacementGroup(third);
  });

  it("is found by its name, which no other can have", async () => {
    const group = placementGroup([{ CPU: 1 }], { name: "trainers" });
    const found = await getPlacementGroup("trainers");
    assert.equal(found.id, group.id);
    assert.deepEqual(found.bundles, group.bundles);
    await using second = placementGroup([{ CPU: 1 }], { name: "trainers" });
    const error = await errorOf(second.ready());
    assert.ok(error instanceof PlacementGroupAlreadyExistsError, String(error));
    assert.match(
      error.message,
      /PlacementGroup\([\da-f]+, trainers\): that group was never made, because another group has its name/,
    );
    await assert.rejects(getPlacementGroup("trainer"), (reason: unknown) => {
      assert.ok(reason instanceof PlacementGroupNotFoundError, String(reason));
      assert.match(reason.message, /No placement group has the name "trainer"\.\n.*Did you mean "trainers"\?/);
      return true;
    });
    await removePlacementGroup(found);
    await assert.rejects(getPlacementGroup("trainers"), PlacementGroupNotFoundError);
    await using third = placementGroup([{ CPU: 1 }], { name: "trainers", lifetime: "detached" });
    assert.equal((await getPlacementGroup("trainers")).id, third.id);
  });

  it("travels, and is used and removed where it arrives", async () => {
    await using group = placementGroup([{ CPU: 1 }]);
    const use = remote(async (given: PlacementGroup, [nested]: [PlacementGroup]) => {
      const inside = remote(() => getRuntimeContext().placementGroupId, inGroupThere(given));
      const found = await get(inside.remote());
      await get(nested.ready());
      return [found, await given.wait(), given.bundles] as const;
    });
    const inGroupThere = (there: PlacementGroup): object => ({ schedulingStrategy: { placementGroup: there } });
    const [found, ready, bundles] = await get(use.remote(group, [group]));
    assert.deepEqual([found, ready, bundles], [group.id, true, [{ CPU: 1 }]]);
    const [stored] = await get(put([group]));
    assert.equal(stored?.id, group.id);
    const removes = remote((given: PlacementGroup) => removePlacementGroup(given));
    await get(removes.remote(group));
    assert.ok((await errorOf(group.ready())) instanceof PlacementGroupRemovedError);
  });

  it("can be made in a task, and outlives it", async () => {
    const make = remote(() => placementGroup([{ CPU: 1 }]));
    const group = await get(make.remote());
    assert.equal(await get(where.options(inGroup(group)).remote()), group.id);
    await removePlacementGroup(group);
  });

  it("lets a call be cancelled that waits for its group", async () => {
    await using first = placementGroup([{ CPU: 2 }]);
    await using second = placementGroup([{ CPU: 2 }]);
    const waiting = where.options(inGroup(second)).remote();
    await get(first.ready());
    await cancel(waiting);
    assert.ok((await errorOf(waiting)) instanceof TaskCancelledError);
    const [ready] = await wait([second.ready()], { timeoutMs: 20 });
    assert.deepEqual(ready, []);
  });
}
