// Where tasks go once they could run: those of functions to whichever worker there is a lease on, those of an actor to where it lives.
import type { ProcessId } from "../../domain/id.ts";
import type { Progress } from "../../domain/progress.ts";
import type { LeaseId } from "../../protocol/daemon.ts";
import type { Again, Task } from "./tasks.ts";

/** Where a task was pushed to. */
export interface Place {
  readonly id: LeaseId;
  readonly worker: ProcessId;
  readonly address: string;
  /** By task number, in the order in which they were pushed. */
  readonly inflight: ReadonlyMap<number, Task>;
}

export interface Lane {
  enqueue(task: Task): void;
  /** Back to the front, in their old order: they were next. Pushed by `assignFor`. */
  requeue(tasks: readonly Task[], why: Again): void;
  assignFor(task: Task): void;
  /** One that was ready is so no more. */
  left(task: Task): void;
  /** One in flight is to end, and keeps its place until its worker answers. True: nobody has to see to it. */
  stop(task: Task): boolean;
  progressOf(task: Task): Progress | undefined;
  /** Of one in flight. */
  placeOf(task: Task): Place | undefined;
}

export class Lanes {
  readonly #leases: Lane;
  readonly #calls: Lane;

  constructor(leases: Lane, calls: Lane) {
    this.#leases = leases;
    this.#calls = calls;
  }

  of({ spec }: Task): Lane {
    return spec.method === undefined ? this.#leases : this.#calls;
  }
}

/** The call that was never begun, or that another's crash has ended, does not count against its retries. */
export function backTo(task: Task, why: Again): void {
  if (why === "returned" || why === "argument lost" || why === "taken along") task.attempt -= 1;
}
