// Streams of the inline backend: what their readers have not taken yet, and producers that wait until they have.
import type { MethodCall } from "../domain/actor.ts";
import type { ObjectId } from "../domain/id.ts";
import type { Outcome, Payload } from "../domain/object.ts";
import { Deque } from "../std/deque.ts";
import { deferred, type Deferred } from "../std/deferred.ts";
import type { InlineCall, Task } from "./task.ts";

interface Stream {
  readonly task: Task;
  readonly ahead: number;
  readonly unread: Deque<ObjectId>;
  /** What the item to come will be; undefined when none comes any more. */
  next: ObjectId | undefined;
  /** Over all attempts. */
  made: number;
  taken: number;
  /** The producer waits for it: whether to go on. */
  room: Deferred<boolean> | undefined;
}

/** What the backend does with the objects. */
export interface ItemObjects {
  /** Held once, and nothing yet. */
  create(): ObjectId;
  resolve(id: ObjectId, outcome: Outcome): void;
  release(id: ObjectId): void;
}

/** By the object that says when the call has ended. */
export class Streams {
  readonly #streams = new Map<ObjectId, Stream>();
  readonly #objects: ItemObjects;

  constructor(objects: ItemObjects) {
    this.#objects = objects;
  }

  open(id: ObjectId, task: Task, ahead: number): void {
    const next = this.#objects.create();
    this.#streams.set(id, { task, ahead, unread: new Deque(), next, made: 0, taken: 0, room: undefined });
  }

  /** Another attempt passes over what those before it have made. */
  production(id: ObjectId): NonNullable<InlineCall["stream"]> {
    const { made: skip = 0, task } = this.#streams.get(id) ?? {};
    const reader = task?.spec.reader;
    const room = (): boolean | Promise<boolean> => this.#room(this.#streams.get(id));
    return { skip, again: [], reader, room, item: (value) => this.#item(id, value) };
  }

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
    for (const { task, room } of this.#streams.values()) {
      const { method } = task.spec;
      if (room !== undefined && method?.actor === actor && method.group === group) return true;
    }
    return false;
  }

  take(id: ObjectId): void {
    const stream = this.#streams.get(id);
    if (stream?.unread.shift() === undefined) return;
    stream.taken += 1;
    if (stream.next === undefined && stream.unread.size === 0) this.#streams.delete(id);
    if (stream.made - stream.taken <= stream.ahead) goOn(stream, true);
  }

  #item(id: ObjectId, value: Payload): boolean | Promise<boolean> {
    const stream = this.#streams.get(id);
    const item = stream?.next;
    if (stream === undefined || item === undefined) return false;
    stream.made += 1;
    stream.unread.push(item);
    stream.next = this.#objects.create();
    this.#objects.resolve(item, { value });
    return this.#room(stream);
  }

  /** Whether the producer goes on: perhaps later. */
  #room(stream: Stream | undefined): boolean | Promise<boolean> {
    if (stream?.next === undefined) return false;
    if (stream.made - stream.taken <= stream.ahead) return true;
    stream.room = deferred<boolean>();
    return stream.room.promise;
  }

  /** Its call has ended: of a failure this is the last item. */
  ended(id: ObjectId, outcome: Outcome): void {
    const stream = this.#streams.get(id);
    const last = stream?.next;
    if (stream === undefined || last === undefined) return;
    stream.next = undefined;
    if (outcome.failure !== undefined) stream.unread.push(last);
    else if (stream.unread.size === 0) this.#streams.delete(id);
    this.#objects.resolve(last, outcome);
    if (outcome.failure === undefined) this.#objects.release(last);
    goOn(stream, false);
  }

  /** Its call, when that has not ended. `outcome`: for whoever waits for the next item. */
  leave(id: ObjectId, outcome: (task: Task) => Outcome): Task | undefined {
    const stream = this.#streams.get(id);
    if (stream === undefined) return undefined;
    const { next, task } = stream;
    this.#streams.delete(id);
    for (const item of stream.unread) this.#objects.release(item);
    goOn(stream, false);
    if (next === undefined) return undefined;
    this.#objects.resolve(next, outcome(task));
    this.#objects.release(next);
    return task;
  }
}

function goOn(stream: Stream, more: boolean): void {
  stream.room?.resolve(more);
  stream.room = undefined;
}
