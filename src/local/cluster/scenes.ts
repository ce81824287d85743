// For tests of the cluster brain: inputs by short names, effects in a word each, and a table of both to check.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProcessId } from "../../domain/id.ts";
import type { WorkerLoss } from "../../domain/object.ts";
import { gpusIn } from "../../domain/resources.ts";
import { noEnv } from "../../domain/runtime-env.ts";
import type { ToDaemon } from "../../protocol/daemon.ts";
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
  change: { name?: string; getIfExists?: boolean; maxRestarts?: number; placing?: boolean } = {},
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
