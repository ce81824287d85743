// Whose turn it is among the placement groups that wait. (The session has 2 CPUs and 1 license.)
import assert from "node:assert/strict";
import { it } from "node:test";
import { get, placementGroup, remote, removePlacementGroup, wait, type PlacementGroup } from "ray-ts";

export function placementTurns(): void {
  it("reserves groups in the order in which they were made", async () => {
    const groups = Array.from({ length: 100 }, () => placementGroup([{ CPU: 2 }]));
    const order: number[] = [];
    await Promise.all(
      groups.map(async (group, index) => {
        await get(group.ready());
        order.push(index);
        await removePlacementGroup(group);
      }),
    );
    assert.deepEqual(order, [...groups.keys()]);
  });

  it("does not let a group that waits stop those that ask for something else", async () => {
    await using taken = placementGroup([{ license: 1 }]);
    await using waiting = placementGroup([{ license: 1 }, { CPU: 1 }]);
    await using passing = placementGroup([{ CPU: 2 }]);
    await get(passing.ready());
    assert.equal(await waiting.wait(0), false);
    await removePlacementGroup(taken);
    await removePlacementGroup(passing);
    await get(waiting.ready());
  });

  it("tells whoever has no time to wait whether it is there", async () => {
    const all = placementGroup([{ CPU: 2 }]);
    assert.equal(await all.wait(0), true);
    const more = placementGroup([{ CPU: 1 }]);
    assert.equal(await more.wait(0), false);
    const asks = remote((groups: readonly PlacementGroup[]) => Promise.all(groups.map((group) => group.wait(0))), {
      numCpus: 0,
    });
    assert.deepEqual(await get(asks.remote([all, more])), [true, false]);
    await removePlacementGroup(all);
    assert.equal(await all.wait(0), false);
    assert.equal(await more.wait(0), true);
    await removePlacementGroup(more);
  });

  it("lets no group pass one that waits for the same", async () => {
    const taken = placementGroup([{ CPU: 1 }]);
    await get(taken.ready());
    const large = placementGroup([{ CPU: 2 }]);
    const small = placementGroup([{ CPU: 1 }]);
    const refs = [large.ready(), small.ready()];
    assert.equal(await small.wait(0), false);
    await removePlacementGroup(taken);
    assert.deepEqual(await wait(refs), [[refs[0]], [refs[1]]]);
    await removePlacementGroup(large);
    await get(small.ready());
    await removePlacementGroup(small);
  });

  it("says of calls that wait for their group that they do", async () => {
    await using taken = placementGroup([{ CPU: 2 }]);
    await get(taken.ready());
    await using waiting = placementGroup([{ CPU: 1 }]);
    const inside = remote(() => "inside", { schedulingStrategy: { placementGroup: waiting } }).remote();
    await assert.rejects(get([inside, waiting.ready()], { timeoutMs: 0 }), (error: Error) => {
      assert.equal(
        error.message.match(/: waiting for its placement group, or for room in it; submitted at/g)?.length,
        2,
      );
      return true;
    });
  });

  it("lets one pass that may be what the first waits for", async () => {
    await using taken = placementGroup([{ CPU: 1 }]);
    await get(taken.ready());
    await using large = placementGroup([{ CPU: 2 }]);
    await using small = placementGroup([{ CPU: 1 }]);
    await get(small.ready());
    assert.equal(await large.wait(0), false);
  });
}
