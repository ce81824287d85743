// For tests of the owner brain: inputs by short names, effects in a word each, and a table of both to check.
import assert from "node:assert/strict";
import { test } from "node:test";
import { objectId } from "../../domain/id.ts";
import type { Outcome, Payload, WorkerLoss } from "../../domain/object.ts";
import { apartFrom, shapeOf, type TaskRequest } from "../../domain/request.ts";
import type { TaskSpec } from "../../domain/task.ts";
import type { EndedLease } from "../../protocol/daemon.ts";
import type { Reply, StreamPosition } from "../../protocol/worker.ts";
import { Owner } from "./owner.ts";
import type { OwnerInput } from "./step.ts";

export const ME: string = "a".repeat(16);
export const WORKER: string = "b".repeat(16);
export const OTHER: string = "c".repeat(16);
export const REQUEST: TaskRequest = { resources: { CPU: 10_000 } };
export const SHAPE: string = shapeOf(REQUEST);
export const lost = (loss: WorkerLoss, ended: readonly EndedLease[] = []): OwnerInput => ({
  type: "lost",
  worker: WORKER,
  loss,
  ended,
});
export const LOSS: WorkerLoss = { pid: 7, exitCode: null, signal: "SIGKILL", lastStderr: "" };

export const mine = (number: number): string => objectId(ME, number);
export const foreign = (number: number): string => objectId(OTHER, number);

export function payload(text: string, refs: readonly string[] = []): Payload {
  return { bytes: Buffer.from(text), buffers: [], refs, modules: false };
}

export function spec(change: Partial<TaskSpec> = {}): TaskSpec {
  const site = { text: "main.ts:1:1" };
  return {
    definition: "f",
    name: "f",
    args: payload("args"),
    dependencies: [],
    returns: 1,
    maxRetries: 3,
    retryOn: "none",
    retryDelay: undefined,
    request: REQUEST,
    site,
    ...change,
  };
}

export const grant = (lease: number, worker: string = WORKER, shape: string = SHAPE): OwnerInput => ({
  type: "daemon",
  message: { type: "granted", lease, shape, worker, address: "sock", resources: { CPU: 10_000 } },
});
/** For calls that are to be apart. */
export const grantApart = (lease: number, worker: string = WORKER): OwnerInput =>
  grant(lease, worker, shapeOf(apartFrom(REQUEST)));
export const reply = (task: number, what: Reply, lease = 1, micros = 50): OwnerInput => ({
  type: "worker",
  worker: WORKER,
  message: { type: "reply", lease, task, reply: what, micros },
});
export const done = (text: string, refs: readonly string[] = []): Reply => ({
  kind: "done",
  values: [payload(text, refs)],
});
export const submit = (number: number, change: Partial<TaskSpec> = {}): OwnerInput => ({
  type: "submit",
  number,
  results: Array.from({ length: change.returns ?? 1 }, (_, index) => mine(number + index)),
  spec: spec(change),
});
export const items = (task: number, texts: readonly string[], refs: readonly string[] = []): OwnerInput => ({
  type: "worker",
  worker: WORKER,
  message: { type: "items", lease: 1, task, values: texts.map((text) => payload(text, refs)) },
});
/** Each in a file of this number. */
export const largeItems = (task: number, files: readonly number[], lease = 1): OwnerInput => ({
  type: "worker",
  worker: WORKER,
  message: { type: "items", lease, task, values: files.map((file) => large(`v${file}`, file)) },
});
export const take = (stream: number): OwnerInput => ({ type: "take", stream: mine(stream) });
export const leave = (stream: number): OwnerInput => ({ type: "leave", stream: mine(stream) });
/** In the store under this number of another process. */
export function large(text: string, file: number, refs: readonly string[] = []): Payload {
  const id = foreign(file);
  return { ...payload(text, [...refs, id]), stored: { id, sizes: [1_000_000], body: false } };
}
export const made = (text: string, file: number, refs: readonly string[] = []): Reply => ({
  kind: "done",
  values: [large(text, file, refs)],
});
export const unreadable = (number: number, file: number): OwnerInput => ({
  type: "unreadable",
  id: mine(number),
  stored: foreign(file),
});
export const want = (number: number): OwnerInput => ({ type: "want", id: mine(number) });
export const release = (number: number): OwnerInput => ({ type: "release", id: mine(number) });
export const on = (...numbers: number[]): Pick<TaskSpec, "dependencies"> => ({
  dependencies: numbers.map((number, position) => ({ position, id: mine(number) })),
});
export const FLUSH: OwnerInput = { type: "flush" };

/** One word per effect, so that an expectation is a list to read. */
function tell(owner: Owner): string[] {
  return owner.drain().map((effect) => {
    if (effect.type === "outcome") return `outcome ${short(effect.id)} ${told(effect.outcome)}`;
    if (effect.type === "retry") return `retry ${effect.retry.attempt}`;
    if (effect.type === "starved") return `starved ${effect.starvation.name}`;
    if (effect.type === "unheard") return `unheard ${effect.failure.kind}`;
    if (effect.type === "short") return `short ${effect.short.name}`;
    if (effect.type === "delay") return `delay ${effect.task} ${effect.ms}${effect.jitter ? " or less" : ""}`;
    if (effect.type === "grace") return `grace ${effect.task} on ${effect.lease} ${effect.ms}`;
    if (effect.type === "guard") return `guard ${effect.task}`;
    if (effect.type === "unguard") return `unguard ${effect.task}`;
    const { message } = effect;
    if (message.type === "demand")
      return `demand ${message.lacking}${message.request.apart === true ? " apart" : ""}${message.seen === 0 ? "" : ` after ${message.seen}`}`;
    if (message.type === "giveBack") return `giveBack ${message.lease}`;
    if (message.type === "call")
      return `call ${message.task} on ${message.lease}${message.alone ? " alone" : ""}${begins(message.stream)}`;
    if (message.type === "read") return `read ${message.count} of ${message.task} on ${message.lease}`;
    if (message.type === "endWorker")
      return `endWorker of ${message.lease}${message.recursive ? " and its children" : ""}`;
    if (message.type === "cancel") return `cancel ${message.task} on ${message.lease}`;
    if (message.type === "withdraw") return `withdraw ${message.count} from ${message.lease}`;
    if (message.type === "again") return `again on ${message.lease}`;
    if (message.type === "hold") return `hold ${short(message.id)} for ${message.process[0] ?? ""}`;
    if (message.type === "release") return `release ${short(message.id)} ${message.count}`;
    if (message.type === "lost") return `lost ${short(message.id)}`;
    if (message.type === "publish") return `publish ${short(message.id)} ${told(message.outcome)}`;
    if (message.type === "share" || message.type === "subscribe") return `${message.type} ${short(message.id)}`;
    return message.type;
  });
}

const begins = (stream: StreamPosition | undefined): string => {
  if (stream === undefined) return "";
  const { skip, read, ahead, again } = stream;
  if (skip === Infinity) return ` for ${again.join(", ")} alone`;
  return ` from ${skip}, ${read} read, ${ahead} ahead${again.length === 0 ? "" : `, again ${again.join(", ")}`}`;
};
const short = (id: string): string => `${id[0] ?? ""}${Number.parseInt(id.slice(16), 16)}`;
const told = (outcome: Outcome): string => outcome.failure?.kind ?? Buffer.from(outcome.value?.bytes ?? []).toString();

export function check(
  name: string,
  rows: readonly (readonly [OwnerInput, readonly string[]])[],
  left?: { tasks: number; objects: number },
): void {
  test(name, () => {
    const owner = new Owner(ME);
    // Of the call. What the brain itself makes gets the numbers after it.
    owner.take(1);
    rows.forEach(([input, expected], index) => {
      owner.step(input);
      owner.check();
      assert.deepEqual(tell(owner), expected, `after input ${index}: ${JSON.stringify(input).slice(0, 120)}`);
    });
    if (left !== undefined) assert.deepEqual({ tasks: owner.inspect().tasks, objects: owner.inspect().objects }, left);
  });
}
