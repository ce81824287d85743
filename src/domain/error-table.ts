// What can go wrong for a user: the one table from which the error classes, their codes, docs/errors.md and its test come.

/** A field beside message and code. The default stands in when the error was made by somebody who does not know better. */
export interface ErrorField {
  readonly default: string | number | boolean | null | readonly string[];
  readonly doc: string;
  /** The message has it too: it is not enumerable, so that printing the error does not tell it twice. */
  readonly told?: true;
}

export interface ErrorRow {
  /** Never changes once released: programs compare with it. The class name in capitals, as the test says. */
  readonly code: string;
  readonly parent: ErrorName | "Error";
  readonly when: string;
  readonly next: string;
  readonly fields: Readonly<Record<string, ErrorField>>;
}

export type ErrorName =
  | "RayError"
  | "TaskError"
  | "TaskCancelledError"
  | "TaskTimeoutError"
  | "WorkerCrashedError"
  | "TaskExitedError"
  | "OutOfMemoryError"
  | "ActorError"
  | "ActorDiedError"
  | "ActorUnavailableError"
  | "ActorAlreadyExistsError"
  | "ActorNotFoundError"
  | "PendingCallsLimitError"
  | "GetTimeoutError"
  | "ObjectLostError"
  | "ObjectFreedError"
  | "OwnerDiedError"
  | "ObjectReconstructionFailedError"
  | "ObjectStoreFullError"
  | "OutOfDiskError"
  | "ObjectStoreUnavailableError"
  | "SerializationError"
  | "UnschedulableError"
  | "PlacementGroupRemovedError"
  | "PlacementGroupAlreadyExistsError"
  | "PlacementGroupNotFoundError"
  | "RuntimeEnvSetupError"
  | "SessionClosedError"
  | "ConnectionError"
  | "QueueEmptyError"
  | "QueueFullError";

function row(
  parent: ErrorRow["parent"],
  code: string,
  when: string,
  next: string,
  fields: ErrorRow["fields"] = {},
): ErrorRow {
  return { code, parent, when, next, fields };
}

/** What is known of the end of a process. */
const crashFields: Record<string, ErrorField> = {
  exitCode: { default: null, doc: "The exit code of the process, or null when a signal ended it, or none has ended." },
  signal: { default: null, doc: "The signal that ended the process, or null." },
  lastStderr: { default: "", doc: "The last lines that the process wrote to its standard error.", told: true },
};

/** Parents stand before their children. */
export const errorTable: Readonly<Record<ErrorName, ErrorRow>> = {
  RayError: row(
    "Error",
    "RAY_ERROR",
    "Never thrown as such: the class that all errors of this package share.",
    "Catch it to tell failures of the runtime from those of your own code.",
  ),
  TaskError: row(
    "RayError",
    "RAY_TASK_ERROR",
    "The remote function threw. The error is also an instance of the class that was thrown, has its own properties and its `code` when it has one.",
    "Read the message and the frames of the remote `stack`; what was thrown is in `cause`.",
  ),
  TaskCancelledError: row(
    "RayError",
    "RAY_TASK_CANCELLED_ERROR",
    "The call was cancelled before it had a result.",
    "The message says who cancelled it and why; where its signal was aborted, `cause` is what that was aborted with.",
  ),
  TaskTimeoutError: row(
    "RayError",
    "RAY_TASK_TIMEOUT_ERROR",
    "The call took longer than its own `timeoutMs`, counted from its submission.",
    "Raise `timeoutMs`, or look for what kept it waiting.",
  ),
  WorkerCrashedError: row(
    "RayError",
    "RAY_WORKER_CRASHED_ERROR",
    "The process that ran the call ended under it, and the call had no retries left.",
    "Read the last lines that the process wrote; raise `maxRetries` when the cause is outside your code.",
    crashFields,
  ),
  TaskExitedError: row(
    "WorkerCrashedError",
    "RAY_TASK_EXITED_ERROR",
    "The function called `process.exit`.",
    "Return or throw instead; a task shares its process with the tasks that come after it.",
  ),
  OutOfMemoryError: row(
    "RayError",
    "RAY_OUT_OF_MEMORY_ERROR",
    "The process that ran the task used up its memory and was ended; or the machine has no memory for the process of an actor.",
    "Keep less in memory at once, pass large values with `put`, or start the program with a larger `--max-old-space-size`.",
    crashFields,
  ),
  ActorError: row(
    "RayError",
    "RAY_ACTOR_ERROR",
    "Something is wrong with the actor itself, not with the method that was called.",
    "See the two classes below for which.",
    { actorId: { default: "", doc: "The id of the actor." } },
  ),
  ActorDiedError: row(
    "ActorError",
    "RAY_ACTOR_DIED_ERROR",
    "The actor has ended for good: killed, exited, crashed without restarts left, or its constructor failed.",
    "The message says which; `maxRestarts` makes it survive crashes.",
    {
      begun: {
        default: true,
        doc: "Whether the call may have begun there, and had its effect. False: it did not run, and may be given to another actor. Of short calls nobody may know: then it is true for all that were on their way.",
      },
      ...crashFields,
    },
  ),
  ActorUnavailableError: row(
    "ActorError",
    "RAY_ACTOR_UNAVAILABLE_ERROR",
    "The actor crashed while the call ran and is being restarted; the call may or may not have had its effect.",
    "Call again if it is safe to run twice, or set `maxTaskRetries`.",
    crashFields,
  ),
  ActorAlreadyExistsError: row(
    "RayError",
    "RAY_ACTOR_ALREADY_EXISTS_ERROR",
    "Another actor of this name lives in the namespace.",
    "Choose another name, or pass `getIfExists: true` to share it.",
  ),
  ActorNotFoundError: row(
    "RayError",
    "RAY_ACTOR_NOT_FOUND_ERROR",
    "No living actor has this name in the namespace.",
    "The message names similar ones; `listNamedActors` shows all.",
  ),
  PendingCallsLimitError: row(
    "RayError",
    "RAY_PENDING_CALLS_LIMIT_ERROR",
    "As many calls of the actor from this process are unfinished as its option `maxPendingCalls` allows.",
    "Wait for some of the results before you call again.",
  ),
  GetTimeoutError: row(
    "RayError",
    "RAY_GET_TIMEOUT_ERROR",
    "`get` waited for `timeoutMs` and not every value was there. The calls go on.",
    "The message names what is pending and in which state; wait again, longer, or cancel.",
  ),
  ObjectLostError: row(
    "RayError",
    "RAY_OBJECT_LOST_ERROR",
    "The value existed, but no copy is left, and no call can make it again: it was put, for example.",
    "Run the call that made it again.",
    { objectId: { default: "", doc: "The id of the object." } },
  ),
  ObjectFreedError: row(
    "ObjectLostError",
    "RAY_OBJECT_FREED_ERROR",
    "The ref was used after it had been disposed.",
    "Dispose of a ref only after its last use; `using` does so at the end of its block.",
  ),
  OwnerDiedError: row(
    "ObjectLostError",
    "RAY_OWNER_DIED_ERROR",
    "The process that submitted the call, and was to keep its result, is gone.",
    "Let a process that lives longer submit the call, for example the driver.",
  ),
  ObjectReconstructionFailedError: row(
    "ObjectLostError",
    "RAY_OBJECT_RECONSTRUCTION_FAILED_ERROR",
    "The value was lost, and the call that had made it may not be run again, or something that it needs is gone for good.",
    "The message says why, and `cause` what became of the actor or placement group that it would have to run in. Raise `maxRetries` of the call (of a method: `maxTaskRetries`), and pass it large arguments as refs of what other calls have made.",
  ),
  ObjectStoreFullError: row(
    "RayError",
    "RAY_OBJECT_STORE_FULL_ERROR",
    "Shared memory has no room for the value, and nothing can be written to the disk.",
    "Let go of refs, raise `objectStoreMemory`, or point `spillDirectory` at a folder that can be written to; the message says who has most.",
  ),
  OutOfDiskError: row(
    "RayError",
    "RAY_OUT_OF_DISK_ERROR",
    "Shared memory has no room for the value, and neither has the disk; or no file of this process may be so large (`ulimit -f`).",
    "Free space, or point `spillDirectory` at a larger disk, where the message says who has most; or raise the limit.",
  ),
  ObjectStoreUnavailableError: row(
    "RayError",
    "RAY_OBJECT_STORE_UNAVAILABLE_ERROR",
    "This process cannot open or hold large values at the moment: it has too many open files, or there is no memory left. What is stored stays so.",
    "Close files and sockets or raise their limit (`ulimit -n`), let go of large values, or raise how many a process may map (`sysctl vm.max_map_count`), and try again. A call that cannot give its result or get its arguments waits a second for it, and is to be submitted again then.",
  ),
  SerializationError: row(
    "RayError",
    "RAY_SERIALIZATION_ERROR",
    "A value or a function cannot travel to another process.",
    "The message gives the path to what cannot travel and a way out.",
    {
      path: {
        default: "",
        doc: "From the variable that you wrote to what cannot travel: `handler -> config.list[1]`.",
        told: true,
      },
      reason: { default: "", doc: "Why it cannot travel.", told: true },
      hint: { default: "", doc: "What to do instead.", told: true },
      location: {
        default: "",
        doc: "Where in your source functions captured it, a line each, the innermost first; empty for arguments and values.",
        told: true,
      },
    },
  ),
  UnschedulableError: row(
    "RayError",
    "RAY_UNSCHEDULABLE_ERROR",
    "The call, or the placement group that it is to run in, asks for more than any machine of the cluster has, even when idle, or for a " +
      "machine that is not there. So does a call that no bundle of its placement group is large enough for.",
    "Ask for less, or start the cluster with more: `init({ numCpus, numGpus, resources, labels })`.",
  ),
  PlacementGroupRemovedError: row(
    "RayError",
    "RAY_PLACEMENT_GROUP_REMOVED_ERROR",
    "The placement group that the call was to run in, or ran in, has been removed; or it went with the program that had made it.",
    'Remove a group only after its last user ended; `lifetime: "detached"` keeps one when its maker ends.',
  ),
  PlacementGroupAlreadyExistsError: row(
    "RayError",
    "RAY_PLACEMENT_GROUP_ALREADY_EXISTS_ERROR",
    "Another placement group has the name.",
    "Choose another name, or use that group: `getPlacementGroup(name)`.",
  ),
  PlacementGroupNotFoundError: row(
    "RayError",
    "RAY_PLACEMENT_GROUP_NOT_FOUND_ERROR",
    "No placement group has this name, or not any more.",
    "The message names similar ones; check the `name` that `placementGroup` was given.",
  ),
  RuntimeEnvSetupError: row(
    "RayError",
    "RAY_RUNTIME_ENV_SETUP_ERROR",
    "No process could be started for the call in the environment that it asked for: one ended before it was ready or was not ready after 10 minutes, also where others were good, or three were killed. Or the system allows no more processes or open files.",
    "The message has what failed, with the last lines of its output; check `runtimeEnv`.",
  ),
  SessionClosedError: row(
    "RayError",
    "RAY_SESSION_CLOSED_ERROR",
    "The session ended before there was a result, or a ref of an earlier session was used.",
    "Finish your calls before `shutdown()`; take no refs over into the next session.",
  ),
  ConnectionError: row(
    "RayError",
    "RAY_CONNECTION_ERROR",
    "No cluster could be started or reached at this address.",
    "The message says what was tried.",
  ),
  QueueEmptyError: row(
    "RayError",
    "RAY_QUEUE_EMPTY_ERROR",
    "Nothing was in the queue, at once or in time.",
    "Wait longer, or use `get` without a timeout.",
  ),
  QueueFullError: row(
    "RayError",
    "RAY_QUEUE_FULL_ERROR",
    "The queue had no room, at once or in time.",
    "Wait longer, or give the queue a larger `maxSize`.",
  ),
};

/** The fields of a class, with those it has from its parents. */
export function fieldsOf(name: ErrorName): Readonly<Record<string, ErrorField>> {
  const { parent, fields } = errorTable[name];
  return parent === "Error" ? fields : { ...fieldsOf(parent), ...fields };
}
