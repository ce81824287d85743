// The tasks this process has submitted and not yet finished, and the rule by which a lost one is tried again.
//
//   waiting   some argument is not here yet     in the `dependents` of that argument's record
//   delayed   failed, and waits to be tried     nowhere: it says itself when it is due
//   ready     could run, has no worker          in the queue of its shape (leases.ts)
//   running   pushed to a worker                in the `inflight` of its lease
//   stopped   has its outcome: it was cancelled, or its time was over, and its worker has not said yet that it has ended
//                                               in the `inflight` of its lease, and among the stopped of the owner
//   done      has its outcome                   nowhere
import type { ActorId } from "../../domain/actor.ts";
import type { ObjectId } from "../../domain/id.ts";
import type { Failure, Payload, WorkerLoss } from "../../domain/object.ts";
import type { Stop } from "../../domain/stop.ts";
import type { Retry, Starvation } from "../../domain/news.ts";
import type { TaskSpec } from "../../domain/task.ts";
import type { FromDaemon, LeaseId } from "../../protocol/daemon.ts";
import type { Reply } from "../../protocol/worker.ts";

export type TaskState = "waiting" | "delayed" | "ready" | "running" | "stopped" | "done";

export interface Task {
  readonly number: number;
  readonly spec: TaskSpec;
  readonly results: readonly ObjectId[];
  /** The actor whose constructor takes its arguments: it is no call, and ends when they are here. */
  readonly making: ActorId | undefined;
  state: TaskState;
  /** Arguments that are not here yet. */
  missing: number;
  /** Counts from 1, once it was pushed. */
  attempt: number;
  /** Failed attempts that it may still survive; -1 for ever. */
  retriesLeft: number;
  /** Shares a worker with no other call in flight, so that a crash shows exactly whose it was. */
  alone: boolean;
  /** Set by the reply that says `process.exit` was called; the end of the worker follows. */
  exit: Extract<Reply, { kind: "exited" }> | undefined;
  /** The one it was pushed under last. */
  lease: LeaseId;
  /** Why it was stopped. */
  stop: Stop | undefined;
  /** Its last transitions, a digit each: `storyOf` puts them into words. A task costs no string before one is read. */
  story: number;
}

/** Why a task is to be pushed once more. */
export type Again = "returned" | "argument lost" | "worker lost" | "taken along" | "threw" | "item lost";

/** The legal changes, and the reasons for which they happen. */
const MOVES = [
  { from: "waiting", to: "ready", why: "arguments are here" },
  { from: "ready", to: "waiting", why: "an argument was lost" },
  { from: "waiting", to: "done", why: "an argument failed" },
  { from: "ready", to: "running", why: "pushed" },
  { from: "ready", to: "done", why: "cannot be scheduled" },
  { from: "running", to: "ready", why: "returned" },
  { from: "running", to: "ready", why: "argument lost" },
  { from: "running", to: "ready", why: "worker lost" },
  { from: "running", to: "ready", why: "taken along" },
  { from: "running", to: "ready", why: "threw" },
  { from: "running", to: "delayed", why: "worker lost" },
  { from: "running", to: "delayed", why: "threw" },
  { from: "running", to: "ready", why: "item lost" },
  { from: "running", to: "delayed", why: "item lost" },
  { from: "delayed", to: "ready", why: "is due" },
  { from: "delayed", to: "done", why: "session ended" },
  { from: "running", to: "done", why: "ended" },
  { from: "waiting", to: "done", why: "stopped" },
  { from: "delayed", to: "done", why: "stopped" },
  { from: "ready", to: "done", why: "stopped" },
  { from: "running", to: "stopped", why: "stopped" },
  { from: "stopped", to: "done", why: "ended" },
] as const;

/** More than there are moves. */
const STORY_BASE = 32;
/** Digits that a double holds exactly. */
const STORY_SPAN = STORY_BASE ** 10;

export function createTask(number: number, spec: TaskSpec, results: readonly ObjectId[], making?: ActorId): Task {
  return {
    number,
    spec,
    results,
    making,
    state: "waiting",
    missing: 0,
    attempt: 0,
    retriesLeft: spec.maxRetries,
    // Not to be begun twice at any price: nothing may be lost with it or ahead of it in doubt.
    alone: spec.maxRetries === 0,
    exit: undefined,
    lease: 0,
    stop: undefined,
    story: 0,
  };
}

/**
 * The same call once more, though it had ended: what it had made is lost. Takes one of its retries, which it must have. A stream that was
 * left while it waited to be tried again has paid for that.
 */
export function nextAttempt(ended: Task): Task {
  const { number, spec, results, attempt, alone } = ended;
  const task = { ...createTask(number, spec, results), attempt, alone, retriesLeft: ended.retriesLeft };
  if (attempt > spec.maxRetries - ended.retriesLeft) takeRetry(task);
  return task;
}

/** `why` only where there is more than one reason. */
export function move(task: Task, to: TaskState, why?: Again | "stopped"): void {
  for (let index = 0; index < MOVES.length; index += 1) {
    const legal = MOVES[index];
    if (legal?.from !== task.state || legal.to !== to || (why !== undefined && legal.why !== why)) continue;
    task.state = to;
    // The oldest digit goes first: one more than a double holds exactly would spoil them all.
    task.story = (task.story % (STORY_SPAN / STORY_BASE)) * STORY_BASE + index + 1;
    return;
  }
  throw new Error(`${storyOf(task)} → ${to} is not legal`);
}

/** What a task is and how it came to that, for errors and invariants. */
export function storyOf(task: Task): string {
  const digits = task.story
    .toString(STORY_BASE)
    .split("")
    .map((digit) => MOVES[Number.parseInt(digit, STORY_BASE) - 1]);
  const told = digits.flatMap((made) => (made === undefined ? [] : [`${made.to} (${made.why})`]));
  return `task ${task.number} (${task.spec.name}) is ${task.state}: ${told.join(", ")}`;
}

/** What holds of every task that is not over: throws with its story. */
export function checkTask(task: Task): void {
  const { state, missing, attempt, retriesLeft, spec } = task;
  if (state === "done") throw new Error(`done but kept: ${storyOf(task)}`);
  if (state === "waiting" && missing <= 0) throw new Error(`waits for nothing: ${storyOf(task)}`);
  const begun = state === "running" || state === "stopped" ? 1 : 0;
  if (spec.maxRetries >= 0 && attempt !== spec.maxRetries - retriesLeft + begun)
    throw new Error(`in attempt ${attempt} with ${retriesLeft} retries left: ${storyOf(task)}`);
}

/** Something may want to end it before it has ended. */
export function isGuarded({ spec }: Task): boolean {
  return spec.timeoutMs !== undefined || spec.signal !== undefined;
}

/** A task will be tried again: how the user is told. */
export function retryOf(task: Task, loss: WorkerLoss | undefined, thrown: Payload | undefined): Retry {
  const { spec, attempt, retriesLeft } = task;
  const attemptsMax = spec.maxRetries < 0 ? undefined : attempt + 1 + retriesLeft;
  return { name: spec.name, site: spec.site, attempt: attempt + 1, attemptsMax, loss, thrown };
}

/** Why a task of a shape that can have no lease fails. */
export function refusalBy(
  message: Extract<FromDaemon, { type: "unschedulable" | "setupFailed" }>,
  { spec: { name, request, site } }: Task,
): { readonly failure: Failure } {
  const call = { name, request, site: site.text };
  if (message.type === "setupFailed") return { failure: { kind: "setupFailed", ...call, loss: message.loss } };
  return { failure: { kind: "unschedulable", ...call, node: message.node } };
}

/** Undefined: what waited for it waits no more. */
export function starvationOf(
  { shortage, actor }: Extract<FromDaemon, { type: "starved" }>,
  first: Task | undefined,
): Starvation | undefined {
  if (actor !== undefined) return { ...actor, site: { text: actor.site }, isActor: true, ...shortage };
  if (first === undefined) return undefined;
  const { name, site, request } = first.spec;
  return { name, site, request, ...shortage };
}

/** One budget for all reasons to try again. False when it is spent. */
export function takeRetry(task: Task): boolean {
  if (task.retriesLeft === 0) return false;
  if (task.retriesLeft > 0) task.retriesLeft -= 1;
  return true;
}

/**
 * What a lost worker means for a call that had perhaps begun there: to be tried again, at once when that is "free", or the failure.
 * `innocent`: somebody else is known to have ended the worker. Else it may have been this one; from then on it is alone, so that the next
 * loss is its own.
 */
export function afterLoss(task: Task, innocent: boolean, loss: WorkerLoss): "free" | "again" | Failure {
  if (innocent && task.spec.maxRetries !== 0) return "free";
  if (!takeRetry(task)) return failure(task, loss);
  task.alone = true;
  return "again";
}

function failure(task: Task, loss: WorkerLoss): Failure {
  const { name, site } = task.spec;
  const call = { name, attempts: task.attempt, loss, site: site.text };
  return task.exit === undefined ? { kind: "crashed", ...call } : { kind: "exited", ...call, module: task.exit.module };
}
