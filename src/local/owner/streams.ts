// Streams: calls whose results come one by one. Items that their reader has not taken stand in line here, as objects held for it.
//
//   items ─► next ─► unread ─► taken
//
// A stream is known by the object that says when its call has ended. `next` is the object that the item to come will be: there before
// the item, so that it can be waited for like any other. When none comes any more it is told how the call ended: of a failure it is the
// last item itself, else it goes. A second attempt of the call passes over what the first one has sent, but for what is to be made again
// because it was lost: that comes first. One of a call that had ended makes that and nothing else.
import { Deque } from "../../std/deque.ts";
import type { MethodCall } from "../../domain/actor.ts";
import { objectId, type ObjectId, type ProcessId } from "../../domain/id.ts";
import type { Outcome, Payload } from "../../domain/object.ts";
import { cancelled, itemLost, readerGone } from "../../domain/stop.ts";
import { isStream } from "../../domain/task.ts";
import type { StreamPosition } from "../../protocol/worker.ts";
import type { Lanes } from "./lane.ts";
import type { Objects } from "./objects.ts";
import type { OwnerEffect } from "./step.ts";
import { storyOf, type Task } from "./tasks.ts";

interface Stream {
  readonly task: Task;
  /** How many unread ones may be ahead of the reader. */
  readonly ahead: number;
  readonly unread: Deque<ObjectId>;
  /** Undefined: none comes any more. */
  next: ObjectId | undefined;
  /** Items, over all attempts. */
  received: number;
  taken: number;
  /** How many the producer was told to have been taken. */
  told: number;
}

/** What is known of items, to make them again. */
export interface LostItems {
  /** This one was made, and is in the store. */
  stored(task: Task, id: ObjectId, place: number): void;
  /** What this call is to make once more, in order. */
  again(task: Task): readonly { readonly id: ObjectId; readonly place: number }[];
  /** An attempt has ended, without these: no other one is on its way to make what is lost. */
  ended(task: Task, outcome: Outcome, missing?: ReadonlySet<ObjectId>): void;
}

export class Streams {
  readonly #streams = new Map<ObjectId, Stream>();
  /** Of which the producer does not know how far the reader has come. */
  readonly #behind = new Set<Stream>();
  readonly #process: ProcessId;
  readonly #number: () => number;
  readonly #objects: Objects<Task>;
  readonly #lanes: Lanes;
  readonly #lost: () => LostItems;
  /** What attempts that run have still to make once more. */
  readonly #again = new Map<Task, Deque<ObjectId>>();
  /** Those that run, and are to begin anew for what of them is lost. */
  readonly #anew = new Set<Task>();
  readonly #emit: (effect: OwnerEffect) => void;

  /** `number`: a fresh one, for the name of an object. */
  constructor(
    process: ProcessId,
    number: () => number,
    objects: Objects<Task>,
    lanes: Lanes,
    lost: () => LostItems,
    emit: (effect: OwnerEffect) => void,
  ) {
    this.#process = process;
    this.#number = number;
    this.#objects = objects;
    this.#lanes = lanes;
    this.#lost = lost;
    this.#emit = emit;
  }

  get size(): number {
    return this.#streams.size;
  }

  /** Some producer should be told how far its reader has come. */
  get behind(): boolean {
    return this.#behind.size > 0;
  }

  open(task: Task): void {
    const [id] = task.results;
    if (id === undefined) throw new Error(`a stream without an object: ${storyOf(task)}`);
    const ahead = task.spec.backpressure ?? Infinity;
    const next = this.#makeNext();
    this.#streams.set(id, { task, ahead, unread: new Deque(), next, received: 0, taken: 0, told: 0 });
  }

  #makeNext(): ObjectId {
    const id = objectId(this.#process, this.#number());
    this.#objects.create(id);
    return id;
  }

  /** The first that is unread; when there is none, what the next one will be. Undefined: none comes any more. */
  peek(id: ObjectId): ObjectId | undefined {
    const stream = this.#streams.get(id);
    return stream?.unread.peek() ?? stream?.next;
  }

  /** The call of which this is the item to come. */
  makerOf(item: ObjectId): Task | undefined {
    for (const { task, next } of this.#streams.values()) if (next === item) return task;
    return undefined;
  }

  /** Whether a stream of this actor has paused until its reader takes more. */
  isPausedAt({ actor, group }: MethodCall): boolean {
    for (const { task, next, received, taken, ahead } of this.#streams.values()) {
      const { method } = task.spec;
      const paused = next !== undefined && task.state === "running" && received - taken > ahead;
      if (paused && method?.actor === actor && method.group === group) return true;
    }
    return false;
  }

  /** The reader has taken the first that was unread, and holds it in the place of the stream. */
  take(id: ObjectId): void {
    const stream = this.#streams.get(id);
    if (stream?.unread.shift() === undefined) return;
    stream.taken += 1;
    if (stream.next === undefined) {
      if (stream.unread.size === 0) this.#streams.delete(id);
    } else if (stream.ahead < Infinity) {
      // Half of what it may be ahead by is worth a message at once; less can wait for more.
      if (stream.taken - stream.told >= stream.ahead / 2) this.#tell(stream);
      else this.#behind.add(stream);
    }
  }

  /** A turn of the event loop has passed: whoever is behind hears it all. */
  tellAll(): void {
    for (const stream of this.#behind) this.#tell(stream);
  }

  #tell(stream: Stream): void {
    const { task, taken } = stream;
    this.#behind.delete(stream);
    const lease = task.state === "running" ? this.#lanes.of(task).placeOf(task) : undefined;
    if (lease === undefined || taken === stream.told) return;
    stream.told = taken;
    const { id, worker, address } = lease;
    const message = { type: "read", lease: id, task: task.number, count: taken } as const;
    this.#emit({ type: "worker", worker, address, message });
  }

  /** More items may come of it. */
  isOpen(task: Task): boolean {
    return this.#of(task)?.next !== undefined;
  }

  /** The call is about to be pushed: where its producer begins. Undefined for one that is no stream. */
  position(task: Task): StreamPosition | undefined {
    if (!isStream(task.spec)) return undefined;
    this.#anew.delete(task);
    const items = this.#lost().again(task);
    if (items.length > 0) this.#again.set(task, new Deque(items.map(({ id }) => id)));
    else this.#again.delete(task);
    const again = items.map(({ place }) => place);
    const stream = this.#of(task);
    if (stream?.next === undefined) return { skip: Infinity, read: 0, ahead: Infinity, again, reader: undefined };
    stream.told = stream.taken;
    return { skip: stream.received, read: stream.taken, ahead: stream.ahead, again, reader: task.spec.reader };
  }

  /** Of an attempt that runs. What was lost of a call that had ended is looked at once more when this attempt has ended. */
  isComing(task: Task, item: ObjectId): boolean {
    if (!this.isOpen(task) || this.#anew.has(task)) return true;
    return [...(this.#again.get(task) ?? [])].includes(item);
  }

  /** It runs, and has passed what is lost: its worker is told to end it, and the answer is not its end. */
  beginAnew(task: Task): void {
    const lease = this.#lanes.of(task).placeOf(task);
    if (lease === undefined || this.#anew.has(task)) return;
    this.#anew.add(task);
    const { id, worker, address } = lease;
    const stop = cancelled(task.spec, itemLost);
    this.#emit({ type: "worker", worker, address, message: { type: "cancel", lease: id, task: task.number, stop } });
  }

  /** Its worker has answered: whether another attempt is to follow, whatever the answer is. */
  beginsAnew(task: Task): boolean {
    return this.#anew.delete(task);
  }

  /** Items have come, in order. The worker has held the refs inside for this process. Of a call that was stopped nobody takes them. */
  receive(task: Task | undefined, values: readonly Payload[], from: ProcessId): void {
    const refs = values.flatMap((value) => value.refs);
    if (refs.length > 0) this.#objects.receive(refs, from);
    const running = task?.state === "running" ? task : undefined;
    const stream = running && this.#of(running);
    const again = running && this.#again.get(running);
    for (const value of values) {
      const made = again?.shift();
      if (made !== undefined) {
        this.#objects.resolve(made, { value });
        continue;
      }
      const id = stream?.next;
      if (stream === undefined || id === undefined) break;
      stream.received += 1;
      stream.unread.push(id);
      stream.next = this.#makeNext();
      if (value.stored !== undefined) this.#lost().stored(stream.task, id, stream.received - 1);
      this.#objects.resolve(id, { value });
    }
    if (refs.length > 0) this.#objects.settle(refs);
  }

  /** Its call has ended. */
  ended(task: Task, outcome: Outcome): void {
    const missing = new Set(this.#again.get(task) ?? []);
    this.#again.delete(task);
    this.#anew.delete(task);
    this.#close(task, outcome);
    this.#lost().ended(task, outcome, missing);
  }

  /** None comes any more. */
  #close(task: Task, outcome: Outcome): void {
    const stream = this.#of(task);
    if (stream?.next === undefined) return;
    const last = stream.next;
    stream.next = undefined;
    this.#behind.delete(stream);
    if (outcome.failure !== undefined) stream.unread.push(last);
    else if (stream.unread.size === 0) this.#forget(task);
    this.#objects.resolve(last, outcome);
    if (outcome.failure === undefined) this.#objects.unpin(last);
  }

  /** Nobody reads it any more: what is unread goes. Its call, when that has not ended, for the caller to stop. */
  leave(id: ObjectId): Task | undefined {
    const stream = this.#streams.get(id);
    if (stream === undefined) return undefined;
    const { task, next } = stream;
    this.#streams.delete(id);
    this.#behind.delete(stream);
    for (const item of stream.unread) this.#objects.unpin(item);
    if (next === undefined) return undefined;
    // For whoever waits for it.
    this.#objects.resolve(next, { failure: cancelled(task.spec, readerGone).failure });
    this.#objects.unpin(next);
    return task;
  }

  #of(task: Task): Stream | undefined {
    return isStream(task.spec) ? this.#streams.get(task.results[0] as ObjectId) : undefined;
  }

  #forget(task: Task): void {
    this.#streams.delete(task.results[0] as ObjectId);
  }

  check(): void {
    for (const { task, unread, next, received, taken, told } of this.#streams.values()) {
      const story = `${storyOf(task)}; received ${received}, taken ${taken}, told ${told}, unread ${unread.size}`;
      const over = task.state === "done" || task.state === "stopped";
      if (over !== (next === undefined)) throw new Error(`stream: what comes next does not fit ${story}`);
      if (over && unread.size === 0) throw new Error(`stream: kept though nothing comes ${story}`);
      // A failure is an item of its own.
      const failed = over && received - taken < unread.size;
      if (received - taken + (failed ? 1 : 0) !== unread.size || told > taken)
        throw new Error(`stream: miscounted ${story}`);
      for (const id of [...unread, ...(next === undefined ? [] : [next])])
        if (this.#objects.get(id) === undefined) throw new Error(`stream: ${id} is gone ${story}`);
    }
    for (const stream of this.#behind)
      if (this.#streams.get(stream.task.results[0] as ObjectId) !== stream)
        throw new Error(`stream: behind, but gone ${storyOf(stream.task)}`);
  }
}
