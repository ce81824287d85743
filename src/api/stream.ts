// ObjectRefGenerator: what user code holds of a call that makes its results one by one.
import { inspect } from "node:util";
import { registerKind } from "../codec/kinds.ts";
import type { ObjectId } from "../domain/id.ts";
import { breath } from "./breath.ts";
import type { ObjectRef, ObjectRefGenerator } from "./lift.ts";
import { getAll, valueHere } from "./objects.ts";
import { assertReadable, Reader, readerKey, readerOf } from "./reader.ts";
import { refFor, refOf, type Hold, type Origin } from "./ref.ts";
import type { Session } from "./slot.ts";
import { throwIfStopped } from "./stop.ts";

type Step<T> = IteratorResult<T, undefined>;

const abandoned = new FinalizationRegistry<Reader>((reader) => reader.leave());
/** Whoever waits for the end of a stream has not abandoned it. */
const streams = new WeakMap<ObjectRef<void>, Stream<unknown>>();

function over(): Step<never> {
  return { done: true, value: undefined };
}

class Stream<T> implements ObjectRefGenerator<T> {
  readonly completed: ObjectRef<void>;
  readonly #reader: Reader;

  constructor(reader: Reader) {
    this.#reader = reader;
    this.completed = refFor<void>(reader.session, reader.id, reader.origin);
    streams.set(this.completed, this);
    abandoned.register(this, reader);
  }

  get [readerKey](): Reader {
    return this.#reader;
  }

  async next(): Promise<Step<ObjectRef<T>>> {
    const hold = await nextOf(this.#reader);
    if (hold === undefined) return over();
    const step: Step<ObjectRef<T>> = { done: false, value: refOf<T>(hold) };
    const pause = breath(0);
    if (pause !== undefined) await pause;
    return step;
  }

  return(): Promise<Step<ObjectRef<T>>> {
    this.#reader.leave();
    return Promise.resolve(over());
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#reader.leave();
    return Promise.resolve();
  }

  values(): AsyncIterableIterator<T> {
    return new Values<T>(this);
  }

  toString(): string {
    return `ObjectRefGenerator(${this.#reader.id})`;
  }

  [inspect.custom](): string {
    const { origin, session, over: ended } = this.#reader;
    const state = session.closed ? "session ended" : ended ? "over" : "open";
    return `${this.toString()} { ${origin.name}, ${state} }`;
  }
}
Object.defineProperty(Stream, "name", { value: "ObjectRefGenerator" });

function nextOf(reader: Reader): Hold | undefined | Promise<Hold | undefined> {
  throwIfStopped();
  if (reader.over) return undefined;
  assertReadable(reader, `next() of ${reader.origin.name}`);
  return reader.next();
}

class Values<T> implements AsyncIterableIterator<T> {
  /** Not abandoned while somebody reads its values. */
  readonly #stream: Stream<T>;

  constructor(stream: Stream<T>) {
    this.#stream = stream;
  }

  /** As generators do, it ends when it throws. */
  async next(): Promise<Step<T>> {
    const reader = this.#stream[readerKey];
    const coming = nextOf(reader);
    const hold = coming instanceof Promise ? await coming : coming;
    if (hold === undefined) return over();
    try {
      const here = valueHere(hold);
      if (here?.pause !== undefined) await here.pause;
      const value = here === undefined ? (await getAll([hold], {}))[0] : here.value;
      return { done: false, value: value as T };
    } catch (error) {
      reader.leave();
      throw error;
    } finally {
      hold.drop();
    }
  }

  return(): Promise<Step<T>> {
    this.#stream[readerKey].leave();
    return Promise.resolve(over());
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** Takes over the hold of its object that the backend has counted already. */
export function streamFor(session: Session, id: ObjectId, origin: Origin): ObjectRefGenerator<unknown> {
  return new Stream(new Reader(session, id, origin));
}

registerKind({
  name: "stream",
  matches: (value) => readerOf(value) !== undefined,
  refusal: {
    reason: "is an ObjectRefGenerator: a stream is read in the process that has begun it.",
    hint: "Read it there and pass its refs or values on, or let the task that reads it begin it.",
  },
});
