// A worker that this process may push calls to, and the line of tasks that wait for one.
import type { Line } from "../../std/line.ts";
import type { Shape, TaskRequest } from "../../domain/request.ts";
import type { Resources } from "../../domain/resources.ts";
import type { Place } from "./lane.ts";
import type { Task } from "./tasks.ts";

export interface Lease extends Place {
  readonly shape: ShapeQueue;
  /** What its calls have, concrete GPUs too. */
  readonly resources: Resources;
  /** By task number, in the order in which they were pushed. */
  readonly inflight: Map<number, Task>;
  /** Calls that the worker has replied to. */
  answered: number;
  /** How many more may be pushed under it. */
  callsLeft: number;
  /** The running call waits for others: nothing may queue behind it. Until its reply. */
  blocked: boolean;
  /** What is in flight must be alone, or is long, of unknown length, or stopped: nothing may queue behind it, it might wait for ever. */
  single: boolean;
  /** A `withdraw` is on its way. */
  withdrawing: boolean;
  /** Ended by the worker, or to end with it; kept until what is in flight is answered, has come back, or is lost. */
  over: boolean;
  /** The daemon was asked to end its worker. */
  ending: boolean;
  /** Had nothing in flight at the last tick. */
  idle: boolean;
  /** What is less urgent waits for it: it goes back as soon as there are no more calls. */
  spare: boolean;
}

export interface ShapeQueue {
  readonly shape: Shape;
  readonly request: TaskRequest;
  readonly ready: Line<Task>;
  readonly leases: Set<Lease>;
  /** What the daemon was told to be lacking, less what it granted since. */
  asked: number;
}
