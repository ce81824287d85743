// Shared objects: who holds them, what they are, who waits for them.
//
// A row counts the holds of one process (or of one container: an object or definition that is kept and has the ref inside).
// Channels overtake each other, so a row may be negative for a while: the receiver's release came before the sender's hold. An
// object goes when every row is exactly zero, never by the sum. Rows of a process that has ended vanish, and what is said of it
// afterwards is not counted.
import { ownerOf, type ObjectId, type ProcessId } from "../../domain/id.ts";
import { ACTOR, refsIn, STORED, type Outcome } from "../../domain/object.ts";
import type { FromDaemon, ToDaemon } from "../../protocol/daemon.ts";
import { unreachable } from "../../std/invariant.ts";
import { BookedHolds } from "./booked.ts";
import type { Fates } from "./fates.ts";
import type { Spills } from "./spills.ts";

/** Not a process id: a container that has refs inside. */
type Container = `in ${string}`;
type Holder = ProcessId | Container;

interface SharedObject {
  readonly id: ObjectId;
  readonly rows: Map<Holder, number>;
  outcome: Outcome | undefined;
  readonly subscribers: Set<ProcessId>;
  /** The owner was asked for it, or has spoken of it. */
  known: boolean;
  /** The file that could not be read, until its owner has made another. */
  lost: ObjectId | undefined;
  /** Its owner has let go of it, and is to hear when everybody has. */
  outlives: boolean;
}

export type ObjectMessage = Extract<
  ToDaemon,
  { type: "share" | "store" | "hold" | "heard" | "release" | "publish" | "lost" | "outlives" | "subscribe" }
>;

export interface ActorHooks {
  has(id: ObjectId): boolean;
  readonly aliases: { held(id: ObjectId): void; atHome(id: ObjectId): void };
  livesIn(id: ObjectId, process: ProcessId): boolean;
  unreachable(id: ObjectId): void;
}

export class SharedObjects {
  readonly #objects = new Map<ObjectId, SharedObject>();
  readonly #heldBy = new Map<Holder, Set<SharedObject>>();
  readonly #ownedBy = new Map<ProcessId, Set<SharedObject>>();
  readonly #booked = new BookedHolds();
  readonly #send: (to: ProcessId, message: FromDaemon) => void;
  readonly #alive: (process: ProcessId) => boolean;
  readonly #unstore: (id: ObjectId) => void;
  readonly #spills: Spills;
  readonly #fates: Fates;
  readonly #actors: () => ActorHooks;

  constructor(
    send: (to: ProcessId, message: FromDaemon) => void,
    alive: (process: ProcessId) => boolean,
    fates: Fates,
    spills: Spills,
    unstore: (id: ObjectId) => void,
    actors: () => ActorHooks,
  ) {
    this.#send = send;
    this.#alive = alive;
    this.#fates = fates;
    this.#spills = spills;
    this.#unstore = unstore;
    this.#actors = actors;
  }

  message(from: ProcessId, message: ObjectMessage): void {
    switch (message.type) {
      case "share":
        return this.share(message.id, from);
      case "store":
        return this.store(message, from);
      case "hold":
        return this.#announced(message.id, from, message.process);
      case "heard":
        return this.#heard(message, from);
      case "release":
        return this.release(message.id, from, message.count);
      case "publish":
        return this.publish(message.id, message.outcome);
      case "lost":
        return this.lost(message, from);
      case "outlives":
        return this.#outlives(message.id, from);
      case "subscribe":
        return this.subscribe(message.id, from);
      default:
        return unreachable(message, "the shared objects");
    }
  }

  share(id: ObjectId, owner: ProcessId): void {
    const object = this.#at(id);
    object.known = true;
    this.#count(object, owner, 1);
  }

  /** Its value is a file, which goes with the last hold. */
  store({ id, bytes, medium }: Extract<ToDaemon, { type: "store" }>, owner: ProcessId): void {
    const object = this.#at(id);
    object.known = true;
    object.outcome = STORED;
    if (medium === "memory") this.#spills.add(id, bytes);
    this.#count(object, owner, 1);
  }

  /** Its handles are holds. */
  actor(id: ObjectId, creator: ProcessId): void {
    const object = this.#at(id);
    object.known = true;
    object.outcome = ACTOR;
    this.#count(object, creator, 1);
  }

  /** What this process holds of it counts no more. False: it holds nothing. */
  forget(id: ObjectId, process: ProcessId): boolean {
    const object = this.#objects.get(id);
    const count = object?.rows.get(process) ?? 0;
    if (object === undefined || count === 0) return false;
    this.#count(object, process, -count);
    return true;
  }

  /** It is on the disk now. It may have gone meanwhile, with the file that was in memory then. */
  spilled(id: ObjectId, done: boolean): void {
    this.#spills.spilled(id, done);
    if (done && !this.#objects.has(id)) this.#unstore(id);
  }

  /** What this process has stored and somebody holds. */
  storedBy(process: ProcessId): ObjectId[] {
    return [...(this.#ownedBy.get(process) ?? [])].filter(isStored).map(({ id }) => id);
  }

  hold(id: ObjectId, process: ProcessId): void {
    if (!this.#alive(process)) return;
    if (this.#actors().livesIn(id, process)) return this.#actors().aliases.atHome(id);
    const object = this.#at(id);
    if (isStored(object)) this.#spills.use(id);
    this.#count(object, process, 1);
  }

  #announced(id: ObjectId, sender: ProcessId, receiver: ProcessId): void {
    if (this.#alive(receiver)) this.#booked.book(id, sender, receiver);
    this.hold(id, receiver);
  }

  #heard({ process, ids, last }: Extract<ObjectMessage, { type: "heard" }>, receiver: ProcessId): void {
    for (const id of ids) this.#booked.heard(id, process, receiver);
    if (!last) return;
    for (const [id, count] of this.#booked.takeRest(process, receiver)) this.release(id, receiver, count);
  }

  release(id: ObjectId, process: ProcessId, count: number): void {
    if (!this.#actors().livesIn(id, process)) this.#count(this.#at(id), process, -count);
  }

  /** Refs inside something that is kept here. Their rows go with it: `unwrap`. */
  wrap(container: string, ids: readonly ObjectId[]): void {
    for (const id of ids) this.#count(this.#at(id), `in ${container}`, 1);
  }

  unwrap(container: string): void {
    const holder: Container = `in ${container}`;
    for (const object of [...(this.#heldBy.get(holder) ?? [])])
      this.#count(object, holder, -(object.rows.get(holder) ?? 0));
  }

  publish(id: ObjectId, outcome: Outcome): void {
    const object = this.#objects.get(id);
    // Published after the last hold had gone, or nothing that is published.
    if (object === undefined || isStored(object) || object.outcome === ACTOR) return;
    // Whoever cannot read the value says so. Until then an owner that has nothing better to say may only have been asked too late.
    if (object.outcome !== undefined && outcome.failure !== undefined) return;
    this.#settle(object, outcome);
  }

  /** Its value cannot be read: it has none until its owner has made another, and hears of all who wait for that. */
  lost({ id, stored }: Extract<ToDaemon, { type: "lost" }>, process: ProcessId): void {
    const object = this.#at(id);
    const before = object.outcome;
    if (before?.value?.stored?.id === stored) {
      object.outcome = undefined;
      object.lost = stored;
      this.#unwrap(id, before);
    }
    this.subscribe(id, process);
  }

  #outlives(id: ObjectId, owner: ProcessId): void {
    const object = this.#objects.get(id);
    if (object === undefined) return this.#send(owner, { type: "freed", id });
    object.outlives = true;
  }

  /** What an outcome had inside. */
  #unwrap(id: ObjectId, outcome: Outcome): void {
    for (const inner of refsIn(outcome)) this.#count(this.#at(inner), `in ${id}`, -1);
  }

  subscribe(id: ObjectId, process: ProcessId): void {
    const object = this.#at(id);
    if (object.outcome !== undefined) return this.#deliver(object, process, object.outcome);
    object.subscribers.add(process);
    const owner = ownerOf(id);
    if (!this.#alive(owner)) return this.#settle(object, this.#ownerDied(object));
    if (object.lost !== undefined) return this.#send(owner, { type: "lost", id, stored: object.lost, reader: process });
    if (!object.known) {
      object.known = true;
      this.#send(owner, { type: "requested", id });
    }
  }

  /** An actor waits for long: whoever makes these sees whether any of them needs that actor, and will never come. */
  stillAwaited(ids: readonly ObjectId[], reader: ProcessId): void {
    for (const id of ids) {
      const object = this.#objects.get(id);
      if (object?.subscribers.has(reader) !== true || !this.#alive(ownerOf(id))) continue;
      this.#send(ownerOf(id), { type: "lost", id, stored: object.lost ?? id, reader });
    }
  }

  /** Every hold it had goes, and what only it could have made will never come. */
  gone(process: ProcessId): void {
    for (const object of [...(this.#heldBy.get(process) ?? [])]) {
      this.#count(object, process, -(object.rows.get(process) ?? 0));
    }
    for (const object of this.#objects.values()) {
      if (object.subscribers.delete(process)) this.#freeIfUnheld(object);
    }
    for (const object of [...(this.#ownedBy.get(process) ?? [])]) {
      if (object.outcome === undefined) this.#settle(object, this.#ownerDied(object));
    }
    this.#booked.receiverGone(process);
    for (const receiver of this.#booked.receiversFrom(process)) this.#send(receiver, { type: "departed", process });
  }

  #ownerDied({ id, lost }: SharedObject): Outcome {
    const owner = ownerOf(id);
    const end = this.#fates.endOf(owner);
    return { failure: { kind: "ownerDied", id, owner, lost: lost !== undefined, end } };
  }

  has(id: ObjectId): boolean {
    return this.#objects.has(id);
  }

  /** Whether others may still wait for something that only this process can make. */
  owes(process: ProcessId): boolean {
    for (const object of this.#ownedBy.get(process) ?? []) if (object.outcome === undefined) return true;
    return false;
  }

  /** Nothing hangs on this process: nobody waits for what it is to make, and it has no handle by which it could be waiting for an actor. */
  isFree(process: ProcessId): boolean {
    for (const { outcome } of this.#heldBy.get(process) ?? []) if (outcome === ACTOR) return false;
    return !this.owes(process);
  }

  #at(id: ObjectId): SharedObject {
    let object = this.#objects.get(id);
    if (object === undefined) {
      // One that its own process hands on may have been held by nobody for a moment.
      const outcome = this.#actors().has(id) ? ACTOR : undefined;
      object = { id, rows: new Map(), outcome, subscribers: new Set(), known: false, lost: undefined, outlives: false };
      this.#objects.set(id, object);
      addTo(this.#ownedBy, ownerOf(id), object);
      if (outcome !== undefined) this.#actors().aliases.held(id);
    }
    return object;
  }

  #count(object: SharedObject, holder: Holder, change: number): void {
    const count = (object.rows.get(holder) ?? 0) + change;
    if (count === 0) {
      object.rows.delete(holder);
      removeFrom(this.#heldBy, holder, object);
    } else {
      object.rows.set(holder, count);
      addTo(this.#heldBy, holder, object);
    }
    this.#freeIfUnheld(object);
  }

  /** With a work list: freeing a list of a hundred thousand links may not recurse. */
  #freeIfUnheld(first: SharedObject): void {
    const work = [first];
    for (let object = work.pop(); object !== undefined; object = work.pop()) {
      if (object.rows.size > 0 || object.subscribers.size > 0 || !this.#objects.has(object.id)) continue;
      this.#objects.delete(object.id);
      removeFrom(this.#ownedBy, ownerOf(object.id), object);
      if (object.outlives) this.#send(ownerOf(object.id), { type: "freed", id: object.id });
      if (isStored(object)) {
        this.#spills.remove(object.id);
        this.#unstore(object.id);
      }
      if (object.outcome === ACTOR) this.#actors().unreachable(object.id);
      const container: Container = `in ${object.id}`;
      for (const inner of this.#heldBy.get(container) ?? []) {
        inner.rows.delete(container);
        work.push(inner);
      }
      this.#heldBy.delete(container);
    }
  }

  #settle(object: SharedObject, outcome: Outcome): void {
    const before = object.outcome;
    object.outcome = outcome;
    object.lost = undefined;
    this.wrap(object.id, refsIn(outcome));
    if (before !== undefined) this.#unwrap(object.id, before);
    const waiting = [...object.subscribers];
    object.subscribers.clear();
    for (const process of waiting) this.#deliver(object, process, outcome);
    this.#freeIfUnheld(object);
  }

  #deliver(object: SharedObject, process: ProcessId, outcome: Outcome): void {
    for (const inner of refsIn(outcome)) this.hold(inner, process);
    this.#send(process, { type: "value", id: object.id, outcome });
    this.#freeIfUnheld(object);
  }

  /** Who holds what, and who waits for it. */
  stories(): string[] {
    return [...this.#objects.values()].map(({ id, rows, outcome, subscribers }) => {
      const held = [...rows].map(([holder, count]) => `${count} ${holder}`).join(", ");
      return `shared object ${id}: ${outcome === undefined ? "pending" : "here"}, held [${held}], awaited by [${[...subscribers].join(", ")}]`;
    });
  }

  ids(): ObjectId[] {
    return [...this.#objects.keys()];
  }

  /** Processes that have announced refs whose receivers have not said that they came. */
  get booked(): number {
    return this.#booked.size;
  }

  get size(): number {
    return this.#objects.size;
  }

  check(): void {
    for (const object of this.#objects.values()) {
      if (object.rows.size === 0 && object.subscribers.size === 0)
        throw new Error(`shared object ${object.id}: kept for nobody`);
      if (object.outcome !== undefined && object.subscribers.size > 0)
        throw new Error(`shared object ${object.id}: waited for though here`);
      for (const [holder, count] of object.rows) {
        if (count === 0) throw new Error(`shared object ${object.id}: empty row of ${holder}`);
        if (!holder.startsWith("in ") && !this.#alive(holder))
          throw new Error(`shared object ${object.id}: held by ${holder}, which has ended`);
      }
    }
  }
}

function isStored({ outcome }: SharedObject): boolean {
  return outcome === STORED;
}

function addTo<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const set = map.get(key);
  if (set === undefined) map.set(key, new Set([value]));
  else set.add(value);
}

function removeFrom<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const set = map.get(key);
  set?.delete(value);
  if (set?.size === 0) map.delete(key);
}
