// The calls of one actor that were submitted here and have not ended.
import type { ActorId } from "../../domain/actor.ts";
import type { ActorDeath } from "../../domain/object.ts";
import type { Progress } from "../../domain/progress.ts";
import type { Resources } from "../../domain/resources.ts";
import type { FromDaemon } from "../../protocol/daemon.ts";
import { Deque } from "../../std/deque.ts";
import type { Place } from "./lane.ts";
import type { Task } from "./tasks.ts";

/** Where an actor lives, and how it is called there. */
export interface Seat extends Place {
  readonly resources: Resources;
  /** It may be started again: then it is told which calls begin. */
  readonly restartable: boolean;
  /** By task number, in the order in which they were pushed. */
  readonly inflight: Map<number, Task>;
  readonly begun: Set<number>;
  /** Some of its calls are short: of those nobody may have heard that they have begun. */
  quick: boolean;
  /** Its process is being killed from here: what is submitted from then on waits for what comes after it. */
  killed: boolean;
}

/** What the daemon says of an actor. */
export type ActorNews = Extract<FromDaemon, { type: "actorAt" | "actorDead" }>;

export interface Line {
  readonly actor: ActorId;
  /** Under which something in this process needs it. Without any the line goes, once nothing is in flight. */
  readonly ids: Set<ActorId>;
  /** "" for none. */
  name: string;
  seat: Seat | undefined;
  /** Said of it while its last process was not taken leave of yet. */
  heard: ActorNews[];
  death: ActorDeath | undefined;
  /** Calls whose outcome is not known. */
  readonly unfinished: Set<Task>;
  /** Those of ordered groups that have not begun and are not there, by group, whatever they wait for. */
  readonly ordered: Map<string, Deque<Task>>;
  /** The others that could be pushed. */
  readonly ready: Deque<Task>;
}

export function newLine(actor: ActorId): Line {
  return {
    actor,
    ids: new Set(),
    name: "",
    seat: undefined,
    heard: [],
    death: undefined,
    unfinished: new Set(),
    ordered: new Map(),
    ready: new Deque(),
  };
}

/** Among the calls of its group, from its submission on. One that was tried before has lost it. */
export function hasPlace({ spec, attempt }: Task): boolean {
  return spec.method?.ordered === true && attempt === 0;
}

/** Where it waits to be pushed. */
export function queueIn(line: Line, task: Task): Deque<Task> {
  if (!hasPlace(task)) return line.ready;
  const { group = "" } = task.spec.method ?? {};
  const queue = line.ordered.get(group) ?? new Deque<Task>();
  line.ordered.set(group, queue);
  return queue;
}

/** Both are of one actor, of which `from` has no seat yet. Those that have not been pushed stand in the order in which they were submitted. */
export function join(from: Line, to: Line): void {
  for (const id of from.ids) to.ids.add(id);
  to.name = from.name;
  for (const task of from.unfinished) to.unfinished.add(task);
  for (const task of from.ready) to.ready.push(task);
  for (const [group, queue] of from.ordered) {
    const all = [...(to.ordered.get(group) ?? []), ...queue];
    const sorted = new Deque<Task>();
    for (const task of all.sort((one, other) => one.number - other.number)) sorted.push(task);
    to.ordered.set(group, sorted);
  }
}

/** Of a call that was pushed there. */
export function progressAt(seat: Seat | undefined, task: Task): Progress {
  const { group, ordered } = task.spec.method ?? {};
  const atActor = seat?.begun.has(task.number) === true ? "running" : "there";
  if (ordered !== true) return atActor;
  for (const other of seat?.inflight.values() ?? [])
    if (other.spec.method?.group === group) return other === task ? atActor : "behind";
  return "behind";
}
