// Calls of actors: where each lives, what was pushed there, and what waits for it, in the order in which it was submitted.
//
// An actor is sought when it has its first call from here, and from then on the daemon says where it lives. Calls of a group in which one
// runs at a time keep their order, also while an earlier one waits for an argument; those of other groups are pushed as they become ready.
// What must be pushed again after a restart comes before all that waits. A call that comes back because an argument was lost waits for that
// in its old place, and what waits there behind it comes back with it: a worker passes over what is behind a call that lacks an argument.
import type { ActorId, MethodCall } from "../../domain/actor.ts";
import type { ActorDeath } from "../../domain/object.ts";
import type { ProcessId } from "../../domain/id.ts";
import type { Failure } from "../../domain/object.ts";
import type { Progress } from "../../domain/progress.ts";
import type { FromDaemon, LeaseId } from "../../protocol/daemon.ts";
import { diedOf, endedInOrder } from "./actor-failures.ts";
import { hasPlace, join, newLine, progressAt, queueIn, type ActorNews, type Line, type Seat } from "./actor-line.ts";
import { backTo, type Lane, type Place } from "./lane.ts";
import type { OwnerEffect } from "./step.ts";
import { move, storyOf, type Again, type Task } from "./tasks.ts";
import { Unfound } from "./unfound.ts";

/** Workers tell what begins unless it takes less than a part of this on average. */
const QUICK_MICROS = 200;

/** What was on its way to an actor, or there, when its process was lost. */
export interface Flying {
  readonly task: Task;
  /** Perhaps, where nobody could tell. */
  readonly begun: boolean;
}

export class Calls implements Lane {
  readonly #lines = new Map<ActorId, Line>();
  /** Other ids of actors, under which they were made or sought: see `is`. */
  readonly #ids = new Map<ActorId, ActorId>();
  readonly #unfound = new Unfound();
  readonly #bySeat = new Map<LeaseId, Line>();
  readonly #emit: (effect: OwnerEffect) => void;
  readonly #push: (seat: Seat, task: Task) => void;
  readonly #isWhole: (task: Task) => boolean;
  readonly #fail: (task: Task, failure: Failure) => void;

  /** `isWhole`: whether its arguments are still here. One that lacks any waits for it again. */
  constructor(
    emit: (effect: OwnerEffect) => void,
    push: (seat: Seat, task: Task) => void,
    isWhole: (task: Task) => boolean,
    fail: (task: Task, failure: Failure) => void,
  ) {
    this.#emit = emit;
    this.#push = push;
    this.#isWhole = isWhole;
    this.#fail = fail;
  }

  /** One was submitted, or is to run again for what it had made. Why it fails at once; undefined: it may run. */
  open(task: Task, method: MethodCall): Failure | undefined {
    const line = this.#lineOf(task) ?? this.#seek(this.idOf(method.actor));
    if (line.death !== undefined) return diedOf(task, line, line.death, false);
    line.ids.add(method.actor);
    line.name = method.actorName ?? "";
    line.unfinished.add(task);
    if (hasPlace(task)) queueIn(line, task).push(task);
    return undefined;
  }

  #seek(actor: ActorId): Line {
    const line = newLine(actor);
    this.#lines.set(actor, line);
    this.#emit({ type: "daemon", message: { type: "seek", id: actor } });
    return line;
  }

  /** Actors that it knows of. */
  get size(): number {
    return this.#lines.size;
  }

  pending(actor: ActorId): number {
    return this.#line(actor)?.unfinished.size ?? 0;
  }

  /** What others call it too, as soon as that is known. */
  idOf(actor: ActorId): ActorId {
    return this.#ids.get(actor) ?? actor;
  }

  isFound(actor: ActorId): boolean {
    return !this.#unfound.has(actor);
  }

  /** Known under any of its ids. */
  #line(actor: ActorId): Line | undefined {
    return this.#lines.get(this.idOf(actor));
  }

  /** As far as anybody here knows. */
  hasEnded(actor: ActorId): boolean {
    return this.#line(actor)?.death !== undefined;
  }

  /** What that means for a call of it. */
  failureOf(task: Task): Failure | undefined {
    const line = this.#lineOf(task);
    return line?.death && diedOf(task, line, line.death, false);
  }

  /** As far as it was called from here. */
  livesIn(actor: ActorId, process: ProcessId | undefined): boolean {
    const seat = this.#line(actor)?.seat;
    return seat !== undefined && seat.worker === process;
  }

  /** Its outcome is known: those behind it need not wait for it. */
  ended(task: Task): void {
    const line = this.#lineOf(task);
    if (line?.unfinished.delete(task) === true) this.#advance(line);
  }

  /** Nothing here needs the actor any more. */
  forget(actor: ActorId): void {
    const line = this.#line(actor);
    this.#ids.delete(actor);
    if (line !== undefined) {
      line.ids.delete(actor);
      this.#tidy(line);
    }
    this.#found(actor);
  }

  /** One that was stopped in flight outlives its need. */
  #tidy({ actor, seat, heard, unfinished, ids }: Line): void {
    if (ids.size > 0 || unfinished.size > 0 || heard.length > 0 || (seat?.inflight.size ?? 0) > 0) return;
    this.#lines.delete(actor);
    if (seat !== undefined) this.#bySeat.delete(seat.id);
  }

  answered(seat: Seat, task: number, micros: number): void {
    if (micros < QUICK_MICROS) seat.quick = true;
    this.landed(seat, task);
  }

  /** It is not there any more: it was answered, or has not begun. */
  landed(seat: Seat, task: number): void {
    seat.inflight.delete(task);
    seat.begun.delete(task);
    const line = this.#bySeat.get(seat.id);
    if (line !== undefined) this.#tidy(line);
  }

  /** Of a call that could not read an argument there: what was pushed behind it, in order. It has not begun, and does not before it comes again. */
  passedOver(seat: Seat, { spec: { method } }: Task): Task[] {
    if (method?.ordered !== true) return [];
    const { id: lease, worker, address, inflight } = seat;
    const { group } = method;
    this.#emit({ type: "worker", worker, address, message: { type: "again", lease, group } });
    return [...inflight.values()].filter((task) => task.spec.method?.group === group);
  }

  #lineOf({ spec }: Task): Line | undefined {
    return spec.method && this.#line(spec.method.actor);
  }

  seat(id: LeaseId): Seat | undefined {
    return this.#bySeat.get(id)?.seat;
  }

  // ---------------------------------------------------------------- where it lives

  /** A handle of this name, and this number, is of an actor that has the name already, or of a new one: that will be said of it. */
  unfound(id: ActorId, name: string, number: number): void {
    this.#unfound.add(id, name, number);
  }

  /** One that has come from elsewhere. */
  arrived(id: ActorId, name: string, number: number): void {
    if (this.#ids.has(id) || this.#lines.has(id)) return;
    this.unfound(id, name, number);
    this.#seek(id).ids.add(id);
  }

  /** What was made, or sought, under this id is this actor, which may have had the name before. */
  is(id: ActorId, actor: ActorId): void {
    if (this.idOf(id) !== actor) {
      this.#ids.set(id, actor);
      const early = this.#lines.get(id);
      if (early !== undefined) this.#join(early, actor);
    }
    this.#found(id);
  }

  #join(early: Line, actor: ActorId): void {
    this.#lines.delete(early.actor);
    const line = this.#lines.get(actor) ?? newLine(actor);
    this.#lines.set(actor, line);
    join(early, line);
    if (line.death === undefined) this.#advance(line);
    else this.#die(line, line.death);
  }

  /** What has waited for it goes on. */
  #found(id: ActorId): void {
    const name = this.#unfound.take(id);
    if (name === undefined) return;
    for (const line of this.#lines.values()) if (line.name === name) this.#advance(line);
  }

  /** Another process of it is to be taken leave of first: `takeHeard` gives it back then. */
  defer(news: ActorNews): boolean {
    const line = this.#lines.get(news.actor);
    if (line?.seat === undefined || (news.type === "actorAt" && news.seat === line.seat.id)) return false;
    line.heard.push(news);
    return true;
  }

  takeHeard(): ActorNews[] {
    const lines = [...this.#lines.values()].filter(({ seat }) => seat === undefined);
    return lines.flatMap((line) => {
      const { heard } = line;
      line.heard = [];
      this.#tidy(line);
      return heard;
    });
  }

  at({ actor, seat: id, worker, address, resources, restartable }: Extract<FromDaemon, { type: "actorAt" }>): void {
    const line = this.#lines.get(actor);
    if (line === undefined || line.seat !== undefined || line.death !== undefined) return;
    const calls = { inflight: new Map(), begun: new Set<number>(), quick: false, killed: false };
    line.seat = { id, worker, address, resources, restartable, ...calls };
    this.#bySeat.set(id, line);
    this.#advance(line);
  }

  /** It has ended for good, in no process that this one had to do with. */
  dead(actor: ActorId, death: ActorDeath): void {
    const line = this.#lines.get(actor);
    if (line !== undefined && line.seat === undefined) this.#die(line, death);
    this.#found(actor);
  }

  #die(line: Line, death: ActorDeath): void {
    line.death = death;
    for (const task of [...line.unfinished]) {
      const { state } = task;
      if (state !== "waiting" && state !== "ready" && state !== "delayed") continue;
      if (state === "delayed") this.#emit({ type: "unguard", task: task.number });
      this.#fail(task, diedOf(task, line, death, task.attempt > 0));
    }
    line.ordered.clear();
    line.ready.clear();
  }

  /**
   * Its process is gone: what was in flight there, in the order in which it was pushed, for the caller to see to. `death`: that was the
   * last. It may be known before the end of one that it lived in earlier.
   */
  lost(worker: ProcessId, death?: ActorDeath): { readonly actor: ActorId; readonly flying: readonly Flying[] }[] {
    for (const line of this.#lines.values()) {
      const { actor } = line;
      line.heard = line.heard.flatMap((news): ActorNews[] => {
        if (news.type !== "actorAt" || news.worker !== worker) return [news];
        return death === undefined ? [] : [{ type: "actorDead", actor, death }];
      });
    }
    const lines = [...this.#lines.values()].filter(({ seat }) => seat?.worker === worker);
    return lines.map((line) => {
      const { seat } = line;
      line.seat = undefined;
      if (seat === undefined) return { actor: line.actor, flying: [] };
      this.#bySeat.delete(seat.id);
      this.#tidy(line);
      const mayHaveBegun = seat.quick && !seat.restartable && !endedInOrder(death);
      const hasBegun = (task: Task): boolean => seat.begun.has(task.number) || task.exit !== undefined || mayHaveBegun;
      const flying = [...seat.inflight.values()].map((task) => ({ task, begun: hasBegun(task) }));
      return { actor: line.actor, flying };
    });
  }

  /** The process that it lives in is about to be. */
  killed(actor: ActorId): void {
    const seat = this.#line(actor)?.seat;
    if (seat !== undefined) seat.killed = true;
  }

  /** After `lost`: it is not started again. */
  over(actor: ActorId, death: ActorDeath): void {
    const line = this.#lines.get(actor);
    if (line !== undefined) this.#die(line, death);
  }

  // ---------------------------------------------------------------- a lane

  enqueue(task: Task): void {
    const line = this.#lineOf(task);
    if (line === undefined) throw new Error(`a call of nobody: ${storyOf(task)}`);
    if (!hasPlace(task)) line.ready.push(task);
    this.#advance(line);
  }

  requeue(tasks: readonly Task[], why: Again): void {
    for (const task of [...tasks].reverse()) {
      move(task, "ready", why);
      backTo(task, why);
      const line = this.#lineOf(task);
      if (line !== undefined) queueIn(line, task).unshift(task);
    }
  }

  assignFor(task: Task): void {
    const line = this.#lineOf(task);
    if (line !== undefined) this.#advance(line);
  }

  /** It is passed over when its turn comes. */
  left(): void {}

  stop({ lease, number, stop }: Task): boolean {
    const seat = this.seat(lease);
    if (seat !== undefined && stop !== undefined) {
      const { worker, address } = seat;
      this.#emit({ type: "worker", worker, address, message: { type: "cancel", lease, task: number, stop } });
    }
    // Others have their state there: whatever it does, the actor goes on.
    return true;
  }

  progressOf(task: Task): Progress | undefined {
    const { state } = task;
    if (state === "done" || state === "stopped") return undefined;
    if (state === "running") return progressAt(this.seat(task.lease), task);
    return state === "ready" ? "actor" : state;
  }

  placeOf({ lease }: Task): Place | undefined {
    return this.seat(lease);
  }

  /** Pushes what can be pushed, in the order in which it was submitted, of whatever group. */
  #advance(line: Line): void {
    const { seat } = line;
    if (seat === undefined || seat.killed) return;
    const limit = this.#unfound.limitOf(line.name);
    const next = this.#takeReady(line, limit);
    for (const [group, queue] of line.ordered) {
      for (let task = queue.peek(); isNext(task, limit); task = queue.peek()) {
        // It waits again, or has ended.
        if (task.state === "ready" && !this.#isWhole(task)) continue;
        queue.shift();
        if (task.state === "ready") next.push(task);
      }
      if (queue.size === 0) line.ordered.delete(group);
    }
    if (next.length > 1) next.sort((one, other) => one.number - other.number);
    for (const task of next) this.#pushTo(seat, task);
  }

  /** Those whose order does not matter once they are there. */
  #takeReady({ ready }: Line, limit: number): Task[] {
    const next: Task[] = [];
    const later: Task[] = [];
    for (let task = ready.shift(); task !== undefined; task = ready.shift()) {
      if (task.number > limit) later.push(task);
      else if (task.state === "ready" && this.#isWhole(task)) next.push(task);
    }
    for (const task of later) ready.push(task);
    return next;
  }

  #pushTo(seat: Seat, task: Task): void {
    seat.inflight.set(task.number, task);
    task.lease = seat.id;
    task.alone = seat.restartable;
    move(task, "running");
    this.#push(seat, task);
  }

  clear(): void {
    this.#lines.clear();
    this.#bySeat.clear();
    this.#unfound.clear();
  }

  check(): void {
    for (const { actor, name, seat, death, unfinished, ordered, ready } of this.#lines.values()) {
      if (death !== undefined && (unfinished.size > 0 || ordered.size > 0 || ready.size > 0))
        throw new Error(`actor ${actor}: dead, but ${unfinished.size} calls wait for it`);
      for (const task of seat?.inflight.values() ?? [])
        if ((task.state !== "running" && task.state !== "stopped") || task.lease !== seat?.id)
          throw new Error(`actor ${actor}: not in flight there: ${storyOf(task)}`);
      if (seat === undefined || seat.killed) continue;
      for (const queue of ordered.values())
        if (queue.size === 0 || isNext(queue.peek(), this.#unfound.limitOf(name)))
          throw new Error(`actor ${actor}: calls wait for nothing`);
    }
  }
}

/** Whatever becomes of it, it is not to wait at the head of its queue. */
function isNext(task: Task | undefined, limit: number): task is Task {
  return task !== undefined && task.state !== "waiting" && task.number <= limit;
}
