// Every object this process has to do with: what keeps it alive here, whether the daemon knows it, and its outcome.
//
// A record is *mine* while it is the owner's own: made by `submit` or `put` here and not forgotten since. Everything else is
// borrowed, also an object that was made here, forgotten, and came back from elsewhere: the daemon serves it like any other.
//
//   pins    reasons in this process: refs alive in user code, arguments of unfinished tasks, refs inside kept outcomes
//   holds   rows of this process at the daemon that others made for it
//   shared  mine only: the daemon knows the object, and this process's own row is one of its holds
//
//   unsettled  of those, the ones whose carrier (a call, a reply) is still being taken in
//
// Pins gone and all settled: rows are released, and the record goes, unless it is mine and its task still runs.
import { ownerOf, type ObjectId, type ProcessId } from "../../domain/id.ts";
import { ACTOR, refsIn, STORED, type Failure, type Outcome, type Payload } from "../../domain/object.ts";
import { unreachable } from "../../std/invariant.ts";
import { Heard } from "./heard.ts";
import type { OwnerEffect, OwnerInput } from "./step.ts";

export interface ObjectRecord<Dependent> {
  readonly id: ObjectId;
  mine: boolean;
  pins: number;
  holds: number;
  /** Times it was received and not yet settled: what will pin it is still on its way through this process. */
  unsettled: number;
  shared: boolean;
  /** Mine: was shared at some time, so others may wait for the value at the daemon. */
  announced: boolean;
  subscribed: boolean;
  wanted: boolean;
  outcome: Outcome | undefined;
  /** Made once more, with another result of its call: for when its own is lost too. */
  spare: Payload | undefined;
  /** Of what is large and no call makes again: why none does. */
  single: string | undefined;
  /** Tasks that wait for the outcome. */
  dependents: Dependent[] | undefined;
}

export class Objects<Dependent> {
  readonly #records = new Map<ObjectId, ObjectRecord<Dependent>>();
  readonly #heard: Heard;
  readonly #process: ProcessId;
  readonly #emit: (effect: OwnerEffect) => void;
  /** Called for each dependent when the outcome it waited for is here. */
  readonly #arrived: (dependent: Dependent, outcome: Outcome) => void;
  /** Nothing here needs it any more. */
  readonly #gone: (id: ObjectId) => void;
  /** Nothing here does, but others may: whether it is made again for them when it is lost. */
  readonly #outlives: (id: ObjectId) => boolean;

  constructor(
    process: ProcessId,
    emit: (effect: OwnerEffect) => void,
    arrived: (dependent: Dependent, outcome: Outcome) => void,
    gone: (id: ObjectId) => void,
    outlives: (id: ObjectId) => boolean,
  ) {
    this.#process = process;
    this.#emit = emit;
    this.#heard = new Heard((message) => emit({ type: "daemon", message }));
    this.#arrived = arrived;
    this.#gone = gone;
    this.#outlives = outlives;
  }

  get(id: ObjectId): ObjectRecord<Dependent> | undefined {
    return this.#records.get(id);
  }

  all(): IterableIterator<ObjectRecord<Dependent>> {
    return this.#records.values();
  }

  /** A new object of this process, held once by its maker. */
  create(id: ObjectId, outcome?: Outcome): ObjectRecord<Dependent> {
    const record = this.#add(id, true);
    record.pins = 1;
    if (outcome !== undefined) this.#keep(record, outcome);
    return record;
  }

  put(id: ObjectId, value: Payload, site: string | undefined): void {
    this.create(id, { value }).single = site && `it was put, at ${site}`;
  }

  /** One that was here and is gone is needed again; held once. */
  restore(id: ObjectId, outcome: Outcome | undefined): void {
    const record = this.#add(id, ownerOf(id) === this.#process);
    record.pins = 1;
    record.outcome = outcome;
  }

  /** It was made here, and let go of, and others have it, who need it once more; held once. What its value kept alive is the caller's to unpin. */
  adopt(id: ObjectId): readonly ObjectId[] {
    const record = this.pin(id);
    record.mine = true;
    record.announced = true;
    return this.reopen(record);
  }

  /** Large parts that were put into the store. The daemon knows of them from the beginning: it is who removes them. */
  store({ id, bytes, medium }: Extract<OwnerInput, { type: "store" }>): void {
    const record = this.create(id, STORED);
    record.shared = true;
    record.announced = true;
    this.#emit({ type: "daemon", message: { type: "store", id, bytes, medium } });
  }

  /** An actor of this process. The daemon knows of it from the beginning. */
  actor(id: ObjectId): void {
    const record = this.create(id, ACTOR);
    record.shared = true;
    record.announced = true;
  }

  pin(id: ObjectId): ObjectRecord<Dependent> {
    const record = this.#records.get(id) ?? this.#add(id, false);
    record.pins += 1;
    return record;
  }

  /** Takes back one `pin`. */
  unpin(id: ObjectId): void {
    const dropped = [id];
    for (let next = dropped.pop(); next !== undefined; next = dropped.pop()) {
      const record = this.#records.get(next);
      if (record === undefined) continue;
      record.pins -= 1;
      if (record.pins === 0 && record.unsettled === 0) this.#letGo(record, dropped);
    }
  }

  /** Refs come, and leave. */
  travel(input: Extract<OwnerInput, { type: "received" | "settled" | "sending" | "departed" }>): void {
    switch (input.type) {
      case "received":
        return this.receive(input.ids, input.from);
      case "settled":
        return this.settle(input.ids);
      case "sending":
        return this.send(input.ids, input.to);
      case "departed":
        return this.#heard.departed(input.process);
      default:
        return unreachable(input, "the owner's objects");
    }
  }

  /**
   * The daemon counts so many more holds for this process. `settle` the same ids when they were pinned or not: until then they stay.
   * `from`: the process that has sent them, if it was not the daemon.
   */
  receive(ids: readonly ObjectId[], from?: ProcessId): void {
    if (from !== undefined) this.#heard.note(ids, from);
    for (const id of ids) {
      const record = this.#records.get(id) ?? this.#add(id, false);
      record.holds += 1;
      record.unsettled += 1;
    }
  }

  settle(ids: readonly ObjectId[]): void {
    for (const id of ids) {
      const record = this.#records.get(id);
      if (record === undefined || record.unsettled === 0) continue;
      record.unsettled -= 1;
      if (record.unsettled > 0) continue;
      if (record.pins === 0) {
        const dropped: ObjectId[] = [];
        this.#letGo(record, dropped);
        for (const inner of dropped) this.unpin(inner);
      } else if (record.mine && record.holds > 0) {
        // My own row is enough to keep what is mine.
        this.#release(record);
      }
    }
  }

  /** Before these refs leave for another process: the daemon hears of them first. */
  send(ids: readonly ObjectId[], to: ProcessId): void {
    for (const id of ids) {
      const record = this.#records.get(id);
      if (record?.mine === true) this.announce(record);
      this.#emit({ type: "daemon", message: { type: "hold", id, process: to } });
    }
  }

  /** Before these refs become part of something that the daemon keeps. */
  announceAll(ids: readonly ObjectId[]): void {
    for (const id of ids) {
      const record = this.#records.get(id);
      if (record?.mine === true) this.announce(record);
    }
  }

  /** Makes a record that is mine known to the daemon, and what it contains, however deep, without recursion. */
  announce(record: ObjectRecord<Dependent>): void {
    if (record.shared) return;
    this.#share(record);
    if (record.outcome !== undefined) this.#publish(record, record.outcome);
  }

  /** Somebody asked the daemon for it, and the daemon does not know it, or knows a value that cannot be read. */
  requested(id: ObjectId): void {
    const record = this.#records.get(id);
    if (record?.mine !== true) {
      const failure: Failure = { kind: "lost", id, reason: "its owner no longer keeps it" };
      this.#emit({ type: "daemon", message: { type: "publish", id, outcome: { failure } } });
      return;
    }
    // What cannot be made again replaced a value that had been published.
    if (record.shared && record.outcome?.failure !== undefined) this.#publish(record, record.outcome);
    this.announce(record);
    if (record.pins === 0 && record.shared) {
      record.shared = false;
      this.#emit({ type: "daemon", message: { type: "release", id, count: 1 } });
    }
  }

  /** Answered by an `outcome` effect: at once when it is here. */
  want(id: ObjectId): void {
    const record = this.#records.get(id);
    if (record?.outcome !== undefined) {
      this.#emit({ type: "outcome", id, outcome: record.outcome });
    } else if (record !== undefined) {
      record.wanted = true;
      this.subscribe(record);
    } else {
      const failure: Failure = { kind: "lost", id, reason: "this process holds no reference to it" };
      this.#emit({ type: "outcome", id, outcome: { failure } });
    }
  }

  subscribe(record: ObjectRecord<Dependent>): void {
    if (record.mine || record.subscribed) return;
    record.subscribed = true;
    this.#emit({ type: "daemon", message: { type: "subscribe", id: record.id } });
  }

  /** Its value is lost, and is going to come again. What was kept alive by it is the caller's to unpin. */
  reopen(record: ObjectRecord<Dependent>): readonly ObjectId[] {
    const { outcome } = record;
    record.outcome = undefined;
    return outcome === undefined ? [] : refsIn(outcome);
  }

  /** Its value, which another process has made, is lost. Whoever can have it made again is told by the daemon, which says what comes of it. */
  report(record: ObjectRecord<Dependent>, stored: ObjectId): void {
    const refs = this.reopen(record);
    record.subscribed = true;
    this.#emit({ type: "daemon", message: { type: "lost", id: record.id, stored } });
    for (const id of refs) this.unpin(id);
  }

  /** Its value is lost for good. Others hear of it when they cannot read it either. */
  fail(record: ObjectRecord<Dependent>, failure: Failure): void {
    const refs = this.reopen(record);
    this.#keep(record, { failure });
    for (const id of refs) this.unpin(id);
  }

  /** Its value is lost, and what was made once more takes its place. False: nothing was. */
  replace(record: ObjectRecord<Dependent>): boolean {
    const { spare, id } = record;
    if (spare === undefined) return false;
    record.spare = undefined;
    const refs = this.reopen(record);
    this.resolve(id, { value: spare });
    for (const inner of [...refs, ...spare.refs]) this.unpin(inner);
    return true;
  }

  /** A call that was run again makes all of its results, and this one may not be lost: whoever has seen it is to find it as it was. */
  #spare(record: ObjectRecord<Dependent>, { value }: Outcome): void {
    if (value?.stored === undefined || record.outcome?.value?.stored === undefined) return;
    if (!record.mine || record.spare !== undefined) return;
    record.spare = value;
    for (const inner of value.refs) this.pin(inner);
  }

  /** The outcome is here. */
  resolve(id: ObjectId, outcome: Outcome): void {
    const record = this.#records.get(id);
    if (record === undefined) return;
    if (record.outcome !== undefined) return this.#spare(record, outcome);
    this.#keep(record, outcome);
    // Dependents that end with it let go of it, and perhaps nobody else has it.
    record.pins += 1;
    if (record.announced) this.#publish(record, outcome);
    if (record.wanted) this.#emit({ type: "outcome", id, outcome });
    else if (isTelling(outcome) && record.mine && !record.announced && record.dependents === undefined)
      this.#emit({ type: "unheard", failure: outcome.failure, id });
    record.wanted = false;
    const dependents = record.dependents;
    record.dependents = undefined;
    for (const dependent of dependents ?? []) this.#arrived(dependent, outcome);
    this.unpin(id);
  }

  #add(id: ObjectId, mine: boolean): ObjectRecord<Dependent> {
    const record: ObjectRecord<Dependent> = {
      id,
      mine,
      pins: 0,
      holds: 0,
      unsettled: 0,
      shared: false,
      announced: false,
      subscribed: false,
      wanted: false,
      outcome: undefined,
      spare: undefined,
      single: undefined,
      dependents: undefined,
    };
    this.#records.set(id, record);
    return record;
  }

  #keep(record: ObjectRecord<Dependent>, outcome: Outcome): void {
    record.outcome = outcome;
    for (const inner of refsIn(outcome)) this.pin(inner);
  }

  /** No pins are left. What an outcome kept alive is added to `dropped`, for the caller to unpin. */
  #letGo(record: ObjectRecord<Dependent>, dropped: ObjectId[]): void {
    const { id, mine, announced, outcome } = record;
    if (mine && announced && outcome !== undefined && this.#outlives(id))
      this.#emit({ type: "daemon", message: { type: "outlives", id } });
    this.#release(record);
    const unfinished = mine && outcome === undefined;
    if (unfinished) return;
    this.#records.delete(record.id);
    this.#gone(record.id);
    if (record.outcome !== undefined) for (const inner of refsIn(record.outcome)) dropped.push(inner);
    for (const inner of record.spare?.refs ?? []) dropped.push(inner);
  }

  /** Gives rows back: those others made, and my own once nothing here needs the object. */
  #release(record: ObjectRecord<Dependent>): void {
    let count = record.holds;
    record.holds = 0;
    if (record.pins === 0 && record.shared) {
      record.shared = false;
      count += 1;
    }
    if (count > 0) this.#emit({ type: "daemon", message: { type: "release", id: record.id, count } });
  }

  #share(record: ObjectRecord<Dependent>): void {
    record.shared = true;
    record.announced = true;
    this.#emit({ type: "daemon", message: { type: "share", id: record.id } });
  }

  /** Shares what is inside before the outcome goes, and publishes the insides after it: a work list, for deep chains. */
  #publish(record: ObjectRecord<Dependent>, outcome: Outcome): void {
    const work: [ObjectId, Outcome][] = [[record.id, outcome]];
    for (let next = work.pop(); next !== undefined; next = work.pop()) {
      for (const id of refsIn(next[1])) {
        const inner = this.#records.get(id);
        if (inner?.mine !== true || inner.shared) continue;
        this.#share(inner);
        if (inner.outcome !== undefined) work.push([id, inner.outcome]);
      }
      this.#emit({ type: "daemon", message: { type: "publish", id: next[0], outcome: next[1] } });
    }
  }

  /** Whole-state invariants; throws with the record's story. */
  check(): void {
    for (const record of this.#records.values()) {
      const told = JSON.stringify({
        ...record,
        outcome: record.outcome && "here",
        dependents: record.dependents?.length,
      });
      if (record.pins < 0 || record.holds < 0 || record.unsettled < 0)
        throw new Error(`object: negative count ${told}`);
      if (record.mine && ownerOf(record.id) !== this.#process) throw new Error(`object: not mine ${told}`);
      if (record.shared && !record.mine) throw new Error(`object: borrowed and shared ${told}`);
      if (record.outcome !== undefined && (record.wanted || record.dependents !== undefined))
        throw new Error(`object: waited for though here ${told}`);
      if (record.pins === 0 && record.unsettled === 0 && (!record.mine || record.outcome !== undefined))
        throw new Error(`object: kept for nobody ${told}`);
    }
  }
}

/** A failure that somebody should hear of. Who has ended the session, cancelled the call, killed its actor, or removed its group, knows it. */
export function isTelling(outcome: Outcome): outcome is Outcome & { failure: Failure } {
  const { failure } = outcome;
  if (failure === undefined || failure.kind === "closed" || failure.kind === "cancelled") return false;
  if (failure.kind === "actorDied") return failure.death.end !== "killed";
  return failure.kind !== "groupGone" || failure.why === "nameTaken";
}
