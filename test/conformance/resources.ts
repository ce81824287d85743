// How many calls run at once, and what each takes of the cluster. (The session has 2 CPUs, 2 GPUs and 1 license.)
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { it } from "node:test";
import { availableResources, clusterResources, get, nodes, remote, sleep } from "ray-ts";
import { gateFolder, isOpen, meet, openGate, pass } from "./gate.ts";

export function resources(): void {
  const together = remote(async function together(folder: string, party: string, member: number, size: number) {
    await meet(folder, party, member, size);
    return member;
  });

  it("tells what there is", async () => {
    const all = await clusterResources();
    const { memory, ...counted } = all;
    assert.ok((memory ?? 0) > 0, String(memory));
    assert.deepEqual(counted, { CPU: 2, GPU: 2, license: 1 });
    const [node, ...others] = await nodes();
    assert.deepEqual(others, []);
    assert.equal(node?.alive, true);
    assert.deepEqual(node?.resources, all);
    assert.deepEqual(node?.labels, { zone: "test", "ray.io/node-id": node.nodeId });
  });

  it("runs as many calls at once as there are CPUs", async () => {
    const folder = gateFolder();
    assert.deepEqual(await get([0, 1].map((member) => together.remote(folder, "cpus", member, 2))), [0, 1]);
  });

  it("runs two calls of half a CPU on one", async () => {
    const folder = gateFolder();
    const half = together.options({ numCpus: 0.5 });
    const members = [0, 1, 2, 3];
    assert.deepEqual(await get(members.map((member) => half.remote(folder, "halves", member, 4))), members);
  });

  it("runs calls that take nothing beside all others", async () => {
    const folder = gateFolder();
    const free = together.options({ numCpus: 0 });
    const members = [0, 1, 2, 3, 4];
    assert.deepEqual(await get(members.map((member) => free.remote(folder, "free", member, 5))), members);
  });

  it("lets no two calls have the only license", async () => {
    const folder = gateFolder();
    const licensed = remote(
      async (where: string, gate: string) => {
        openGate(where, `${gate}-began`);
        await pass(where, `${gate}-end`);
      },
      { numCpus: 0, resources: { license: 1 } },
    );
    const first = licensed.remote(folder, "first");
    await pass(folder, "first-began");
    const second = licensed.remote(folder, "second");
    // Nothing but the first call's end may let the second one begin.
    const bystander = remote(() => "done", { numCpus: 0 });
    for (let round = 0; round < 5; round++) await get(bystander.remote());
    assert.equal(isOpen(folder, "second-began"), false);
    openGate(folder, "first-end");
    await pass(folder, "second-began");
    openGate(folder, "second-end");
    await get([first, second]);
  });

  it("counts what is free", async () => {
    const folder = gateFolder();
    const holdIt = remote(
      async (where: string) => {
        openGate(where, "began");
        await pass(where, "end");
      },
      { numCpus: 1.5 },
    );
    const ref = holdIt.remote(folder);
    await pass(folder, "began");
    assert.equal((await availableResources())["CPU"], 0.5);
    openGate(folder, "end");
    await get(ref);
    assert.equal((await availableResources())["CPU"], 2);
  });

  it("answers in a turn of its own: whoever asks again and again lets calls go on", async () => {
    const ref = remote(async () => sleep(5)).remote();
    while ((await availableResources())["CPU"] === 2);
    while ((await availableResources())["CPU"] !== 2);
    await get(ref);
  });

  it("lets calls meet outside of refs, though one that needs all CPUs waits between them", async () => {
    const folder = gateFolder();
    const waits = together.remote(folder, "around", 1, 2);
    await pass(folder, "around-1");
    const large = remote(() => "large", { numCpus: 2 }).remote();
    // Time for the large one to be the next that gets something.
    const other = remote(sleep).options({ numCpus: 0 });
    await get(other.remote(300));
    assert.deepEqual(await get([waits, together.remote(folder, "around", 2, 2), large]), [1, 2, "large"]);
  });

  /** Says as the how manieth it has begun in this folder. The first holds both CPUs until it may go. */
  const begin = remote(
    async (where: string, name: string) => {
      openGate(where, `began-${name}`);
      const place = readdirSync(where).filter((file) => file.startsWith("began-")).length;
      if (name === "first") await pass(where, "go");
      return place;
    },
    { numCpus: 2 },
  );

  it("begins the more urgent first, and those of one priority in their order", async () => {
    const folder = gateFolder();
    const first = begin.remote(folder, "first");
    await pass(folder, "began-first");
    const priorities = [0, 5, 3, 5, 0, 7];
    const refs = priorities.map((priority, index) => begin.options({ priority }).remote(folder, String(index)));
    // What this one needs has come to where all of them wait.
    await get(remote(() => "here", { numCpus: 0 }).remote());
    openGate(folder, "go");
    assert.deepEqual(await get([first, ...refs]), [1, 6, 3, 5, 4, 7, 2]);
  });

  it("begins what an urgent call submits before what is less urgent than that call", async () => {
    const folder = gateFolder();
    const names = ["one", "two", "three", "four"];
    const submits = remote((where: string) => get(names.map((name) => begin.remote(where, name))), {
      numCpus: 2,
      priority: 1,
    });
    const first = begin.remote(folder, "first");
    await pass(folder, "began-first");
    const others = [begin.remote(folder, "a"), begin.remote(folder, "b")];
    const submitted = submits.remote(folder);
    // What this one needs has come to where all of them wait.
    await get(remote(() => "here", { numCpus: 0 }).remote());
    openGate(folder, "go");
    assert.deepEqual(await get([first, submitted]), [1, [2, 3, 4, 5]]);
    await get(others);
  });

  it("lets ten calls be over while a task goes on to submit others", async () => {
    const folder = gateFolder();
    const most = 100_000;
    const nothing = remote(() => undefined);
    const submits = remote(async () => {
      const refs = [];
      for (; refs.length < most && !isOpen(folder, "over"); await sleep(1)) {
        for (let count = 0; count < 200; count += 1) refs.push(nothing.remote());
        openGate(folder, "submits");
      }
      const { length } = refs;
      await get(refs);
      return length;
    });
    const submitted = submits.remote();
    await pass(folder, "submits");
    await get(Array.from({ length: 10 }, () => nothing.remote()));
    openGate(folder, "over");
    const count = await get(submitted);
    assert.ok(count < most, `${count} were submitted meanwhile`);
  });

  it("begins calls in the order in which they were submitted", async () => {
    const folder = gateFolder();
    const log = remote(
      (where: string, index: number) => {
        const before = readdirSync(where).length;
        openGate(where, String(index));
        return before;
      },
      { numCpus: 2 },
    );
    const members = [...Array(10).keys()];
    assert.deepEqual(await get(members.map((index) => log.remote(folder, index))), members);
  });
}
