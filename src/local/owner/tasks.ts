// The tasks this process has submitted and not yet finished, and the rule by which a lost one is tried again.
//
//   waiting   some argument is not here yet     in the `dependents` of that argument's record
//   ready     could run, has no worker          in the queue of its shape (leases.ts)
//   running   pushed to a worker                in the `inflight` of its lease
//   done      has its outcome                   nowhere
import type { ObjectId } from "../../domain/id.ts";
import type { Failure, WorkerLoss } from "../../domain/object.ts";
import type { TaskSpec } from "../../domain/task.ts";

export type TaskState = "waiting" | "ready" | "running" | "done";

export interface Task {
  readonly number: number;
  readonly spec: TaskSpec;
  readonly results: readonly ObjectId[];
  state: TaskState;
  /** Arguments that are not here yet. */
  missing: number;
  /** Counts from 1, once it was pushed. */
  attempt: number;
  /** System failures it may still survive; -1 for ever. */
  retriesLeft: number;
  /** Shares a worker with no other call in flight, so that a crash shows exactly whose it was. */
  alone: boolean;
  /** Set by the reply that says `process.exit` was called; the end of the worker follows. */
  exitCode: number | undefined;
  /** Its last transitions, for errors and invariants. */
  story: string[];
}

const LEGAL: Readonly<Record<TaskState, readonly TaskState[]>> = {
  waiting: ["ready", "done"],
  ready: ["running", "done"],
  running: ["ready", "done"],
  done: [],
};

/** Long enough to see the last two attempts. */
const STORY_MAX = 8;

export function createTask(number: number, spec: TaskSpec, results: readonly ObjectId[]): Task {
  return {
    number,
    spec,
    results,
    state: "waiting",
    missing: 0,
    attempt: 0,
    retriesLeft: spec.maxRetries,
    // Not to be begun twice at any price: nothing may be lost with it or ahead of it in doubt.
    alone: spec.maxRetries === 0,
    exitCode: undefined,
    story: [],
  };
}

export function move(task: Task, to: TaskState, why: string): void {
  if (!LEGAL[task.state].includes(to)) {
    throw new Error(
      `task ${task.number} (${task.spec.name}): ${task.state} → ${to} (${why}) is not legal; before: ${task.story.join(", ")}`,
    );
  }
  task.state = to;
  if (task.story.length === STORY_MAX) task.story.shift();
  task.story.push(`${to} (${why})`);
}

/**
 * What a lost worker means for a call that was in flight on it: `undefined` to try again, else the failure.
 * A call that was not alone cannot be told from the guilty one; it runs again for free, once, alone from then on.
 */
export function afterLoss(task: Task, certain: boolean, loss: WorkerLoss): Failure | undefined {
  if (!certain && !task.alone) {
    task.alone = true;
    return undefined;
  }
  if (task.retriesLeft === 0) return failure(task, loss);
  if (task.retriesLeft > 0) task.retriesLeft -= 1;
  task.alone = true;
  return undefined;
}

function failure(task: Task, loss: WorkerLoss): Failure {
  const { name, site } = task.spec;
  const kind = task.exitCode === undefined ? "crashed" : "exited";
  return { kind, name, attempts: task.attempt, loss, site: site.text };
}
