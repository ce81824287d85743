// Who gets how much of the cluster over time, and when: the brain with submitters and workers that do as they are told at once.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProcessId } from "../../domain/id.ts";
import { shapeOf, type Shape, type TaskRequest } from "../../domain/request.ts";
import type { FromDaemon, LeaseId } from "../../protocol/daemon.ts";
import { noEnv } from "../../domain/runtime-env.ts";
import { Cluster } from "./cluster.ts";
import { DRIVER, joined, say, SECOND, TICK } from "./scenes.ts";

/** Calls of one submitter that ask for the same. */
interface Work {
  readonly name: string;
  readonly owner: ProcessId;
  readonly request: TaskRequest;
  /** How long each takes. */
  ticks: number;
  left: number;
  /** In which tick each began. */
  readonly began: number[];
}

interface Held {
  readonly work: Work;
  readonly worker: ProcessId;
  /** Of the running call. */
  ticksLeft: number;
  ending: boolean;
  waits: boolean;
}

/** A submitter gives a lease back when it has no more calls of the shape; that is all it knows of others. */
class Stage {
  readonly brain: Cluster;
  readonly #works = new Map<string, Work>();
  readonly #leases = new Map<LeaseId, Held>();
  #named = 0;
  readonly #seen = new Map<ProcessId, LeaseId>();
  spawned = 0;
  tick = 0;

  constructor(total: Readonly<Record<string, number>>) {
    const units = Object.fromEntries(Object.entries(total).map(([name, amount]) => [name, amount * 10_000]));
    this.brain = new Cluster({
      nodeId: "n",
      address: "here",
      total: units,
      labels: {},
      env: noEnv,
      storeBytesMax: 0,
      starvedTicks: 100,
      setupTicks: 1_000,
      nextWorkerId: () => `worker ${(this.#named += 1)}`,
    });
    for (const driver of [DRIVER, SECOND]) this.brain.step(joined(driver));
    this.#carryOut();
  }

  get workers(): number {
    return this.brain.inspect().workers;
  }

  submit(name: string, count: number, amounts: Readonly<Record<string, number>>, more: Partial<Work> = {}): Work {
    const resources = Object.fromEntries(Object.entries(amounts).map(([key, amount]) => [key, amount * 10_000]));
    const work = { name, owner: DRIVER, request: { resources }, ticks: 1, left: count, began: [], ...more };
    this.#works.set(key(work.owner, shapeOf(work.request)), work);
    this.#demand(work);
    this.#carryOut();
    return work;
  }

  /** More calls of the same shape, which take so long. */
  add(work: Work, count: number, ticks: number): void {
    work.ticks = ticks;
    work.left += count;
    this.#demand(work);
    this.#carryOut();
  }

  /** Where a call of this work runs now. */
  workerOf(work: Work): ProcessId {
    for (const held of this.#leases.values()) if (held.work === work) return held.worker;
    throw new Error(`no call of ${work.name} runs`);
  }

  /** Its running calls wait for others, until they are over. */
  block(work: Work): void {
    for (const [lease, held] of this.#leases) {
      if (held.work !== work) continue;
      held.waits = true;
      this.brain.step(say(held.worker, { type: "blocked", lease }));
    }
    this.#carryOut();
  }

  finish(work: Work): void {
    for (const held of this.#leases.values()) if (held.work === work) held.ticksLeft = 1;
  }

  /** Until this work has begun so many calls; at most so many ticks. */
  until(work: Work, count: number, most: number): void {
    for (let ticks = 0; ticks < most && work.began.length < count; ticks += 1) this.pass(1);
    assert.ok(work.began.length >= count, `${work.name} began ${work.began.length} calls within ${most} ticks`);
  }

  pass(ticks: number): void {
    for (let passed = 0; passed < ticks; passed += 1) {
      this.tick += 1;
      for (const [id, held] of [...this.#leases]) {
        held.ticksLeft -= 1;
        if (held.ticksLeft <= 0) this.#next(id, held);
      }
      this.#carryOut();
      this.brain.step(TICK);
      this.#carryOut();
      this.brain.check();
    }
  }

  #next(id: LeaseId, held: Held): void {
    const { work } = held;
    if (held.ending || held.waits || work.left === 0) {
      this.#leases.delete(id);
      this.#demand(work);
      return this.brain.step(say(held.worker, { type: "leaseOver", lease: id, begun: 1 }));
    }
    work.left -= 1;
    work.began.push(this.tick);
    held.ticksLeft = work.ticks;
  }

  #demand(work: Work): void {
    const { owner, request, left } = work;
    const lacking = Math.min(left, 1_024);
    const seen = this.#seen.get(owner) ?? 0;
    this.brain.step(say(owner, { type: "demand", shape: shapeOf(request), request, lacking, seen, name: work.name }));
  }

  #carryOut(): void {
    for (let effects = this.brain.drain(); effects.length > 0; effects = this.brain.drain()) {
      for (const effect of effects) {
        if (effect.type === "spawn") {
          this.spawned += 1;
          this.brain.step(say(effect.worker, { type: "ready" }));
        } else if (effect.type === "send") this.#take(effect.to, effect.message);
      }
    }
  }

  #take(to: ProcessId, message: FromDaemon): void {
    if (message.type === "retire") {
      const loss = { pid: 1, exitCode: 0, signal: null, lastStderr: "" };
      return this.brain.step({ type: "gone", process: to, loss });
    }
    if (message.type === "recall") {
      const held = this.#leases.get(message.lease);
      if (held !== undefined && message.when === "yield") held.ending = true;
    }
    if (message.type !== "granted") return;
    const work = this.#works.get(key(to, message.shape));
    assert.ok(work !== undefined);
    this.#seen.set(to, message.lease);
    const held: Held = { work, worker: message.worker, ticksLeft: 0, ending: false, waits: false };
    this.#leases.set(message.lease, held);
    this.#next(message.lease, held);
    this.#demand(work);
  }
}

function key(owner: ProcessId, shape: Shape): string {
  return `${owner} ${shape}`;
}

const endless = 1_000_000;

test("calls that wait for a GPU stop none that need no more than CPUs", () => {
  for (const cpus of [1, 2]) {
    const stage = new Stage({ CPU: 2, GPU: 1 });
    const holder = stage.submit("holder", 1, { GPU: 1 }, { ticks: endless });
    const waiting = stage.submit("waiting", 5, { CPU: cpus, GPU: 1 });
    const plain = stage.submit("plain", endless, { CPU: 1 }, { owner: SECOND });
    stage.pass(200);
    assert.equal(holder.began.length, 1);
    assert.equal(waiting.began.length, 0);
    assert.ok(plain.began.length >= 400, `${plain.began.length} in 200 ticks on two CPUs`);
    // None of them was asked to make room that would be of no use.
    assert.equal(stage.spawned, 3);
  }
});

test("one that needs all CPUs is not starved by a stream of small ones, be they another's or its own submitter's", () => {
  for (const owner of [DRIVER, SECOND]) {
    const stage = new Stage({ CPU: 4 });
    const small = stage.submit("small", endless, { CPU: 1 });
    stage.pass(10);
    const large = stage.submit("large", 3, { CPU: 4 }, { owner });
    stage.until(large, 3, 20);
    const { length } = small.began;
    stage.pass(10);
    assert.ok(small.began.length > length, "and they go on");
  }
});

test("one that needs all GPUs is not starved by a stream of calls with one", () => {
  const stage = new Stage({ CPU: 4, GPU: 2 });
  const small = stage.submit("small", endless, { CPU: 1, GPU: 1 });
  const shared = stage.submit("shared", endless, { GPU: 0.5 });
  stage.pass(10);
  const large = stage.submit("large", 3, { GPU: 2 });
  stage.until(large, 3, 40);
  const lengths = [small.began.length, shared.began.length];
  stage.pass(20);
  assert.ok(small.began.length > (lengths[0] ?? 0) && shared.began.length > (lengths[1] ?? 0), "and they go on");
});

test("one that needs several resources is not starved by calls each of which keeps one of them busy", () => {
  for (const [request, one, other] of [
    [{ CPU: 4, a: 2 }, { CPU: 1 }, { a: 1 }],
    [{ a: 1, b: 1 }, { a: 0.5 }, { b: 0.5 }],
    [{ GPU: 2, a: 1 }, { GPU: 1 }, { a: 0.5 }],
  ] as const) {
    const stage = new Stage({ CPU: 4, GPU: 2, a: 2, b: 1 });
    const floods = [one, other].map((each, index) =>
      stage.submit(`flood ${index}`, endless, each, { ticks: 2 + index, owner: SECOND }),
    );
    stage.pass(10);
    const large = stage.submit("large", 3, request);
    stage.until(large, 3, 60);
    const begun = floods.map(({ began }) => began.length);
    stage.pass(20);
    floods.forEach(({ began }, index) => assert.ok(began.length > (begun[index] ?? 0), "and they go on"));
  }
});

test("what is there of several resources is kept for one that lacks others, and no more than it asks for", () => {
  const stage = new Stage({ CPU: 4, GPU: 8, license: 1 });
  stage.submit("holder", 1, { license: 1 }, { ticks: endless });
  const large = stage.submit("large", 1, { GPU: 2, license: 1 });
  stage.pass(10);
  const small = stage.submit("small", endless, { GPU: 1 }, { owner: SECOND });
  const before = stage.tick;
  stage.pass(20);
  assert.equal(large.began.length, 0);
  assert.ok(small.began.filter((tick) => tick < before + 5).length >= 6, "the other six go on");
});

test("GPUs are not kept for a large call while one that waits has some: what it waits for may need one too", () => {
  const stage = new Stage({ CPU: 4, GPU: 2 });
  const parent = stage.submit("parent", 1, { CPU: 1, GPU: 1 }, { ticks: endless });
  const large = stage.submit("large", 1, { GPU: 2 }, { owner: SECOND });
  stage.pass(5);
  stage.block(parent);
  const child = stage.submit("child", 3, { GPU: 1 }, { owner: stage.workerOf(parent) });
  stage.until(child, 3, 5);
  stage.finish(parent);
  stage.until(large, 1, 5);
});

test("a hundred thousand calls of a task do not delay ten of the driver, nor the other way round", () => {
  const stage = new Stage({ CPU: 2 });
  const parent = stage.submit("parent", 1, { CPU: 1 }, { ticks: endless });
  const flood = stage.submit("flood", 100_000, { CPU: 1 }, { owner: stage.workerOf(parent) });
  stage.block(parent);
  stage.pass(20);
  const few = stage.submit("few", 10, { CPU: 1 });
  stage.until(few, 10, 20);
  const other = stage.submit("other", 100_000, { CPU: 0.5 }, { owner: SECOND });
  stage.pass(20);
  const { length } = flood.began;
  stage.pass(20);
  assert.ok(flood.began.length >= length + 10, "the flood has about half of the cluster");
  assert.ok(other.began.length >= 10);
});

test("nor while its parent goes on without waiting, and so has the share of whoever has submitted it", () => {
  const stage = new Stage({ CPU: 2 });
  const parent = stage.submit("parent", 1, { CPU: 1 }, { ticks: endless });
  const flood = stage.submit("flood", 100_000, { CPU: 1 }, { owner: stage.workerOf(parent) });
  stage.pass(20);
  // By the tick a call of a tick's length has little; of shorter ones there are many in it.
  stage.add(parent, 10, 1);
  stage.until(parent, 11, 80);
  assert.ok(flood.began.length > 60, "and the flood goes on");
});

test("ten thousand queued calls start as many workers as there is room for", () => {
  for (const [cpus, each, workers] of [
    [4, 1, 4],
    [4, 0.5, 8],
    [4, 2, 4],
    [1, 1, 1],
  ] as const) {
    const stage = new Stage({ CPU: cpus });
    const queued = stage.submit("queued", 10_000, { CPU: each });
    stage.pass(20);
    assert.equal(stage.spawned, workers, `${each} of ${cpus} CPUs each`);
    assert.equal(queued.began.filter((tick) => tick === 10).length, cpus / each);
  }
});

test("workers beyond one per CPU go away when they have rested", () => {
  const stage = new Stage({ CPU: 2 });
  stage.submit("small", 40, { CPU: 0.25 }, { ticks: 5 });
  stage.pass(10);
  assert.equal(stage.workers, 8);
  stage.pass(120);
  assert.equal(stage.workers, 2);
});

const low = { resources: { CPU: 10_000 } };
const high = { resources: { CPU: 10_000 }, priority: 1 };

test("the more urgent are next, before all that are queued", () => {
  const stage = new Stage({ CPU: 2 });
  const before = stage.submit("before", endless, {}, { request: low, ticks: 3 });
  stage.pass(10);
  const urgent = stage.submit("urgent", 6, {}, { request: high, ticks: 2 });
  const { length } = before.began;
  const since = stage.tick;
  stage.until(urgent, 6, 20);
  // No less urgent one was begun between: those that ran had begun before.
  assert.ok(before.began.slice(length).every((tick) => tick >= (urgent.began.at(-1) ?? 0)));
  assert.ok((urgent.began[0] ?? 0) <= since + 3);
  stage.pass(10);
  assert.ok(before.began.length > length, "and they go on");
});

test("among what is queued at the same time the more urgent come first, whoever submits them", () => {
  const stage = new Stage({ CPU: 1 });
  const first = stage.submit("first", 1, {}, { request: low, ticks: 2 });
  const works = [2, 5, -1, 3].map((priority) =>
    stage.submit(String(priority), 2, {}, { request: { ...low, priority }, owner: priority > 2 ? SECOND : DRIVER }),
  );
  stage.pass(20);
  const order = works.flatMap(({ name, began }) => began.map((tick) => ({ name, tick })));
  order.sort((one, other) => one.tick - other.tick);
  assert.deepEqual(
    order.map(({ name }) => name),
    ["5", "5", "3", "3", "2", "2", "-1", "-1"],
  );
  assert.ok(first.began[0] === 0);
});

test("one that wants a GPU takes none of the CPUs of the less urgent", () => {
  const stage = new Stage({ CPU: 2, GPU: 1 });
  const training = stage.submit("training", endless, { GPU: 1 }, { ticks: 5 });
  const plain = stage.submit("plain", endless, { CPU: 1 });
  stage.pass(8);
  const request = { resources: { GPU: 10_000 }, priority: 1 };
  const urgent = stage.submit("urgent", 1, {}, { request, owner: SECOND });
  const { length } = training.began;
  stage.until(urgent, 1, 5);
  assert.equal(training.began.length, length);
  assert.equal(plain.began.length, 2 * (stage.tick + 1), "two in each tick");
});

test("what an urgent call submits is as urgent: it may wait for it", () => {
  const stage = new Stage({ CPU: 1 });
  const parent = stage.submit("parent", 1, {}, { request: high, ticks: endless });
  const others = stage.submit("others", endless, {}, { request: { ...low, priority: 0.5 }, owner: SECOND });
  const child = stage.submit("child", 3, {}, { request: low, owner: stage.workerOf(parent) });
  stage.block(parent);
  stage.until(child, 3, 5);
  assert.ok(others.began.every((tick) => tick >= (child.began.at(-1) ?? 0)));
});

test("an endless stream of the more urgent leaves nothing to the others, and that is all that does", () => {
  const stage = new Stage({ CPU: 2 });
  const others = stage.submit("others", 10, {}, { request: low, owner: SECOND, ticks: 4 });
  const urgent = stage.submit("urgent", 100, {}, { request: high });
  stage.until(urgent, 100, 60);
  assert.equal(others.began.length, 2, "those that were first");
  stage.until(others, 10, 40);
});
