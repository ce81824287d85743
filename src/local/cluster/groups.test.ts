// Placement groups in the cluster brain: reserved whole or not at all, in their turn, and given back when nothing of them is in use.
import assert from "node:assert/strict";
import { test } from "node:test";
import { objectId, type ProcessId } from "../../domain/id.ts";
import { ANY_BUNDLE, type GroupId, type GroupPlan } from "../../domain/placement.ts";
import { resources, type Resources } from "../../domain/resources.ts";
import type { FromDaemon } from "../../protocol/daemon.ts";
import type { Cluster } from "./cluster.ts";
import {
  cluster,
  crowded,
  demand,
  DRIVER,
  given,
  gone,
  joined,
  ready,
  say,
  SECOND,
  TICK,
  told,
  worker,
} from "./scenes.ts";
import type { ClusterInput } from "./step.ts";

const planFor = (number: number, bundles: readonly Record<string, number>[], creator = DRIVER): GroupPlan => ({
  id: objectId(creator, number),
  bundles: bundles.map(resources),
  strategy: "PACK",
});

const create = (plan: GroupPlan, more: { name?: string; detached?: boolean } = {}, from = DRIVER): ClusterInput =>
  say(from, { type: "createGroup", plan, name: more.name ?? "", detached: more.detached ?? false });
const remove = (id: GroupId, ask = 1, from = DRIVER): ClusterInput =>
  say(from, { type: "ask", ask, question: { removeGroup: id } });
const inside = (
  plan: GroupPlan,
  { amounts = { CPU: 1 }, bundle = ANY_BUNDLE, lacking = 1, from = DRIVER, seen = 0 }: Inside = {},
): ClusterInput =>
  say(from, {
    type: "demand",
    shape: `${plan.id} ${bundle} ${JSON.stringify(amounts)}`,
    request: { resources: resources(amounts), group: { ...plan, bundle, captures: false } },
    lacking,
    seen,
    name: "g",
  });

interface Inside {
  amounts?: Record<string, number>;
  bundle?: number;
  lacking?: number;
  from?: ProcessId;
  seen?: number;
}

/** Of so many CPUs and GPUs, with all workers ready and two drivers. */
function stage(cpus: number, gpuCount = 0): Cluster {
  const brain = cluster(cpus, gpuCount);
  brain.step(joined(DRIVER));
  brain.step(joined(SECOND));
  for (let number = 1; number <= cpus; number += 1) brain.step(ready(number));
  brain.drain();
  return brain;
}

function step(brain: Cluster, ...inputs: ClusterInput[]): string[] {
  for (const input of inputs) {
    brain.step(input);
    brain.check();
  }
  return brain.drain().map(told);
}

function messages(brain: Cluster, ...inputs: ClusterInput[]): FromDaemon[] {
  for (const input of inputs) brain.step(input);
  return brain.drain().flatMap((effect) => (effect.type === "send" ? [effect.message] : []));
}

/** Of what is free for others, in CPUs. */
const free = (brain: Cluster): number => (brain.inspect().available["CPU"] ?? 0) / 10_000;

test("it is reserved whole, taken from the node, and its calls are granted from it", () => {
  const brain = stage(3);
  const plan = planFor(1, [{ CPU: 1 }, { CPU: 1 }]);
  assert.deepEqual(step(brain, create(plan)), []);
  assert.equal(free(brain), 1);
  assert.deepEqual(step(brain, demand(SECOND, 3)), ["leased 1 → 3", "granted 1 → e"]);
  // What is wanted beyond that is nothing that the other's lease could give.
  assert.deepEqual(step(brain, inside(plan, { lacking: 3 })), [
    "leased 2 → 2",
    "granted 2 → d",
    "leased 3 → 1",
    "granted 3 → d",
  ]);
});

test("not a part of it is taken before there is enough for all", () => {
  const brain = stage(2);
  assert.deepEqual(step(brain, demand(DRIVER, 1)), ["leased 1 → 2", "granted 1 → d"]);
  const plan = planFor(1, [{ CPU: 1 }, { CPU: 1 }]);
  // The lease that holds it up is asked for, when it is idle.
  assert.deepEqual(step(brain, create(plan), inside(plan)), ["recall 1 idle → 2"]);
  assert.equal(free(brain), 1);
  assert.deepEqual(step(brain, say(worker(2), { type: "leaseOver", lease: 1, begun: 1 })), [
    "leased 2 → 2",
    "granted 2 → d",
  ]);
  assert.equal(free(brain), 0);
});

test("calls of a bundle get what that bundle has, and no more", () => {
  const brain = stage(4);
  const plan = planFor(1, [{ CPU: 1 }, { CPU: 2 }]);
  step(brain, create(plan));
  assert.deepEqual(step(brain, inside(plan, { bundle: 0, lacking: 2 })), ["leased 1 → 4", "granted 1 → d"]);
  assert.deepEqual(step(brain, inside(plan, { amounts: { CPU: 2 }, lacking: 2 })), ["leased 2 → 3", "granted 2 → d"]);
  assert.deepEqual(step(brain, inside(plan, { amounts: { CPU: 2 }, bundle: 0 })), ["unschedulable → d"]);
  assert.deepEqual(step(brain, inside(plan, { amounts: { CPU: 2.5 } })), ["unschedulable → d"]);
  assert.equal(free(brain), 1);
});

test("a call that waits lends its CPUs to its bundle, not to the world", () => {
  const brain = stage(2);
  const plan = planFor(1, [{ CPU: 1 }]);
  step(brain, create(plan), inside(plan), demand(SECOND, 1));
  assert.deepEqual(step(brain, say(worker(2), { type: "blocked", lease: 1 }), demand(SECOND, 1, 10_000, 2)), []);
  assert.equal(free(brain), 0);
  assert.deepEqual(step(brain, inside(plan, { from: worker(2) })), ["spawn 3", "recall 2 idle → 1"]);
  assert.deepEqual(step(brain, ready(3)), ["leased 3 → 3", "granted 3 → 2"]);
});

test("GPUs are concrete ones, and are given to a bundle and within it once", () => {
  const brain = stage(4, 3);
  const plan = planFor(1, [{ GPU: 0.5, CPU: 1 }, { GPU: 2, CPU: 1 }, { GPU: 0.5 }]);
  brain.step(create(plan));
  const half = { GPU: 0.5 };
  brain.step(inside(plan, { amounts: half, bundle: 0 }));
  brain.step(inside(plan, { amounts: { GPU: 2 } }));
  brain.step(inside(plan, { amounts: half, bundle: 2 }));
  brain.check();
  const [first, pair, last] = given(brain);
  assert.deepEqual(first, last);
  assert.equal(new Set([...(first ?? []), ...(pair ?? [])]).size, 3);
  assert.deepEqual(
    Object.entries(brain.inspect().available).filter(([name, units]) => name.startsWith("GPU") && units > 0),
    [],
  );
});

test("those that wait are reserved in the order in which they were made", () => {
  const brain = stage(2);
  const plans = Array.from({ length: 1_000 }, (_, index) => planFor(index + 1, [{ CPU: 1 }, { CPU: 1 }]));
  for (const plan of plans) brain.step(create(plan));
  for (const [index, plan] of plans.entries()) {
    assert.deepEqual(reservedOf(brain), [plan.id]);
    assert.deepEqual(step(brain, remove(plan.id, index)), ["answer → d"]);
  }
  assert.equal(free(brain), 2);
});

function reservedOf(brain: Cluster): string[] {
  return brain.stories().flatMap((story) => /^PlacementGroup\((\w+)\) .*: reserved/.exec(story)?.[1] ?? []);
}

test("a small one does not come before a large one that waits for the same, but before one that waits for something else", () => {
  const brain = stage(3, 1);
  step(brain, demand(SECOND, 1));
  const large = planFor(1, [{ CPU: 3 }]);
  const small = planFor(2, [{ CPU: 1 }]);
  const other = planFor(3, [{ GPU: 1 }]);
  step(brain, create(large), create(small), create(other));
  assert.deepEqual(reservedOf(brain), [other.id]);
  step(brain, say(worker(3), { type: "leaseOver", lease: 1, begun: 1 }));
  assert.deepEqual(reservedOf(brain), [large.id, other.id]);
});

test("when the first has waited too long it steps back once, and whatever fits may pass", () => {
  const brain = stage(3);
  step(brain, demand(SECOND, 1));
  const large = planFor(1, [{ CPU: 3 }]);
  const small = planFor(2, [{ CPU: 1 }]);
  step(brain, create(large), create(small));
  for (let ticks = 0; ticks < 11; ticks += 1) {
    assert.deepEqual(reservedOf(brain), []);
    step(brain, TICK);
  }
  assert.deepEqual(reservedOf(brain), [small.id]);
});

test("what it needs is kept together for it, though small calls come and go", () => {
  const brain = stage(2);
  step(brain, demand(SECOND, 1), demand(SECOND, 1, 10_000, 1));
  const plan = planFor(1, [{ CPU: 1 }, { CPU: 1 }]);
  step(brain, create(plan), TICK);
  // One is free again, and wanted; it is kept.
  step(brain, say(worker(2), { type: "leaseOver", lease: 1, begun: 1 }), demand(SECOND, 1, 10_000, 2));
  assert.equal(free(brain), 1);
  step(brain, say(worker(1), { type: "leaseOver", lease: 2, begun: 1 }));
  assert.deepEqual(reservedOf(brain), [plan.id]);
});

test("a removed one fails those that wait, and is free when its calls have ended", () => {
  const brain = stage(2);
  const plan = planFor(1, [{ CPU: 1 }, { CPU: 1 }]);
  step(brain, create(plan), inside(plan, { bundle: 0, lacking: 2 }));
  assert.deepEqual(step(brain, remove(plan.id)), ["groupGone → d", "recall 1 yield → 2"]);
  assert.equal(free(brain), 0);
  // Nothing is granted in it any more, whoever asks.
  assert.deepEqual(step(brain, inside(plan, { from: SECOND })), ["groupGone → e"]);
  assert.deepEqual(step(brain, say(DRIVER, { type: "endWorker", lease: 1, recursive: true })), ["kill 2"]);
  assert.equal(free(brain), 0);
  assert.deepEqual(step(brain, gone(worker(2))), ["workerLost 2 by force → d", "answer → d", "spawn 3"]);
  assert.equal(free(brain), 2);
  assert.equal(brain.inspect().groups, 0);
  assert.deepEqual(step(brain, remove(plan.id)), ["answer → d"]);
});

test("calls that nobody ends in time are ended with their workers", () => {
  const brain = stage(2);
  const plan = planFor(1, [{ CPU: 1 }]);
  step(brain, create(plan), inside(plan), remove(plan.id));
  const second = Array.from({ length: 10 }, () => TICK);
  assert.deepEqual(step(brain, ...second), []);
  assert.deepEqual(step(brain, TICK), ["kill 2"]);
});

test("those that are in one process with their owner have another second, and then it has to go too", () => {
  const brain = crowded();
  const plan = planFor(1, [{ CPU: 0.5 }], worker(1));
  const amounts = { CPU: 0.5 };
  assert.deepEqual(step(brain, create(plan, {}, worker(1)), inside(plan, { amounts, from: worker(1) })), [
    "leased 5 → 1",
    "granted 5 → 1",
  ]);
  step(brain, remove(plan.id));
  const kills = (): string[] => step(brain, TICK).filter((effect) => effect.startsWith("kill"));
  for (let ticks = 1; ticks <= 20; ticks += 1) assert.deepEqual(kills(), []);
  assert.deepEqual(kills(), ["kill 1"]);
});

test("nobody makes a group in the name of another, or a second one under an id", () => {
  const brain = stage(2);
  const plan = planFor(1, [{ CPU: 1 }]);
  step(brain, create(plan), create(plan), create(planFor(2, [{ CPU: 1 }]), {}, SECOND));
  assert.deepEqual(reservedOf(brain), [plan.id]);
  assert.equal(free(brain), 1);
});

test("it may be removed, and wanted, before its maker has been heard", () => {
  const brain = stage(2);
  const plan = planFor(1, [{ CPU: 1 }]);
  const other = planFor(2, [{ CPU: 1 }]);
  assert.deepEqual(step(brain, inside(other, { from: SECOND })), []);
  assert.deepEqual(step(brain, remove(plan.id, 7, SECOND)), []);
  assert.deepEqual(step(brain, create(plan)), ["answer → e"]);
  assert.equal(free(brain), 2);
  assert.deepEqual(step(brain, create(other)), ["leased 1 → 2", "granted 1 → e"]);
  assert.equal(free(brain), 1);
});

test("its maker may end before it is heard", () => {
  const brain = stage(2);
  const plan = planFor(1, [{ CPU: 1 }]);
  assert.deepEqual(step(brain, inside(plan, { from: SECOND }), remove(plan.id, 7, SECOND)), []);
  assert.deepEqual(step(brain, gone(DRIVER)), ["answer → e", "groupGone → e"]);
});

test("it goes with the driver that has made it, unless it is detached", () => {
  const brain = stage(3);
  const [mine, kept, others] = [planFor(1, [{ CPU: 1 }]), planFor(2, [{ CPU: 1 }]), planFor(1, [{ CPU: 1 }], SECOND)];
  step(
    brain,
    create(mine),
    create(kept, { detached: true }),
    create(others, {}, SECOND),
    inside(mine, { from: SECOND }),
  );
  assert.deepEqual(step(brain, gone(DRIVER)), ["groupGone → e", "recall 1 yield → 3"]);
  step(brain, say(worker(3), { type: "leaseOver", lease: 1, begun: 1 }));
  assert.deepEqual(reservedOf(brain), [kept.id, others.id]);
  assert.equal(free(brain), 1);
});

test("one that a call has made goes when its process crashes, or with its job; not when that process is needed no more", () => {
  const brain = stage(4);
  step(brain, demand(DRIVER, 3));
  const plans = [4, 3, 2].map((number) => planFor(1, [{ CPU: 0.25 }], worker(number)));
  for (const plan of plans) step(brain, create(plan, {}, plan.id.slice(0, 16)));
  assert.equal(reservedOf(brain).length, 3);
  step(brain, gone(worker(4)));
  assert.deepEqual(
    reservedOf(brain),
    plans.slice(1).map(({ id }) => id),
  );
  step(brain, gone(DRIVER));
  assert.deepEqual(reservedOf(brain), []);
});

test("a name is one group's, until that is removed", () => {
  const brain = stage(2);
  const [first, second, third] = [1, 2, 3].map((number) => planFor(number, [{ CPU: 0.1 }]));
  assert(first !== undefined && second !== undefined && third !== undefined);
  const named = (name: string): unknown => {
    const [message] = messages(brain, say(DRIVER, { type: "ask", ask: 1, question: { groupNamed: name } }));
    return message?.type === "answer" ? message.answer : undefined;
  };
  step(brain, create(first, { name: "n" }), create(second, { name: "n" }));
  assert.deepEqual(named("n"), { plan: first, names: ["n"] });
  assert.deepEqual(named("m"), { plan: undefined, names: ["n"] });
  const [refused] = messages(brain, inside(second, { amounts: {} }));
  assert.deepEqual(refused?.type === "groupGone" && refused.why, "nameTaken");
  step(brain, remove(second.id));
  assert.deepEqual(named("n"), { plan: first, names: ["n"] });
  step(brain, remove(first.id), create(third, { name: "n" }));
  assert.deepEqual(named("n"), { plan: third, names: ["n"] });
});

test("what can never be is refused at once, and holds up nobody", () => {
  const brain = stage(2);
  const large = planFor(1, [{ CPU: 2 }, { CPU: 1 }]);
  const apart: GroupPlan = { ...planFor(2, [{ CPU: 1 }, { CPU: 1 }]), strategy: "STRICT_SPREAD" };
  const good = planFor(3, [{ CPU: 2 }]);
  step(brain, create(large), create(apart), create(good));
  assert.deepEqual(reservedOf(brain), [good.id]);
  assert.deepEqual(step(brain, inside(large), inside(apart)), ["unschedulable → d", "unschedulable → d"]);
});

test("whoever waits for long for a group is told what that waits for, and who has it", () => {
  const brain = stage(1);
  const [first, second] = [planFor(1, [{ CPU: 1 }]), planFor(2, [{ CPU: 0.5 }])];
  step(brain, create(first, { name: "greedy" }), create(second), inside(second, { amounts: {}, from: SECOND }));
  const heard = messages(brain, ...Array.from({ length: 5 }, () => TICK));
  const cpu = (units: number): Resources => ({ CPU: units });
  assert.deepEqual(
    heard.map((message) => message.type === "starved" && message.shortage),
    [
      {
        free: cpu(0),
        holders: [{ name: `PlacementGroup(${first.id}, greedy)`, calls: 0, waiting: 0, held: cpu(10_000) }],
        group: cpu(5_000),
      },
    ],
  );
});

test("of thousands of groups that wait, and of calls that wait for them, nobody is looked at in vain", () => {
  const groups = 2000;
  const brain = stage(1);
  const plans = Array.from({ length: groups }, (_, index) => planFor(index + 1, [{ CPU: 1 }]));
  let looks = 0;
  for (const plan of plans) {
    brain.step(create(plan));
    const input = inside(plan, { amounts: {} });
    // Whoever works out where a call can run, or whether it still can, has to ask in which group it is.
    if (input.type === "message" && input.message.type === "demand") watch(input.message.request, "group");
    brain.step(input);
  }
  looks = 0;
  for (const plan of plans) brain.step(remove(plan.id));
  assert.ok(looks < 100 * groups, `${looks} looks`);

  function watch<T extends object>(at: T, name: keyof T): void {
    const value = at[name];
    Object.defineProperty(at, name, { get: () => ((looks += 1), value) });
  }
});
