// Streams: calls whose results come one by one. Items that their reader has not taken stand in line here, as objects held for it.
//
//   items ─► next ─► unread ─► taken
//
// A stream is known by the object that says when its call has ended. `next` is the object that the item to come will be: there before
// the item, so that it can be waited for like any other. When none comes any more it is told how the call ended: of a failure it is the
// last item itself, else it goes. A second attempt of the call passes over what the first one has sent; and the call is not run once more
// for an item that was lost: it may go on for long, or for ever.
import { Deque } from "../../std/deque.ts";
import type { MethodCall } from "../../domain/actor.ts";
import { objectId, type ObjectId, type ProcessId } from "../../domain/id.ts";
import type { Outcome, Payload } from "../../domain/object.ts";
import { cancelled, readerGone } from "../../domain/stop.ts";
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

export class Streams {
  readonly #streams = new Map<ObjectId, Stream>();
  /** Of which the producer does not know how far the reader has come. */
  readonly #behind = new Set<Stream>();
  readonly #process: ProcessId;
  readonly #number: () => number;
  readonly #objects: Objects<Task>;
  readonly #lanes: Lanes;
  readonly #emit: (effect: OwnerEffect) => void;

  /** `number`: a fresh one, for the name of an object. */
  constructor(
    process: ProcessId,
    number: () => number,
    objects: Objects<Task>,
    lanes: Lanes,
    emit: (effect: OwnerEffect) => void,
  ) {
    this.#process = process;
    this.#number = number;
    this.#objects = objects;
    this.#lanes = lanes;
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

  /** The call is about to be pushed: where its producer begins. Undefined for one that is no stream. */
  position(task: Task): StreamPosition | undefined {
    const stream = this.#of(task);
    if (stream === undefined) return undefined;
    stream.told = stream.taken;
    return { skip: stream.received, read: stream.taken, ahead: stream.ahead, reader: task.spec.reader };
  }

  /** Items have come, in order. The worker has held the refs inside for this process. Of a call that was stopped nobody takes them. */
  receive(task: Task | undefined, values: readonly Payload[], from: ProcessId): void {
    const refs = values.flatMap((value) => value.refs);
    if (refs.length > 0) this.#objects.receive(refs, from);
    const stream = task?.state === "running" ? this.#of(task) : undefined;
    for (const value of values) {
      const id = stream?.next;
      if (stream === undefined || id === undefined) break;
      stream.received += 1;
      stream.unread.push(id);
      stream.next = this.#makeNext();
      const record = value.stored && this.#objects.get(id);
      if (record !== undefined) record.single = singleOf(stream.task);
      this.#objects.resolve(id, { value });
    }
    if (refs.length > 0) this.#objects.settle(refs);
  }

  /** Its call has ended. */
  ended(task: Task, outcome: Outcome): void {
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

function singleOf({ spec: { name, site } }: Task): string {
  return `it is an item of the stream of task ${name}, submitted at ${site.text}, and what a stream has given is not made once more`;
}
