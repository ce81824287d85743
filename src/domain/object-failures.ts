// The texts of errors about objects and what keeps them: see failures.ts.
import {
  ObjectFreedError,
  ObjectLostError,
  ObjectReconstructionFailedError,
  ObjectStoreFullError,
  ObjectStoreUnavailableError,
  OutOfDiskError,
  OwnerDiedError,
} from "./errors.ts";
import { actorShown } from "./actor-failures.ts";
import { howItEnded, indented, submitted } from "./failures.ts";
import type { Failure, WorkerLoss } from "./object.ts";
import { told } from "./told.ts";
import { megabytes } from "../std/megabytes.ts";

export function objectFreed(freed: { id: string; what: string }): ObjectFreedError {
  const message = told(
    `${freed.what}: ObjectRef(${freed.id}) was disposed of before.`,
    [],
    "Dispose of a ref only after its last use. `using` does it at the end of its block, also for refs that were handed on.",
  );
  return new ObjectFreedError(message, { objectId: freed.id });
}

export function objectLost(lost: { id: string; reason: string }): ObjectLostError {
  const message = told(
    `The value of ObjectRef(${lost.id}) is lost: ${lost.reason}.`,
    [],
    "Put it again, or submit its call again.",
  );
  return new ObjectLostError(message, { objectId: lost.id });
}

/** `name`: of the task whose function has them. */
export function variablesLost(id: string, name: string): ObjectLostError {
  const message = told(
    `The variables of task ${name} are lost: their file in the object store was removed or is damaged, and a function travels once.`,
    [],
    "Make the function remote again. Pass what is large as an argument: a ref to what a call has made can be made again.",
  );
  return new ObjectLostError(message, { objectId: id });
}

/** Of a call that could not begin any more. */
export function argumentsLost(lost: { id: string; name: string; site: string }): ObjectLostError {
  const message = told(
    `Task ${lost.name} cannot be run: its arguments, which were passed by value, were removed from the object store or are damaged there.`,
    [submitted(lost.site)],
    "Submit it again. Pass what other calls have made as refs: that can be made again.",
  );
  return new ObjectLostError(message, { objectId: lost.id });
}

/** `reason`: why its call is not run again. `cause`: the error of that in which it would have to run. */
export function reconstructionFailed(
  lost: { id: string; name: string; reason: string; site: string },
  cause?: Error,
): ObjectReconstructionFailedError {
  const message = told(
    `The value of ObjectRef(${lost.id}) is lost: its file in the object store was removed or is damaged, and task ${lost.name}, which had made it, cannot be run again: ${lost.reason}.`,
    [submitted(lost.site), cause === undefined ? "" : indented("its cause:", cause.message)],
    cause === undefined
      ? "Raise `maxRetries` of the call (of a method: `maxTaskRetries`), and pass it large arguments as refs of what other calls have made; or submit it again."
      : "Submit it again, where it can run.",
  );
  return new ObjectReconstructionFailedError(message, { objectId: lost.id }, cause && { cause });
}

export function ownerDied({ id, lost, owner, end }: Omit<Died, "kind">): OwnerDiedError {
  const { loss, actor } = end ?? {};
  const where = actor === undefined ? "" : ` of ${actorShown(actor.id, actor)}`;
  const who = loss === undefined ? `process ${owner}` : `worker process ${loss.pid}${where}`;
  const how = loss === undefined ? "is gone" : endedHow(loss);
  const message = told(
    lost === true
      ? `The value of ObjectRef(${id}) is lost: its file in the object store was removed or is damaged, and ${who}, which submitted its call and alone could have it made again, ${how}.`
      : `The value of ObjectRef(${id}) cannot be had: ${who}, which submitted its call and kept what came of it, ${how}.`,
    [],
    "Let a process that lives longer submit the call, for example the driver.",
  );
  return new OwnerDiedError(message, { objectId: id });
}
type Died = Extract<Failure, { kind: "ownerDied" }>;

function endedHow(loss: WorkerLoss): string {
  if (loss.retired === true) return "has ended, since it had nothing left to do";
  return loss.reason === undefined ? howItEnded(loss) : `had to be ended, because ${loss.reason}`;
}

/** What is in the object store for one place of the program. */
export interface Holder {
  readonly label: string;
  readonly bytes: number;
}

/** There is no room for a value: neither in memory, if there is any, nor in `folder`. */
export interface NoRoom {
  readonly bytes: number;
  /** What it is. */
  readonly label: string;
  readonly folder: string;
  readonly reason: string;
  /** There is shared memory, which is full too; otherwise the folder is all there is. */
  readonly hasMemory: boolean;
  /** Those who have most, the largest first. */
  readonly holders: readonly Holder[];
}

/** Those errors that say so; another attempt may find room. */
const noRoomErrors = new WeakSet<object>();

/** Whether there may be room when all have let go of what they do not need. */
export function isNoRoom(error: unknown): boolean {
  return error instanceof Error && noRoomErrors.has(error);
}

/** Whether what this process lacks now it may have in a moment. */
export function isForTheMoment(error: unknown): boolean {
  return isNoRoom(error) || error instanceof ObjectStoreUnavailableError;
}

export function outOfDisk(full: NoRoom): OutOfDiskError {
  const error = new OutOfDiskError(
    told(
      full.hasMemory
        ? `${noRoom(full)}: ${MEMORY_FULL}, and so is the disk of ${full.folder} (${full.reason}).`
        : `${noRoom(full)}: the disk of ${full.folder}, where all large values are, is full (${full.reason}).`,
      holdersOf(full),
      "Let go of refs that are not needed any more, free some space, or point `spillDirectory` at a larger disk.",
    ),
  );
  noRoomErrors.add(error);
  return error;
}

/** There may be room; but no file of this process may be so large. */
export function fileTooLarge({ bytes, label, pid }: { bytes: number; label: string; pid: number }): OutOfDiskError {
  return new OutOfDiskError(
    told(
      `The ${megabytes(bytes)} of ${label} cannot be stored: no file that process ${pid} writes may be so large (EFBIG).`,
      [],
      "Raise the limit for the size of files (ulimit -f) for your program, or make several smaller values of it.",
    ),
  );
}

export function objectStoreFull(full: NoRoom): ObjectStoreFullError {
  const error = new ObjectStoreFullError(
    told(
      `${noRoom(full)}: ${full.hasMemory ? `${MEMORY_FULL}, and ` : ""}nothing can be written to ${full.folder} (${full.reason}).`,
      holdersOf(full),
      "Let go of refs that are not needed any more, raise `objectStoreMemory`, or point `spillDirectory` at a folder that can be written to.",
    ),
  );
  noRoomErrors.add(error);
  return error;
}

/** `what`: is to be done with what. `reason`: what this process lacks. */
export function storeUnavailable(lacking: { what: string; pid: number; reason: string }): ObjectStoreUnavailableError {
  return new ObjectStoreUnavailableError(
    told(
      `Process ${lacking.pid} cannot ${lacking.what} at the moment (${lacking.reason}). What is stored stays so.`,
      [],
      "Close files and sockets or raise their limit (ulimit -n), let go of large values that are not needed any more, or raise how many a process may map (sysctl vm.max_map_count), and try again. A call that could not give its result or get its arguments is to be submitted again.",
    ),
  );
}

const MEMORY_FULL = "the memory of the object store is full";

function noRoom({ bytes, label }: NoRoom): string {
  return `There is no room for the ${megabytes(bytes)} of ${label}`;
}

function holdersOf({ holders }: NoRoom): string[] {
  return holders.map(({ label, bytes }) => `${megabytes(bytes)} ${label}`);
}
