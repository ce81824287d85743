// How sessions begin and end.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { afterEach, it } from "node:test";
import {
  ActorDiedError,
  clusterResources,
  ConnectionError,
  exitActor,
  get,
  getGpuIds,
  getRuntimeContext,
  init,
  isInitialized,
  placementGroup,
  put,
  remote,
  removePlacementGroup,
  RuntimeEnvSetupError,
  SessionClosedError,
  shutdown,
  sleep,
  wait,
  type ActorHandle,
  type ObjectRef,
} from "ray-ts";
import { itIsolated, type Setting } from "./setting.ts";
import { gateFolder, openGate, pass } from "./gate.ts";

/** Says that it has cleaned up, and that nothing of the session is of use there any more. */
class Guest {
  readonly #folder: string;
  readonly #name: string;

  constructor(folder: string, name: string) {
    this.#folder = folder;
    this.#name = name;
  }

  name(): string {
    return this.#name;
  }

  stay(): Promise<void> {
    return new Promise(() => {});
  }

  exit(): void {
    exitActor();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#name === "never") openGate(this.#folder, this.#name);
    if (this.#name === "never") await this.stay();
    await sleep(1);
    assert.throws(() => put(1), SessionClosedError);
    openGate(this.#folder, this.#name);
  }
}

export function lifecycle(setting: Setting): void {
  const isolated = itIsolated(setting);
  const { address } = setting;
  const identity = remote((n: number) => n);
  afterEach(() => shutdown());

  it("begins with init and ends with shutdown, as often as one likes", async () => {
    const sessions = new Set<string>();
    for (let round = 0; round < 3; round++) {
      assert.equal(isInitialized(), false);
      const context = await init({ address, numCpus: 1 });
      assert.equal(isInitialized(), true);
      sessions.add(context.sessionId);
      assert.equal(await get(identity.remote(round)), round);
      await shutdown();
    }
    await shutdown();
    assert.equal(sessions.size, 3);
  });

  it("gives concurrent inits, and later ones that agree, the same session", async () => {
    const [a, b] = await Promise.all([init({ address, numCpus: 1 }), init({ address, numCpus: 1 })]);
    assert.equal(a, b);
    assert.equal(await init(), a);
    assert.equal(await init({ numCpus: 1 }), a);
    await assert.rejects(init({ numCpus: 2 }), /another numCpus: 1, and not 2/);
    assert.equal(await init({ numCpus: 2, ignoreReinitError: true }), a);
  });

  it("uses the GPUs that the program may see, by their numbers", async () => {
    const before = process.env["CUDA_VISIBLE_DEVICES"];
    process.env["CUDA_VISIBLE_DEVICES"] = "5,7,5";
    try {
      await init({ address, numCpus: 1 });
      assert.equal((await clusterResources())["GPU"], 2);
      const see = remote(() => [getGpuIds(), process.env["CUDA_VISIBLE_DEVICES"]] as const, { numGpus: 2 });
      assert.deepEqual(await get(see.remote()), [[5, 7], "5,7"]);
      await shutdown();
      await assert.rejects(
        init({ address, numGpus: 3 }),
        /numGpus is 3, but CUDA_VISIBLE_DEVICES=5,7,5 .* lets this program see 2/,
      );
    } finally {
      if (before === undefined) delete process.env["CUDA_VISIBLE_DEVICES"];
      else process.env["CUDA_VISIBLE_DEVICES"] = before;
    }
  });

  it("ends with its placement groups, which are of no use in another one", async () => {
    await init({ address, numCpus: 1 });
    const group = placementGroup([{ CPU: 1 }], { lifetime: "detached" });
    await get(group.ready());
    await shutdown();
    const inside = identity.options({ schedulingStrategy: { placementGroup: group } });
    const told = { name: "SessionClosedError", message: /PlacementGroup\(.*the group is of an earlier session/ };
    for (const session of ["none", "another"]) {
      if (session === "another") await init({ address, numCpus: 1 });
      await assert.rejects(removePlacementGroup(group), told);
      assert.throws(() => group.ready(), told);
      await assert.rejects(group.wait(), told);
      assert.throws(() => inside.remote(1), told);
      assert.equal(isInitialized(), session === "another");
    }
    // As `await using` does at the end of its block.
    await group[Symbol.asyncDispose]();
  });

  it("ends with the block that holds its context", async () => {
    {
      await using context = await init({ address, numCpus: 1, namespace: "mine" });
      assert.equal(context.namespace, "mine");
      assert.equal(await get(identity.remote(1)), 1);
    }
    assert.equal(isInitialized(), false);
  });

  it("lets actors clean up at its end, whatever they were about, and waits for none for long", async () => {
    const folder = gateFolder();
    await init({ address, numCpus: 1 });
    const guests = remote(Guest, { maxConcurrency: 2 });
    const actors = ["idle", "busy", "exits", "never"].map((name) => guests.remote(folder, name));
    const [, busy, exits] = actors as [ActorHandle<Guest>, ActorHandle<Guest>, ActorHandle<Guest>];
    await get(actors.map((actor) => actor.name.remote()));
    const pending = [busy.stay.remote(), exits.stay.remote()];
    await assert.rejects(get(exits.exit.remote()), ActorDiedError);
    await shutdown();
    assert.deepEqual(readdirSync(folder).sort(), ["busy", "exits", "idle", "never"]);
    for (const ref of pending) await assert.rejects(get(ref), SessionClosedError);
  });

  it("takes work before the cluster is there", async () => {
    const started = init({ address, numCpus: 1 });
    const refs = [identity.remote(1), identity.remote(identity.remote(2)), put(3)];
    assert.deepEqual(await get(refs), [1, 2, 3]);
    await started;
  });

  it("begins by itself, where the environment says", async () => {
    const before = process.env["RAY_TS_ADDRESS"];
    process.env["RAY_TS_ADDRESS"] = address;
    try {
      assert.equal(await get(identity.remote(1)), 1);
      assert.equal(isInitialized(), true);
      assert.equal((await init()).address, (await init({ address })).address);
      await assert.rejects(
        init({ numCpus: 77 }),
        /\w+\.remote\(\) began it, with the defaults\. Call init\(\) before anything/,
      );
      await shutdown();
      getRuntimeContext();
      await assert.rejects(init({ numCpus: 77 }), /getRuntimeContext\(\) began it, with the defaults/);
    } finally {
      if (before === undefined) delete process.env["RAY_TS_ADDRESS"];
      else process.env["RAY_TS_ADDRESS"] = before;
    }
  });

  it("lends the CPU of a call that waits: one is enough for any depth", async () => {
    await init({ address, numCpus: 1 });
    const countdown: { remote(n: number): ObjectRef<number> } = remote(async (n: number): Promise<number> =>
      n === 0 ? 0 : 1 + (await get(countdown.remote(n - 1))),
    );
    assert.equal(await get(countdown.remote(5)), 5);
    const side = remote(async () => {
      const waits = await Promise.all([wait([identity.remote(1)]), wait([identity.remote(2)])]);
      return get(waits.flatMap(([ready]) => ready));
    });
    assert.deepEqual(await get(side.remote()), [1, 2]);
  });

  it("ends what is pending at shutdown, and refuses refs of an earlier session", async () => {
    await init({ address, numCpus: 1 });
    const folder = gateFolder();
    const stuck = remote(async (where: string) => pass(where, "end")).remote(folder);
    const behind = identity.remote(1);
    const done = put("value");
    const pending = [get(stuck), get(behind), get([done, stuck])].map((one) => assert.rejects(one, SessionClosedError));
    const waiting = wait([stuck, behind], { numReturns: 2 });
    await shutdown();
    await Promise.all(pending);
    assert.equal((await waiting)[0].length, 2);
    openGate(folder, "end");
    await assert.rejects(get(done), SessionClosedError);
    await assert.rejects(wait([done]), SessionClosedError);
    assert.throws(() => identity.remote(done as ObjectRef<never>), SessionClosedError);
    assert.equal(isInitialized(), false, "a ref of an ended session begins no new one");
    await init({ address, numCpus: 1 });
    await assert.rejects(get(done), SessionClosedError);
    assert.equal(await get(identity.remote(2)), 2, "handles outlive sessions");
  });

  it("says which addresses there are", async () => {
    for (const other of ["auto", "ray://head:10001", "inlin"])
      await assert.rejects(init({ address: other }), ConnectionError);
    assert.equal(isInitialized(), false);
  });

  isolated("gives all workers the environment of the session, or says why there are none", async () => {
    await init({ address, numCpus: 1, runtimeEnv: { envVars: { RAY_TS_TEST_A: "1", RAY_TS_TEST_B: "1" } } });
    const look = remote(() => [process.env["RAY_TS_TEST_A"], process.env["RAY_TS_TEST_B"]]);
    const other = look.options({ runtimeEnv: { envVars: { RAY_TS_TEST_B: "2" } } });
    assert.deepEqual(await get([look.remote(), other.remote()]), [
      ["1", "1"],
      ["1", "2"],
    ]);
    await shutdown();
    const nowhere = init({ address, numCpus: 1, runtimeEnv: { workingDir: "/nowhere/at/all" } });
    await assert.rejects(nowhere, (error: Error) => {
      assert.ok(error instanceof RuntimeEnvSetupError, String(error));
      assert.match(
        error.message,
        /^The environment of the session could not be set up: .*\/nowhere\/at\/all does not exist/,
      );
      return true;
    });
    assert.equal(isInitialized(), false);
  });
}
