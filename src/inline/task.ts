// What the inline backend knows of a call, and of an actor.
import { isSole, type ActorEnd, type ActorId } from "../domain/actor.ts";
import type { Progress } from "../domain/progress.ts";
import type { DefinitionId, ObjectId } from "../domain/id.ts";
import type { ActorSpec } from "../domain/actor-spec.ts";
import type { ActorDeath, Failure, Outcome, Payload } from "../domain/object.ts";
import type { GroupId } from "../domain/placement.ts";
import type { Resources } from "../domain/resources.ts";
import type { Stop } from "../domain/stop.ts";
import type { CallId, TaskSpec } from "../domain/task.ts";
import type { Call, Reply } from "../protocol/worker.ts";
import type { Grant } from "./groups.ts";
import type { Mailbox } from "./mailbox.ts";

/** An actor, as the front end knows it in the process where it lives. */
export interface InlineHost {
  readonly id: ActorId;
  readonly className: string;
  readonly name: string;
  readonly restarts: number;
  readonly sole: boolean;
  readonly about: Payload;
  instance: object | undefined;
}

export type InlineCall = Pick<
  Call,
  "attempt" | "definition" | "name" | "args" | "positions" | "values" | "returns" | "request" | "group" | "retryOn"
> & {
  readonly callId: CallId;
  readonly taskId: ObjectId;
  readonly actor: InlineHost | undefined;
  readonly method: string | undefined;
  /** Of a stream: how many items it makes that go nowhere, who reads it, and where the others go. Both say whether to go on, perhaps later. */
  stream:
    | {
        readonly skip: number;
        readonly reader: ObjectId | undefined;
        readonly again: readonly number[];
        room(): boolean | Promise<boolean>;
        item(value: Payload): boolean | Promise<boolean>;
      }
    | undefined;
  stop: Stop | undefined;
  /** The executor's. */
  context: unknown;
};

/** What a call comes to life by; the front end's, handed in because this floor is below it. Neither throws. */
export interface Executor {
  execute(call: InlineCall, load: (definition: DefinitionId) => Payload): Reply | Promise<Reply>;
  /** It is to end. */
  stop(call: InlineCall, stop: Stop): void;
  /** Nobody calls it any more: what it has become may go. */
  forget(definition: DefinitionId): void;
  /** What the object of an actor does last. */
  leave(host: InlineHost): Promise<void>;
}

/** A call from its submission to its end. */
export interface Task {
  readonly order: number;
  readonly taskId: ObjectId;
  readonly spec: TaskSpec;
  readonly results: readonly ObjectId[];
  /** Its priority, or that of the call which has submitted it where that is higher, and may wait for it. */
  readonly urgency: number;
  /** The actor in which it was submitted, or else the call; undefined: the driver has submitted it. */
  readonly home: ActorId | CallId | undefined;
  /** Whose method it is, or which it makes. */
  readonly actor: Actor | undefined;
  /** Arguments that are not here yet. */
  missing: number;
  attempt: number;
  /** Its next attempt waits for its time. */
  delayed: boolean;
  running: Running | undefined;
  done: boolean;
}

export function newTask(
  spec: TaskSpec,
  actor: Actor | undefined,
  named: Pick<Task, "order" | "taskId" | "results" | "urgency" | "home">,
): Task {
  return { ...named, spec, actor, missing: 0, attempt: 1, delayed: false, running: undefined, done: false };
}

/** Of those that are to run in the group, or run there. */
export function tasksIn(group: GroupId, tasks: Iterable<Task>): Task[] {
  const users: Task[] = [];
  for (const task of tasks) if (task.spec.request.group?.id === group) users.push(task);
  return users;
}

export interface Running {
  readonly task: Task;
  readonly call: InlineCall;
  /** A method has none of its own. */
  readonly grant: Grant | undefined;
  /** Its CPUs are with others. */
  lent: boolean;
}

/** From its making to its end, and then as long as anybody may ask for it. */
export interface Actor {
  readonly id: ActorId;
  readonly spec: ActorSpec;
  /** The actor that has made it. */
  readonly creator: Actor | undefined;
  readonly boxes: ReadonlyMap<string, Mailbox<Task>>;
  /** The call that makes it, until it has. */
  maker: Task | undefined;
  host: InlineHost;
  made: boolean;
  /** What it has as long as it lives. */
  grant: Grant | undefined;
  /** Its CPUs are with others: all calls that run in it wait. */
  lent: boolean;
  /** Calls of it that have not ended, in the order in which they were submitted. */
  readonly calls: Set<Task>;
  readonly running: Set<Task>;
  blocked: number;
  restarts: number;
  death: ActorDeath | undefined;
}

export function progressOf(task: Task): Progress {
  if (task.missing > 0) return "waiting";
  if (task.delayed) return "delayed";
  if (task.running !== undefined) return "running";
  if (task.spec.method !== undefined) return task.actor?.made === true ? "behind" : "actor";
  return task.spec.request.group === undefined ? "ready" : "grouped";
}

/** `request`: what it was given. `values`: of its dependencies, in their order. */
export function callOf(task: Task, callId: CallId, request: Resources, values: readonly Payload[]): InlineCall {
  const { taskId, attempt, spec } = task;
  const { definition, name, method, args, dependencies, returns, retryOn } = spec;
  const isLast = spec.maxRetries >= 0 && attempt > spec.maxRetries;
  return {
    callId,
    taskId,
    attempt,
    definition,
    name,
    actor: task.actor?.host,
    method: method?.method,
    args,
    positions: dependencies.map(({ position }) => position),
    values,
    returns,
    request,
    group: (task.actor?.spec ?? spec).request.group,
    // After the last attempt nothing depends on the answer.
    retryOn: isLast ? "none" : retryOn,
    stream: undefined,
    stop: undefined,
    context: undefined,
  };
}

/** What a reply means for its results. */
export function endOf(
  { attempt: attempts, spec: { name, site } }: Task,
  reply: Reply,
): { readonly failure: Failure } | { readonly failure?: undefined; readonly outcomes: readonly Outcome[] } {
  switch (reply.kind) {
    case "done":
      return { outcomes: reply.values.map((value) => ({ value })) };
    case "thrown": {
      const { thrown, by } = reply;
      return { failure: { kind: "thrown", thrown, name, pid: 0, by, attempts, site: site.text } };
    }
    case "refused":
      return { failure: "site" in reply.failure ? { ...reply.failure, name, site: site.text } : reply.failure };
    default:
      throw new Error(`a call of this process ${reply.kind}: only actors leave, and process.exit ends it`);
  }
}

export function hostOf(id: ActorId, { className, name, about, limits }: ActorSpec, restarts: number): InlineHost {
  return { id, className, name, restarts, sole: isSole(limits), about, instance: undefined };
}

export function deathOf(
  { className, name, namespace }: Pick<ActorDeath, "className" | "name" | "namespace">,
  restarts: number,
  end: ActorEnd,
): ActorDeath {
  return { end, className, name, namespace, restarts };
}
