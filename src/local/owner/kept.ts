// A call that is kept, so that what it has made can be made again.
import type { ObjectId } from "../../domain/id.ts";
import type { Payload } from "../../domain/object.ts";
import { isStream, type TaskSpec } from "../../domain/task.ts";
import type { Task } from "./tasks.ts";

/** What a kept call takes at least: some objects, and its place in some maps. */
export const KEPT_BYTES = 1_000;
/** What is known of an item of a stream: its id and its place. */
export const ITEM_BYTES = 200;

export interface Kept {
  /** Its last attempt. */
  task: Task;
  bytes: number;
  /** Of its results, or items, those that are in the store and have a record. */
  readonly results: Set<ObjectId>;
  /** Of a stream: the places of these items, and of those that nobody has any more, but kept calls may need. */
  readonly places: Map<ObjectId, number> | undefined;
  /** Of these, the ones that nobody has any more. */
  readonly gone: Set<ObjectId>;
  /** Of what it needs, what is small. */
  values: ReadonlyMap<ObjectId, Payload>;
  /** Kept calls that made what it needs, and how many kept calls need what it made. */
  makers: KeptCalls;
  users: number;
}

/** For whoever keeps them. */
export type KeptCalls = ReadonlySet<Kept>;

export function newKept(task: Task): Kept {
  const places = isStream(task.spec) ? new Map<ObjectId, number>() : undefined;
  return {
    task,
    bytes: 0,
    results: new Set(),
    places,
    gone: new Set(),
    values: new Map(),
    makers: new Set(),
    users: 0,
  };
}

export function neededBy({ args, dependencies }: TaskSpec): ObjectId[] {
  return [...dependencies.map(({ id }) => id), ...args.refs];
}

export function isUnderWay({ state }: Task): boolean {
  return state !== "done" && state !== "stopped";
}
