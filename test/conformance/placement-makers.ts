// With whom a placement group goes: with the actor that made it, however that ends. (The session has 2 CPUs.)
import assert from "node:assert/strict";
import { it } from "node:test";
import {
  ActorDiedError,
  ActorNotFoundError,
  availableResources,
  exitActor,
  get,
  getActor,
  getRuntimeContext,
  kill,
  placementGroup,
  PlacementGroupRemovedError,
  remote,
  removePlacementGroup,
  sleep,
  TaskCancelledError,
  type ActorHandle,
  type PlacementGroup,
  type PlacementGroupOptions,
} from "ray-ts";
import { gateFolder, openGate, pass } from "./gate.ts";

class Maker {
  #late: PlacementGroup | undefined;

  make(amount: number, options: PlacementGroupOptions = {}): PlacementGroup {
    return placementGroup([{ CPU: amount }], options);
  }

  /** In code that runs when the call is over. */
  makeLater(amount: number): void {
    setTimeout(() => (this.#late = placementGroup([{ CPU: amount }])), 0);
  }

  /** In code that runs where no process ends with the actor. */
  async makeWhenKilled(folder: string): Promise<void> {
    const attempt = (make: () => unknown): void => {
      try {
        make();
      } catch (error) {
        assert.ok(error instanceof TaskCancelledError, String(error));
      }
    };
    const { signal } = getRuntimeContext();
    openGate(folder, "begun");
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    attempt(() => placementGroup([{ CPU: 1 }]));
    attempt(() => remote(Maker, { numCpus: 1, name: "made-when-killed" }).remote());
  }

  async late(): Promise<PlacementGroup> {
    while (this.#late === undefined) await sleep(1);
    return this.#late;
  }

  leave(): void {
    exitActor();
  }
}

const ends: Readonly<Record<string, (actor: ActorHandle<Maker>) => Promise<void> | void>> = {
  "that is killed": (actor) => kill(actor),
  "that is killed and made again": (actor) => kill(actor, { noRestart: false }),
  "that leaves": (actor) => get(actor.leave.remote()).catch(() => {}),
  "that nobody has a handle of": (actor) => actor[Symbol.dispose](),
};

export function placementMakers(): void {
  const Makers = remote(Maker, { maxRestarts: 1 });
  const where = remote(() => getRuntimeContext().placementGroupId);
  const inGroup = (group: PlacementGroup): Promise<string | undefined> =>
    get(where.options({ schedulingStrategy: { placementGroup: group } }).remote());

  async function untilFree(): Promise<void> {
    while ((await availableResources())["CPU"] !== 2);
  }

  for (const [how, end] of Object.entries(ends)) {
    it(`goes with an actor ${how}, there or still to come`, async () => {
      const actor = Makers.remote();
      const group = await get(actor.make.remote(2));
      assert.equal(await inGroup(group), group.id);
      const waiting = await get(actor.make.remote(1));
      const ready = waiting.ready();
      await end(actor);
      await assert.rejects(get(ready), PlacementGroupRemovedError);
      await untilFree();
      await assert.rejects(inGroup(group), (error: Error) => {
        assert.ok(error instanceof PlacementGroupRemovedError, String(error));
        assert.match(error.message, /that group went with the program, or the process, that had made it/);
        return true;
      });
      assert.equal(await get(where.remote()), undefined);
    });
  }

  it("goes with its actor too when it was made after the call was over", async () => {
    const actor = Makers.remote();
    await get(actor.makeLater.remote(2));
    const group = await get(actor.late.remote());
    await get(group.ready());
    await kill(actor);
    await untilFree();
  });

  it("is not made any more by an actor that was killed, and neither is an actor", async () => {
    const folder = gateFolder();
    const actor = Makers.remote();
    const running = actor.makeWhenKilled.remote(folder);
    await pass(folder, "begun");
    await kill(actor);
    await assert.rejects(get(running), ActorDiedError);
    assert.equal(await get(where.remote()), undefined);
    await untilFree();
    await assert.rejects(getActor("made-when-killed"), ActorNotFoundError);
  });

  it("outlives the actor that made it when it is detached", async () => {
    const actor = Makers.remote();
    const group = await get(actor.make.remote(1, { lifetime: "detached" }));
    const other = await get(actor.make.remote(1));
    await get([group.ready(), other.ready()]);
    await kill(actor);
    while ((await availableResources())["CPU"] !== 1);
    assert.equal(await inGroup(group), group.id);
    await removePlacementGroup(group);
    await untilFree();
  });
}
