// Placement groups among processes that die: what was reserved is free again, and nobody waits for ever.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import {
  availableResources,
  get,
  getRuntimeContext,
  placementGroup,
  remote,
  removePlacementGroup,
  type PlacementGroup,
} from "#src/index.js";
import { delay } from "#src/std/clock.js";
import { withSession } from "../harness/session.ts";

const folder = mkdtempSync(path.join(tmpdir(), "ray-ts-groups-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string): string => path.join(folder, name);
const until = async (name: string): Promise<void> => {
  while (!existsSync(file(name))) await delay(5);
};

const where = remote(() => getRuntimeContext().placementGroupId);
const inside = (group: PlacementGroup): { schedulingStrategy: { placementGroup: PlacementGroup } } => ({
  schedulingStrategy: { placementGroup: group },
});

async function untilFree(): Promise<void> {
  while ((await availableResources())["CPU"] !== 2) await delay(5);
}

test("what a call has reserved is free again when its process is killed: its next attempt reserves it anew", async () => {
  await withSession({}, async () => {
    const make = remote(async () => {
      const group = placementGroup([{ CPU: 1 }, { CPU: 1 }]);
      await get(group.ready());
      if (getRuntimeContext().attempt < 3) process.kill(process.pid, "SIGKILL");
      await removePlacementGroup(group);
      return getRuntimeContext().attempt;
    });
    assert.equal(await get(make.remote()), 3);
    await untilFree();
  });
});

test("a call whose process is killed in a group is tried again in the group", async () => {
  await withSession({}, async () => {
    await using group = placementGroup([{ CPU: 1 }]);
    const crashes = remote(() => {
      if (getRuntimeContext().attempt < 3) process.kill(process.pid, "SIGKILL");
      return [getRuntimeContext().placementGroupId, getRuntimeContext().attempt];
    }, inside(group));
    assert.deepEqual(await get(crashes.remote()), [group.id, 3]);
    assert.equal(await get(where.options(inside(group)).remote()), group.id);
  });
});

test("an endless loop in a group ends when the group is removed, and so does what it has submitted", async () => {
  await withSession({}, async () => {
    const group = placementGroup([{ CPU: 1 }, { CPU: 1 }]);
    const child = remote(function child(mark: string) {
      writeFileSync(mark, "");
      for (;;);
    });
    const parent = remote(async (mark: string) => get(child.remote(mark)), {
      schedulingStrategy: { placementGroup: group, captureChildTasks: true },
    });
    const looping = child.options(inside(group)).remote(file("looping"));
    const waiting = parent.remote(file("child"));
    await Promise.all([until("looping"), until("child")]);
    await removePlacementGroup(group);
    assert.equal((await availableResources())["CPU"], 2);
    for (const ref of [looping, waiting]) await assert.rejects(get(ref), { name: "PlacementGroupRemovedError" });
    // The place of the workers that were ended is taken by others.
    assert.equal(await get(where.remote()), undefined);
  });
});

test("a group is free even if whoever submitted to it does not hear of its end", async () => {
  await withSession({ unfinished: true }, async () => {
    const group = placementGroup([{ CPU: 1 }]);
    const endless = remote((mark: string) => {
      writeFileSync(mark, "");
      for (;;);
    });
    const deaf = remote(
      async (mark: string) => {
        endless.options(inside(group)).remote(mark);
        while (!existsSync(mark)) await delay(5);
        for (;;);
      },
      { numCpus: 0 },
    );
    void assert.rejects(get(deaf.remote(file("deaf"))), { name: "SessionClosedError" });
    await until("deaf");
    await removePlacementGroup(group);
    await untilFree();
  });
});

test("groups that were made, used, left waiting and forgotten leave nothing behind", async () => {
  await withSession({}, async () => {
    for (let round = 0; round < 20; round += 1) {
      const groups = Array.from({ length: 10 }, () => placementGroup([{ CPU: 1 }, { CPU: 0.5 }]));
      const [first, ...others] = groups;
      assert(first !== undefined);
      assert.equal(await get(where.options(inside(first)).remote()), first.id);
      for (const group of others) assert.equal(await group.wait(0), false);
      await Promise.all(groups.map((group) => removePlacementGroup(group)));
    }
    await untilFree();
    placementGroup([{ CPU: 2 }]);
    placementGroup([{ CPU: 2 }]);
  });
});
