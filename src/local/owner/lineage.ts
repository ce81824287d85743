// Lineage: which calls have made what is in the store, so that they can be run again when the store has lost it.
//
// The call of a result that is in the store is kept while a record of such a result is, or a kept call that needs the result. It keeps
// alive nothing of what it needs, only the calls that made that; but what is small and has no refs inside it has with it, as it has its
// other arguments. All of it takes so much memory and no more: what was kept first goes first. An actor is not kept alive either: what a
// method of it has made can be made again only as long as something else in this process holds it.
import type { MethodCall } from "../../domain/actor.ts";
import { ownerOf, type ObjectId, type ProcessId } from "../../domain/id.ts";
import { lineageBytesMax } from "../../domain/limits.ts";
import { sizeOf, type Failure, type Outcome, type Payload } from "../../domain/object.ts";
import { isStream, type TaskSpec } from "../../domain/task.ts";
import { isUnderWay, ITEM_BYTES, KEPT_BYTES, neededBy, newKept, type Kept, type KeptCalls } from "./kept.ts";
import {
  ENDED,
  HINDRANCES,
  NO_CALL_IS_KNOWN,
  NO_FILE,
  noCall,
  notRemade,
  refusalOf,
  told,
  type Refusal,
} from "./refusals.ts";
import { nextAttempt, type Task } from "./tasks.ts";

/** Why an actor cannot make it again: it does not take calls, or waits for this value itself. */
export type Hindrance = (method: MethodCall, reader: ProcessId | undefined) => "gone" | "waits" | undefined;

export interface Loss {
  /** Why no call makes it again, where that is so from the beginning. */
  readonly single?: string | undefined;
  /** Who could not read it, if it was another process. */
  readonly reader?: ProcessId | undefined;
}

/** What is to be done to make something again. */
export interface Remaking {
  /** Attempts to begin. */
  readonly tasks: readonly Task[];
  /** Streams that run and have made it before: they are to begin anew. */
  readonly anew: readonly Task[];
  /** Objects that are needed and gone, with their values where those are here. */
  readonly objects: ReadonlyMap<ObjectId, Payload | undefined>;
}

export class Lineage {
  /** By the numbers of the calls, what was kept first first. */
  readonly #kept = new Map<number, Kept>();
  readonly #makers = new Map<ObjectId, Kept>();
  /** Of the results of kept calls, those that nobody here has any more, but others have. */
  readonly #outliving = new Set<ObjectId>();
  readonly #process: ProcessId;
  readonly #outcome: (id: ObjectId) => Outcome | undefined;
  readonly #exists: (id: ObjectId) => boolean;
  readonly #making: (id: ObjectId) => Task | undefined;
  readonly #isComing: (task: Task, item: ObjectId) => boolean;
  readonly #hindrance: Hindrance;
  readonly #died: (task: Task) => Failure | undefined;
  #bytes = 0;

  /**
   * `exists`: whether there is a record of this object. `making`: the call under way that makes it. `isComing`: whether an
   * attempt of a stream that runs is going to make this item. `died`: how the actor ended that this is a call of.
   */
  constructor(
    process: ProcessId,
    outcome: (id: ObjectId) => Outcome | undefined,
    exists: (id: ObjectId) => boolean,
    making: (id: ObjectId) => Task | undefined,
    isComing: (task: Task, item: ObjectId) => boolean,
    hindrance: Hindrance,
    died: (task: Task) => Failure | undefined,
  ) {
    this.#process = process;
    this.#outcome = outcome;
    this.#exists = exists;
    this.#making = making;
    this.#isComing = isComing;
    this.#hindrance = hindrance;
    this.#died = died;
  }

  has(task: number): boolean {
    return this.#kept.has(task);
  }

  get size(): number {
    return this.#kept.size;
  }

  /**
   * It has ended, so, and what it needs is still here: to be kept if anything that it made is in the store, and somebody has that. What is
   * there of it already stays.
   */
  ended(task: Task, outcomeOf: (index: number, id: ObjectId) => Outcome): void {
    const kept = isStream(task.spec) ? this.#kept.get(task.number) : this.#withResults(task, outcomeOf);
    if (kept === undefined) return;
    this.#need(kept, this.#valuesFor(task.spec), this.#makersFor(task));
    this.#kept.delete(task.number);
    this.#kept.set(task.number, kept);
    this.#dropIfUseless(kept);
    if (this.#bytes > lineageBytesMax) this.#makeRoom();
  }

  #withResults(task: Task, outcomeOf: (index: number, id: ObjectId) => Outcome): Kept | undefined {
    const before = this.#kept.get(task.number);
    const isStored = (id: ObjectId, index: number): boolean =>
      this.#exists(id) && (this.#outcome(id) ?? outcomeOf(index, id)).value?.stored !== undefined;
    const results = task.results.filter((id, index) => this.#outliving.has(id) || isStored(id, index));
    if (before === undefined && results.length === 0) return undefined;
    const kept = before ?? newKept(task);
    kept.results.clear();
    for (const id of results) kept.results.add(id);
    for (const id of task.results) this.#makers.set(id, kept);
    return kept;
  }

  /** A stream that runs has made this, in this place, and it is in the store. */
  item(task: Task, id: ObjectId, place: number): void {
    const kept = this.#kept.get(task.number) ?? newKept(task);
    this.#kept.set(task.number, kept);
    this.#makers.set(id, kept);
    kept.results.add(id);
    kept.places?.set(id, place);
    this.#count(kept, ITEM_BYTES);
    if (this.#bytes > lineageBytesMax) this.#makeRoom();
  }

  /** What a stream is to make once more, in the order of the places: all that somebody has, if any of that is lost. */
  again(task: number): readonly { readonly id: ObjectId; readonly place: number }[] {
    if (this.lostOf(task).length === 0) return [];
    const { places, results } = this.#kept.get(task) ?? {};
    const items = [...(places ?? [])].filter(([id]) => results?.has(id) === true && this.#exists(id));
    return items.map(([id, place]) => ({ id, place })).sort((one, other) => one.place - other.place);
  }

  /** Items of this stream that are to be made again. */
  lostOf(task: number): readonly ObjectId[] {
    const { places, results = [] } = this.#kept.get(task) ?? {};
    if (places === undefined) return [];
    return [...results].filter((id) => this.#exists(id) && this.#outcome(id) === undefined);
  }

  /** Of an item that is being made again: its stream. */
  remakerOf(item: ObjectId): Task | undefined {
    const kept = this.#makers.get(item);
    if (kept?.places === undefined || !isUnderWay(kept.task) || this.#outcome(item) !== undefined) return undefined;
    return kept.task;
  }

  /** Others have it, and this process is about to have it no more. Whether it can be made again, as long as they do. */
  outlives(id: ObjectId): boolean {
    if (this.#makers.get(id)?.results.has(id) !== true || this.#outliving.has(id)) return false;
    this.#outliving.add(id);
    return true;
  }

  isOutliving(id: ObjectId): boolean {
    return this.#outliving.has(id);
  }

  /** Nobody has it any more. */
  freed(id: ObjectId): void {
    if (this.#outliving.delete(id) && !this.#exists(id)) this.forget(id);
  }

  /** The record of this object, whose value was in the store, is no more. */
  forget(id: ObjectId): void {
    if (this.#outliving.has(id)) return;
    const kept = this.#makers.get(id);
    if (kept?.results.delete(id) !== true) return;
    if (kept.places !== undefined) kept.gone.add(id);
    this.#forgetGone(kept);
    this.#dropIfUseless(kept);
  }

  /** Items of a stream that nobody needs: there may be any number of them. */
  #forgetGone(kept: Kept): void {
    if (kept.places === undefined || kept.users > 0) return;
    for (const id of kept.gone) {
      this.#makers.delete(id);
      if (kept.places.delete(id)) this.#count(kept, -ITEM_BYTES);
    }
    kept.gone.clear();
  }

  #count(kept: Kept, bytes: number): void {
    kept.bytes += bytes;
    this.#bytes += bytes;
  }

  /** The calls that have made these are kept until they are let go of. */
  keep(ids: readonly ObjectId[]): KeptCalls {
    const calls = new Set(ids.flatMap((id) => this.#makers.get(id) ?? []));
    for (const call of calls) call.users += 1;
    return calls;
  }

  letGo(calls: KeptCalls): void {
    for (const call of calls) this.#unuse(call);
  }

  clear(): void {
    this.#kept.clear();
    this.#makers.clear();
    this.#outliving.clear();
    this.#bytes = 0;
  }

  /** The parts of this object that are in the store are lost: what makes it again; or why nothing does. */
  remake(lost: ObjectId, { single, reader }: Loss): Remaking | Failure {
    const first = this.#makers.get(lost);
    if (first === undefined) return { kind: "lost", id: lost, reason: `${NO_FILE}, and ${noCall(single)}` };
    const objects = new Map<ObjectId, Payload | undefined>();
    const calls = new Set<Kept>();
    const anew = new Set<Task>();
    const items: { readonly id: ObjectId; readonly call: Kept }[] = [];
    const work: { readonly id: ObjectId; readonly call: Kept }[] = [{ id: lost, call: first }];
    for (let next = work.pop(); next !== undefined; next = work.pop()) {
      const { id, call } = next;
      if (call.places !== undefined) items.push(next);
      if (calls.has(call) || this.#isAwaited(call, id)) continue;
      const refusal = this.#refusalBy(call.task, reader) ?? refusalOf(call.task);
      if (refusal !== undefined) {
        const { reason, cause } = refusal;
        return notRemade(lost, first.task, id === lost ? reason : `${told(id)}: ${reason}`, cause);
      }
      if (call.task.state === "running") {
        anew.add(call.task);
        continue;
      }
      calls.add(call);
      for (const needed of neededBy(call.task.spec)) {
        const circle = reader && this.#circleAt(needed, reader);
        if (circle !== undefined) return notRemade(lost, first.task, `${told(circle)}: ${HINDRANCES.waits}`);
        if (this.#exists(needed) || objects.has(needed)) continue;
        const value = call.values.get(needed);
        const maker = this.#makers.get(needed);
        if (value === undefined && maker === undefined)
          return notRemade(lost, first.task, `${told(needed)}: it is gone, and ${NO_CALL_IS_KNOWN}`);
        objects.set(needed, value);
        if (value === undefined && maker !== undefined) work.push({ id: needed, call: maker });
      }
    }
    for (const call of calls) call.task = nextAttempt(call.task);
    for (const { id, call } of items) {
      call.gone.delete(id);
      call.results.add(id);
    }
    return { tasks: [...calls].map(({ task }) => task), anew: [...anew], objects };
  }

  /** It comes without another attempt, or its worker has not said yet that the last one has ended. */
  #isAwaited({ task, places }: Kept, id: ObjectId): boolean {
    if (places === undefined) return isUnderWay(task);
    if (task.state === "running") return this.#isComing(task, id);
    return isUnderWay(task) || (task.state === "stopped" && refusalOf(task) === undefined);
  }

  /**
   * For one that is being made, or made again. Its loss, when that waits for what an actor has to make again which waits for it: `reader` is
   * the process that does.
   */
  circle(lost: ObjectId, reader: ProcessId): Failure | undefined {
    const id = this.#circleAt(lost, reader);
    const task = this.#making(lost) ?? this.remakerOf(lost);
    if (id === undefined || task === undefined) return undefined;
    return notRemade(lost, task, id === lost ? HINDRANCES.waits : `${told(id)}: ${HINDRANCES.waits}`);
  }

  #circleAt(lost: ObjectId, reader: ProcessId): ObjectId | undefined {
    const work = [lost];
    const seen = new Set<Task>();
    for (let id = work.pop(); id !== undefined; id = work.pop()) {
      const task = this.#making(id) ?? this.remakerOf(id);
      if (task === undefined || seen.has(task)) continue;
      seen.add(task);
      const { number, spec } = task;
      const again = this.#kept.has(number);
      if (again && spec.method !== undefined && this.#hindrance(spec.method, reader) === "waits") return id;
      for (const needed of neededBy(spec)) if (this.#outcome(needed) === undefined) work.push(needed);
    }
    return undefined;
  }

  #refusalBy(task: Task, reader: ProcessId | undefined): Refusal | undefined {
    const { method } = task.spec;
    const hindrance = method && this.#hindrance(method, reader);
    const cause = this.#died(task);
    return hindrance && { reason: cause === undefined ? HINDRANCES[hindrance] : ENDED, cause };
  }

  #makeRoom(): void {
    for (const eldest of this.#kept.values()) {
      if (this.#bytes <= lineageBytesMax) return;
      this.#drop(eldest);
    }
  }

  /** Of what others own only the value can be kept, and a ref to it is no good. */
  #valuesFor({ dependencies, args }: TaskSpec): Map<ObjectId, Payload> {
    const values = new Map<ObjectId, Payload>();
    const mine = args.refs.filter((id) => ownerOf(id) === this.#process);
    for (const id of [...dependencies.map((dependency) => dependency.id), ...mine]) {
      const value = this.#outcome(id)?.value;
      if (value !== undefined && value.refs.length === 0) values.set(id, value);
    }
    return values;
  }

  #makersFor({ number, spec }: Task): Set<Kept> {
    const makers = new Set<Kept>();
    for (const id of neededBy(spec)) {
      const maker = this.#makers.get(id);
      if (maker !== undefined && maker.task.number !== number) makers.add(maker);
    }
    return makers;
  }

  #need(kept: Kept, values: ReadonlyMap<ObjectId, Payload>, makers: KeptCalls): void {
    const before = kept.makers;
    for (const maker of makers) maker.users += 1;
    kept.values = values;
    kept.makers = makers;
    this.#bytes -= kept.bytes;
    // What is in the store of its arguments is not kept.
    kept.bytes = KEPT_BYTES + sizeOf({ ...kept.task.spec.args, stored: undefined });
    kept.bytes += ITEM_BYTES * (kept.places?.size ?? 0);
    for (const value of values.values()) kept.bytes += sizeOf(value);
    this.#bytes += kept.bytes;
    this.letGo(before);
  }

  #unuse(maker: Kept): void {
    maker.users -= 1;
    this.#forgetGone(maker);
    this.#dropIfUseless(maker);
  }

  #dropIfUseless(kept: Kept): void {
    if (kept.results.size === 0 && kept.users === 0 && !isUnderWay(kept.task)) this.#drop(kept);
  }

  /** With all that nobody else needs, without recursion: each call may have needed what another made, and so on. */
  #drop(first: Kept): void {
    const work = [first];
    for (let kept = work.pop(); kept !== undefined; kept = work.pop()) {
      if (this.#kept.get(kept.task.number) !== kept) continue;
      this.#kept.delete(kept.task.number);
      this.#bytes -= kept.bytes;
      for (const id of kept.places?.keys() ?? kept.task.results) {
        this.#makers.delete(id);
        this.#outliving.delete(id);
      }
      for (const maker of kept.makers) {
        maker.users -= 1;
        this.#forgetGone(maker);
        if (maker.results.size === 0 && maker.users === 0 && !isUnderWay(maker.task)) work.push(maker);
      }
    }
  }

  /** Whole-state invariants. */
  check(): void {
    let bytes = 0;
    for (const kept of this.#kept.values()) {
      const { task, results, users } = kept;
      const told = `lineage of task ${task.number} (${task.spec.name})`;
      bytes += kept.bytes;
      if (results.size === 0 && users === 0 && !isUnderWay(task)) throw new Error(`${told}: kept for nobody`);
      if (users < 0) throw new Error(`${told}: ${users} users`);
      for (const id of results) {
        if (!this.#exists(id) && !this.#outliving.has(id)) throw new Error(`${told}: ${id} is gone`);
        if (this.#makers.get(id) !== kept) throw new Error(`${told}: ${id} is another's`);
      }
    }
    if (bytes !== this.#bytes) throw new Error(`lineage: ${bytes} bytes, and ${this.#bytes} are counted`);
  }
}
