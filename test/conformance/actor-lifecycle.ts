// How actors begin, and how they end.
import assert from "node:assert/strict";
import { it } from "node:test";
import {
  ActorDiedError,
  ActorUnavailableError,
  availableResources,
  exitActor,
  get,
  getCurrentPlacementGroup,
  getRuntimeContext,
  kill,
  listNamedActors,
  placementGroup,
  PlacementGroupRemovedError,
  remote,
  removePlacementGroup,
  sleep,
  TaskError,
  UnschedulableError,
  type ActorHandle,
  type ObjectRef,
} from "ray-ts";
import { gateFolder, openGate, pass, roomIn } from "./gate.ts";

class NeverMade {
  constructor() {
    exitActor();
  }

  ok(): string {
    return "ok";
  }
}

class Life {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    openGate(folder, `born-${getRuntimeContext().wasCurrentActorReconstructed}`);
  }

  ok(): string {
    return "ok";
  }

  async wait(gate: string): Promise<string> {
    openGate(this.#folder, `${gate}-begun`);
    await pass(this.#folder, gate);
    return gate;
  }

  async untilStopped(): Promise<void> {
    openGate(this.#folder, "waits");
    await sleep(Infinity);
  }

  exit(): string {
    exitActor();
  }

  exitAnyway(): string {
    try {
      exitActor();
    } catch {
      return "caught";
    }
  }

  again(): boolean {
    return getRuntimeContext().wasCurrentActorReconstructed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.resolve();
    openGate(this.#folder, "disposed");
  }
}

/** Keeps what it makes. */
class Maker {
  readonly #made: ActorHandle<Life>[] = [];

  make(folder: string, name: string, lifetime?: "detached"): ActorHandle<Life>[] {
    this.#made.push(Lives.options({ name, ...(lifetime && { lifetime }) }).remote(folder));
    return this.#made.slice(-1);
  }
}

class Failing {
  constructor(why: string) {
    throw new RangeError(why);
  }

  ok(): string {
    return "ok";
  }
}

class Placed {
  readonly #born = getRuntimeContext().placementGroupId;

  async groups(): Promise<(string | undefined)[]> {
    const child = remote(() => getRuntimeContext().placementGroupId, { numCpus: 0 });
    const { placementGroupId } = getRuntimeContext();
    return [this.#born, placementGroupId, getCurrentPlacementGroup()?.id, await get(child.remote())];
  }
}

const Lives = remote(Life);

async function died(ref: ObjectRef<unknown>, message: RegExp): Promise<ActorDiedError> {
  const error: unknown = await get(ref).then(
    () => assert.fail("the actor lives"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ActorDiedError, String(error));
  assert.match(error.message, message);
  return error;
}

async function lives(folder: string, actor: ActorHandle<Life>): Promise<void> {
  assert.equal(await get(actor.ok.remote()), "ok");
  await pass(folder, "born-false");
}

async function untilFree(amounts: Readonly<Record<string, number>>): Promise<void> {
  for (;;) {
    const free = await availableResources();
    if (Object.entries(amounts).every(([name, amount]) => free[name] === amount)) return;
    await sleep(1);
  }
}

export function actorLifecycle(): void {
  const folders = gateFolder();

  it("is killed: what waits and what is to come fails, and says who did it", async () => {
    const folder = roomIn(folders);
    const actor = Lives.remote(folder);
    const running = actor.wait.remote("never");
    const queued = actor.ok.remote();
    await pass(folder, "never-begun");
    await kill(actor);
    await died(running, /Actor\(Life, \w+\) was killed by ray\.kill at .*actor-lifecycle\.ts:\d+.*may or may not/);
    await died(queued, /was killed.*Life\.ok did not run/);
    const error = await died(actor.ok.remote(), /was killed/);
    assert.match(error.actorId, /^[0-9a-f]{28}$/);
    await kill(actor);
    openGate(folder, "never");
  });

  it("is killed before it is made", async () => {
    const folder = roomIn(folders);
    const argument = remote(async () => {
      await pass(folder, "argument");
      return folder;
    }).remote();
    const actor = Lives.remote(argument);
    const call = actor.ok.remote();
    await kill(actor);
    await died(call, /was killed/);
    openGate(folder, "argument");
    await get(argument);
  });

  for (const method of ["exit", "exitAnyway"] as const)
    it(`ends itself by ${method}, after what runs and with what it does last`, async () => {
      const folder = roomIn(folders);
      const actor = Lives.options({ maxConcurrency: 2 }).remote(folder);
      const running = actor.wait.remote("gate");
      await pass(folder, "gate-begun");
      await died(actor[method].remote(), /has ended itself with exitActor\(\)/);
      await died(actor.ok.remote(), /exitActor.*Life\.ok did not run/);
      openGate(folder, "gate");
      assert.equal(await get(running), "gate");
      await pass(folder, "disposed");
    });

  it("refuses what waits when it ends itself", async () => {
    const folder = roomIn(folders);
    const actor = Lives.remote(folder);
    const refs = [actor.exit.remote(), actor.ok.remote()];
    for (const ref of refs) await died(ref, /exitActor/);
  });

  it("tells each call why its constructor failed", async () => {
    const actor = remote(Failing).remote("no room");
    for (const ref of [actor.ok.remote(), actor.ok.remote()]) {
      const { cause } = await died(ref, /Failing.*never made.*constructor threw[^]*no room/);
      assert.ok(cause instanceof TaskError);
      assert.ok(cause instanceof RangeError);
      assert.match(cause.message, /Failing\.constructor threw.*no room/);
    }
  });

  it("was never made when its constructor leaves", async () => {
    const error = await died(remote(NeverMade).remote().ok.remote(), /was never made.*NeverMade\.ok did not run/);
    assert.match((error.cause as Error).message, /by exitActor in its constructor/);
  });

  it("fails when an argument of its constructor did", async () => {
    const argument = remote((): string => {
      throw new RangeError("no argument");
    }).remote();
    const { cause } = await died(
      Lives.remote(argument).ok.remote(),
      /never made, because an argument of its constructor failed/,
    );
    assert.ok(cause instanceof RangeError);
  });

  it("says at once when nothing could ever hold it", async () => {
    const actor = Lives.options({ numCpus: 100 }).remote("");
    await assert.rejects(get(actor.ok.remote()), (error: unknown) => {
      assert.ok(error instanceof UnschedulableError, String(error));
      assert.match(error.message, /^Actor Life can never run: it asks for CPU 100.*[^]*Actor\(Life, /);
      assert.equal(error.stack?.split(error.message).length, 2);
      return true;
    });
  });

  it("ends when its last handle is gone, after its calls", async () => {
    const folder = roomIn(folders);
    const actor = Lives.remote(folder);
    const calls = [actor.wait.remote("gate"), actor.ok.remote()];
    actor[Symbol.dispose]();
    openGate(folder, "gate");
    assert.deepEqual(await get(calls), ["gate", "ok"]);
    await pass(folder, "disposed");
  });

  it("lives as long as somebody else has a handle", async () => {
    const folder = roomIn(folders);
    class Owner {
      readonly #actor: ActorHandle<Life>;
      constructor(actor: { handle: ActorHandle<Life> }) {
        this.#actor = actor.handle;
      }
      async use(): Promise<string> {
        return get(this.#actor.ok.remote());
      }
    }
    const actor = Lives.remote(folder);
    const owner = remote(Owner).remote({ handle: actor });
    await get(owner.use.remote());
    actor[Symbol.dispose]();
    assert.equal(await get(owner.use.remote()), "ok");
    await kill(owner);
    owner[Symbol.dispose]();
  });

  it("goes with the actor that has made it, unless it is detached", async () => {
    const folder = roomIn(folders);
    const maker = remote(Maker).remote();
    const made = await get([maker.make.remote(folder, "child"), maker.make.remote(folder, "orphan", "detached")]);
    const [child, orphan] = made.flat() as [ActorHandle<Life>, ActorHandle<Life>];
    await lives(folder, child);
    await lives(folder, orphan);
    await kill(maker);
    for (let names = ["child"]; names.includes("child"); await sleep(1))
      names = (await listNamedActors()).map(({ name }) => name);
    await died(child.ok.remote(), /"child".* went with the process that had made it/);
    assert.equal(await get(orphan.ok.remote()), "ok");
    await kill(orphan);
  });

  it("is not made any more when nobody has a handle of it", async () => {
    await untilFree({ CPU: 2 });
    const holder = Lives.options({ numCpus: 2 }).remote(roomIn(folders));
    assert.equal(await get(holder.ok.remote()), "ok");
    const waits = Lives.options({ name: "waits" }).remote(roomIn(folders));
    waits[Symbol.dispose]();
    for (let names = ["waits"]; names.length > 0; await sleep(1))
      names = (await listNamedActors()).map(({ name }) => name);
    await kill(holder);
  });

  it("gives a handle up with using", async () => {
    const folder = roomIn(folders);
    {
      using actor = Lives.remote(folder);
      await lives(folder, actor);
    }
    await pass(folder, "disposed");
  });

  it("takes a CPU while it is made, and none while it runs", async () => {
    const actors = Array.from({ length: 4 }, () => Lives.remote(roomIn(folders)));
    assert.deepEqual(await get(actors.map((actor) => actor.ok.remote())), ["ok", "ok", "ok", "ok"]);
    await untilFree({ CPU: 2 });
  });

  it("has what it asks for until it ends", async () => {
    const folder = roomIn(folders);
    await untilFree({ CPU: 2, license: 1 });
    const actor = Lives.options({ numCpus: 2, resources: { license: 1 } }).remote(folder);
    await lives(folder, actor);
    const free = await availableResources();
    assert.deepEqual([free["CPU"] ?? 0, free["license"] ?? 0], [0, 0]);
    const waits = Lives.options({ resources: { license: 1 }, numCpus: 0 }).remote(roomIn(folders));
    const call = waits.ok.remote();
    await kill(actor);
    assert.equal(await get(call), "ok");
    await kill(waits);
    await untilFree({ CPU: 2, license: 1 });
  });

  it("gives all back when it is killed while a method runs", async () => {
    const folder = roomIn(folders);
    const actor = Lives.options({ numCpus: 2, resources: { license: 1 } }).remote(folder);
    const running = actor.wait.remote("gate");
    await pass(folder, "gate-begun");
    await kill(actor);
    await untilFree({ CPU: 2, license: 1 });
    openGate(folder, "gate");
    await died(running, /was killed/);
  });

  it("lends its CPUs while it waits for others", async () => {
    class Parent {
      async ask(): Promise<number> {
        const children = [1, 2, 3].map((n) => remote((m: number) => m).remote(n));
        return (await get(children)).length;
      }
    }
    const parent = remote(Parent, { numCpus: 2 }).remote();
    assert.equal(await get(parent.ask.remote()), 3);
    await kill(parent);
  });

  it("is made again when it is killed with restarts left", async () => {
    const folder = roomIn(folders);
    const actor = Lives.options({ maxRestarts: 1 }).remote(folder);
    const running = actor.untilStopped.remote();
    await pass(folder, "waits");
    const queued = actor.again.remote();
    await kill(actor, { noRestart: false });
    await assert.rejects(get(running), (error: unknown) => {
      assert.ok(error instanceof ActorUnavailableError, String(error));
      assert.match(error.message, /Life\.untilStopped may or may not have run/);
      return true;
    });
    assert.equal(await get(queued), true);
    await pass(folder, "born-true");
    await kill(actor, { noRestart: false });
    await died(actor.ok.remote(), /was killed.*after 1 restart/);
  });

  it("runs a call again after a restart when it may", async () => {
    const folder = roomIn(folders);
    const actor = Lives.options({ maxRestarts: -1, maxTaskRetries: 1 }).remote(folder);
    const first = actor.wait.remote("gate");
    const second = actor.again.remote();
    await pass(folder, "gate-begun");
    await kill(actor, { noRestart: false });
    openGate(folder, "gate");
    assert.deepEqual(await get([first, second]), ["gate", true]);
    await kill(actor);
  });

  it("lives in a placement group, and goes with it", async () => {
    const group = placementGroup([{ CPU: 1 }]);
    const folder = roomIn(folders);
    const actor = Lives.options({ numCpus: 1, schedulingStrategy: { placementGroup: group } }).remote(folder);
    await lives(folder, actor);
    await removePlacementGroup(group);
    const { cause } = await died(actor.ok.remote(), new RegExp(`ended with the placement group[^]*${group.id}`));
    assert.ok(cause instanceof PlacementGroupRemovedError);
  });

  it("knows its placement group in its methods, and takes along what they submit where that is asked for", async () => {
    await using group = placementGroup([{ CPU: 1 }]);
    const Places = remote(Placed);
    const groups = async (captureChildTasks: boolean): Promise<(string | undefined)[]> => {
      const actor = Places.options({ schedulingStrategy: { placementGroup: group, captureChildTasks } }).remote();
      const found = await get(actor.groups.remote());
      await kill(actor);
      return found;
    };
    const { id } = group;
    assert.deepEqual(await groups(false), [id, id, id, undefined]);
    assert.deepEqual(await groups(true), [id, id, id, id]);
  });
}
