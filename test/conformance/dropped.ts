// Actors that nobody has a handle of any more keep nothing from those that wait: nothing here collects garbage. (The session has 2 CPUs and 2 GPUs.)
import assert from "node:assert/strict";
import { it } from "node:test";
import { get, placementGroup, remote, removePlacementGroup, type ObjectRef } from "ray-ts";
import { ActorPool } from "ray-ts/parallel";

class Doubles {
  double(value: number): number {
    return value * 2;
  }
}

const ROUNDS = 4;

export function dropped(): void {
  for (const [what, options] of [
    ["CPUs", { numCpus: 2 }],
    ["GPUs", { numCpus: 0, numGpus: 2 }],
    ["other resources", { numCpus: 0, resources: { license: 1 } }],
  ] as const) {
    it(`gives ${what} of an actor that a function has made and left to the next`, async () => {
      const Doubling = remote(Doubles, options);
      const once = (round: number): Promise<number> => {
        const actor = Doubling.remote();
        return get(actor.double.remote(round));
      };
      for (let round = 0; round < ROUNDS; round += 1) assert.equal(await once(round), round * 2);
      assert.equal(await get(remote(() => "a task", options).remote()), "a task");
    });
  }

  it("gives to the next what an actor has of which nothing is left but the refs of results", async () => {
    const Doubling = remote(Doubles, { numCpus: 2 });
    const once = (round: number): ObjectRef<number> => Doubling.remote().double.remote(round);
    const refs = Array.from({ length: ROUNDS }, (_, round) => once(round));
    assert.deepEqual(
      await get(refs),
      refs.map((_, round) => round * 2),
    );
  });

  it("gives to the next what an actor has that a task has made and left", async () => {
    const once = remote((round: number) => get(remote(Doubles, { numCpus: 2 }).remote().double.remote(round)), {
      numCpus: 0,
    });
    for (let round = 0; round < ROUNDS; round += 1) assert.equal(await get(once.remote(round)), round * 2);
  });

  it("gives what a pool of actors has to the next pool", async () => {
    const Doubling = remote(Doubles, { numCpus: 1 });
    const once = async (): Promise<number[]> => {
      const pool = new ActorPool([Doubling.remote(), Doubling.remote()]);
      const all: number[] = [];
      for await (const value of pool.map((actor, each: number) => actor.double.remote(each), [1, 2, 3]))
        all.push(value);
      return all;
    };
    for (let round = 0; round < ROUNDS; round += 1) assert.deepEqual(await once(), [2, 4, 6]);
  });

  it("gives what an actor has to a placement group", async () => {
    const once = (): Promise<number> => get(remote(Doubles, { numCpus: 2 }).remote().double.remote(1));
    assert.equal(await once(), 2);
    const group = placementGroup([{ CPU: 2 }]);
    await get(group.ready());
    await removePlacementGroup(group);
  });
}
