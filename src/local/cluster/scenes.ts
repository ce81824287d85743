// For tests of the cluster brain: inputs by short names, effects in a word each, and a table of both to check; and a stage with submitters.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProcessId } from "../../domain/id.ts";
import type { WorkerLoss } from "../../domain/object.ts";
import { gpusIn } from "../../domain/resources.ts";
import { noEnv } from "../../domain/runtime-env.ts";
import { shapeOf, type Shape, type TaskRequest } from "../../domain/request.ts";
import type { FromDaemon, LeaseId, ToDaemon } from "../../protocol/daemon.ts";
import { Cluster } from "./cluster.ts";
import type { ClusterEffect, ClusterInput } from "./step.ts";

export const DRIVER: ProcessId = "d".repeat(16);
export const SECOND: ProcessId = "e".repeat(16);

export const worker = (number: number): ProcessId => `${number}`.repeat(16);
export const say = (from: ProcessId, message: ToDaemon): ClusterInput => ({ type: "message", from, message });
/** `seen`: the latest lease the sender knew of. */
export const demand = (from: ProcessId, lacking: number, units = 10_000, seen = 0): ClusterInput =>
  say(from, {
    type: "demand",
    shape: `CPU=${units};`,
    request: { resources: { CPU: units } },
    lacking,
    seen,
    name: "f",
  });
/** For calls in processes of their own. */
export const apart = (from: ProcessId, lacking: number): ClusterInput =>
  say(from, {
    type: "demand",
    shape: "apart",
    request: { resources: { CPU: 10_000 }, apart: true },
    lacking,
    seen: 0,
    name: "f",
  });
/** For GPUs and no CPU. */
export const gpus = (from: ProcessId, lacking: number, units: number): ClusterInput =>
  say(from, {
    type: "demand",
    shape: `GPU=${units};`,
    request: { resources: { GPU: units } },
    lacking,
    seen: 0,
    name: "g",
  });
const NOTHING = { bytes: new Uint8Array(), buffers: [], refs: [], modules: false };
/** Of an actor that takes a CPU until it is made. */
export const create = (
  id: string,
  change: Partial<Extract<ToDaemon, { type: "createActor" }>["plan"]> = {},
): ToDaemon => ({
  type: "createActor",
  id,
  plan: {
    className: "C",
    name: "",
    namespace: "",
    maxRestarts: 0,
    limits: { "": 1 },
    about: NOTHING,
    definition: "c",
    request: { resources: { CPU: 10_000 } },
    placing: true,
    getIfExists: false,
    detached: false,
    site: "",
    ...change,
  },
});
export const args = (id: string): ToDaemon => ({ type: "actorArgs", id, args: NOTHING, positions: [], values: [] });
export const ready = (number: number): ClusterInput => say(worker(number), { type: "ready" });
export const gone = (process: ProcessId, loss?: WorkerLoss): ClusterInput => ({ type: "gone", process, loss });
export const joined = (process: ProcessId): ClusterInput => ({ type: "joined", process });
export const TICK: ClusterInput = { type: "tick" };

export function told(effect: ClusterEffect): string {
  if (effect.type === "spawn" || effect.type === "kill") return `${effect.type} ${effect.worker[0] ?? ""}`;
  if (effect.type !== "send") return effect.type;
  const { message, to } = effect;
  const detail = "lease" in message ? ` ${message.lease}` : "worker" in message ? ` ${message.worker[0] ?? ""}` : "";
  const when =
    message.type === "recall"
      ? ` ${message.when}`
      : message.type === "value"
        ? ` ${message.outcome.failure?.kind ?? "value"}`
        : message.type === "workerLost" && message.loss.forced === true
          ? " by force"
          : "";
  return `${message.type}${detail}${when} → ${to[0] ?? ""}`;
}

export function cluster(cpus: number, gpuCount = 0): Cluster {
  let next = 0;
  return new Cluster({
    nodeId: "n",
    address: "here",
    total: { CPU: cpus * 10_000, GPU: gpuCount * 10_000 },
    labels: {},
    env: noEnv,
    storeBytesMax: 0,
    starvedTicks: 5,
    setupTicks: 200,
    nextWorkerId: () => worker((next += 1)),
  });
}

/** Of one CPU, with as many waiting workers as there may be: all calls of the driver. */
export function crowded(): Cluster {
  const brain = cluster(1);
  brain.step(joined(DRIVER));
  brain.step(joined(SECOND));
  brain.step(demand(DRIVER, 4));
  for (let number = 1; number <= 4; number += 1) {
    brain.step(ready(number));
    brain.step(say(worker(number), { type: "blocked", lease: number }));
  }
  brain.drain();
  return brain;
}

export function check(name: string, cpus: number, rows: readonly (readonly [ClusterInput, readonly string[]])[]): void {
  test(name, () => {
    const brain = cluster(cpus);
    brain.drain();
    rows.forEach(([input, expected], index) => {
      brain.step(input);
      brain.check();
      assert.deepEqual(
        brain.drain().map(told),
        expected,
        `after input ${index}: ${JSON.stringify(input).slice(0, 120)}`,
      );
    });
  });
}

/** Which GPUs each grant has that is among the effects. */
export function given(brain: Cluster): number[][] {
  return brain.drain().flatMap((effect) => {
    const message = effect.type === "send" ? effect.message : undefined;
    return message?.type === "granted" ? [gpusIn(message.resources)] : [];
  });
}

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
  /** Its submitter does nothing with what it is granted. */
  unused: boolean;
}

interface Held {
  readonly work: Work;
  readonly worker: ProcessId;
  /** Of the running call. */
  ticksLeft: number;
  ending: boolean;
  waits: boolean;
}

/** Submitters and workers that do as they are told at once. A submitter gives a lease back when it has no more calls of the shape; that is all it knows of others. */
export class Stage {
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
    const work = {
      name,
      owner: DRIVER,
      request: { resources },
      ticks: 1,
      left: count,
      began: [],
      unused: false,
      ...more,
    };
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
        if (held.work.unused) continue;
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
      if (held === undefined || message.when !== "yield") return;
      held.ending = true;
      if (held.work.unused) this.#next(message.lease, held);
    }
    if (message.type !== "granted") return;
    const work = this.#works.get(key(to, message.shape));
    assert.ok(work !== undefined);
    this.#seen.set(to, message.lease);
    const held: Held = { work, worker: message.worker, ticksLeft: 0, ending: false, waits: false };
    this.#leases.set(message.lease, held);
    if (work.unused) return;
    this.#next(message.lease, held);
    this.#demand(work);
  }
}

function key(owner: ProcessId, shape: Shape): string {
  return `${owner} ${shape}`;
}

export const endless = 1_000_000;
