// What is no placement group, and no place in one: told where it is given. (The session has 2 CPUs, 2 GPUs and 1 license.)
import assert from "node:assert/strict";
import { it } from "node:test";
import { getPlacementGroup, placementGroup, remote, removePlacementGroup } from "ray-ts";

export function placementMistakes(): void {
  const where = remote(function where() {
    return 1;
  });

  it("refuses what makes no sense, where it is given", async () => {
    const bad: [bundles: unknown, options: unknown, message: RegExp][] = [
      [[], {}, /placementGroup\(\): bundles should be an array of 1 to 1000 bundles, .* but got an empty array/],
      [{ CPU: 1 }, {}, /bundles should be an array .* but got an object \(CPU\)/],
      [[{}], {}, /bundles\[0\] should be an object with amounts .* but got an object \(empty\)/],
      [[{ CPU: 1 }, { CPU: 0 }], {}, /bundles\[1\] should be an object with amounts/],
      [[{ CPU: -1 }], {}, /bundles\[0\]\.CPU should be a number, 0 or at least 0\.0001, but got -1/],
      [[{ GPU: 1.5 }], {}, /bundles\[0\]\.GPU should be 0, a part of one/],
      [[{ memory: 1.5 }], {}, /bundles\[0\]\.memory should be a whole number, 0 or more, but got 1\.5/],
      [[{ "GPU:0": 1 }], {}, /bundles\[0\]\["GPU:0"\] should be left out \(name GPU/],
      [[{ CPU: "1" }], {}, /bundles\[0\]\.CPU should be .* but got "1"/],
      [[{ numCpus: 1 }], {}, /bundles\[0\]\.numCpus should be called CPU \(bundles name resources\), but got 1/],
      [[undefined, { CPU: 1 }], {}, /bundles\[0\] should be an object/],
      [Array.from({ length: 1001 }, () => ({ CPU: 1 })), {}, /1 to 1000 bundles/],
      [[{ CPU: 1 }], { strategy: "pack" }, /option strategy should be "PACK" or "SPREAD" or .* but got "pack"/],
      [[{ CPU: 1 }], { name: "" }, /option name should be a string that is not empty/],
      [[{ CPU: 1 }], { lifetime: "for ever" }, /option lifetime should be "detached"/],
      [[{ CPU: 1 }], { strateg: "PACK" }, /has no option strateg\. Did you mean strategy\?/],
    ];
    for (const [bundles, options, message] of bad)
      assert.throws(() => placementGroup(bundles as never, options as never), { name: "TypeError", message });
    await using group = placementGroup([{ CPU: 1 }]);
    const strategies: [object, RegExp][] = [
      [
        { placementGroup: group, bundleIndex: 1 },
        /schedulingStrategy\.bundleIndex should be a whole number, from -1 to 0/,
      ],
      [{ placementGroup: group, bundleIndex: -2 }, /bundleIndex should be a whole number, from -1 to 0, but got -2/],
      [{ placementGroup: { id: group.id } }, /placementGroup should be a placement group, as placementGroup\(\)/],
      [{ placementGroup: undefined }, /placementGroup should be a placement group/],
      [{ placementGroup: group, captureChildTasks: 1 }, /captureChildTasks should be true or false/],
      [{ placementGroup: group, nodeId: "c0" }, /schedulingStrategy\.nodeId should be left out/],
      [
        { placementGroup: group, soft: true },
        /schedulingStrategy\.soft should be left out \(there are placementGroup, bundleIndex/,
      ],
    ];
    for (const [schedulingStrategy, message] of strategies)
      assert.throws(() => where.options({ schedulingStrategy } as never), { name: "TypeError", message });
    await assert.rejects(removePlacementGroup({ id: group.id } as never), /takes a placement group, but got an object/);
    await assert.rejects(getPlacementGroup(""), /takes the name of a group, but got the string ""/);
    await assert.rejects(group.wait(-1), /wait\(\) takes a number of milliseconds, 0 or more, but got the number -1/);
  });
}
