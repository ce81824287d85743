// ObjectRef: what user code holds instead of a value. Each one counts as one hold at the backend, given back once.
import { inspect } from "node:util";
import { registerKind } from "../codec/kinds.ts";
import type { ObjectId } from "../domain/id.ts";
import { sessionClosed } from "../domain/failures.ts";
import { objectFreed } from "../domain/object-failures.ts";
import type { Dependency, Site } from "../domain/task.ts";
import { answerOf } from "../std/answer.ts";
import type { ObjectRef } from "./lift.ts";
import { calledAt } from "../std/own-frames.ts";
import { told } from "./own-frames.ts";
import { Crowd } from "./crowd.ts";
import { currentSession } from "./session.ts";
import { slot, type Session } from "./slot.ts";

/** Where the hold of a ref is, also for refs made by another installed copy of the package. */
const holdKey: unique symbol = Symbol.for("ray-ts.ref");

const crowd = new Crowd();

/** What this process knows of the call that makes the value. Refs that came from elsewhere have none. */
export interface Origin {
  readonly name: string;
  readonly site: Site;
  readonly dependencies: readonly Dependency[];
  /** That the call was submitted with. */
  readonly signal: AbortSignal | undefined;
  /** It is a call of an actor's method. */
  readonly ofActor?: boolean;
}

const collected = new FinalizationRegistry<Hold>((hold) => hold.drop());

/**
 * One hold at the backend, shared by a ref and the waits that are pending on it: it is given back when the last of them is done,
 * so that a ref may be disposed of, or collected, while somebody waits.
 */
export class Hold {
  readonly session: Session;
  readonly id: ObjectId;
  readonly origin: Origin | undefined;
  #users = 1;
  #dropped = false;

  /** `site`: where it was made, when no call makes it. */
  constructor(session: Session, id: ObjectId, origin: Origin | undefined, site?: Site) {
    this.session = session;
    this.id = id;
    this.origin = origin;
    session.leaks?.made(this, site);
    crowd.made();
  }

  get dropped(): boolean {
    return this.#dropped;
  }

  /** It is dropped when this has gone. */
  keptFor(holder: object): void {
    collected.register(holder, this);
    this.session.leaks?.heldBy(this, holder);
  }

  /** Matched by one `leave`. */
  enter(): void {
    this.#users += 1;
  }

  leave(): void {
    this.#users -= 1;
    if (this.#users === 0 && !this.session.closed) this.session.backend.release(this.id);
  }

  /** The ref itself is gone; more than once does nothing more. */
  drop(): void {
    if (this.#dropped) return;
    this.#dropped = true;
    this.session.leaks?.gone(this);
    crowd.gone();
    this.leave();
  }
}

class Ref<T> implements ObjectRef<T> {
  readonly id: string;
  declare readonly __type?: T;
  readonly #hold: Hold;

  /** Users can reach it, as the constructor of any ref. */
  constructor(hold: Hold) {
    if (!(hold instanceof Hold))
      throw told(
        () => new TypeError("Refs cannot be made of ids: calls and put() give them, and they travel as they are."),
      );
    this.id = hold.id;
    this.#hold = hold;
    hold.keptFor(this);
  }

  get [holdKey](): Hold {
    return this.#hold;
  }

  [Symbol.dispose](): void {
    this.#hold.drop();
  }

  toString(): string {
    return `ObjectRef(${this.id})`;
  }

  /** Arithmetic with a ref would go on with NaN or a text, and be noticed much later. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === "string") return this.toString();
    const { origin } = this.#hold;
    const what = origin === undefined ? "a value" : `the result of ${origin.name}`;
    const text =
      `${this.toString()} stands for ${what} and is not the value itself, so it cannot be used in + or other operators. ` +
      "Get the value first: await get(ref). A ref inside an array or object stays a ref, also in a task's arguments. " +
      "To print it: `${ref}`.";
    throw calledAt(this[Symbol.toPrimitive], new TypeError(text));
  }

  /** The type of a function that returns a generator promises a stream, and only a generator function gives one. */
  next(): never {
    throw this.#noStream();
  }

  values(): never {
    throw this.#noStream();
  }

  [Symbol.asyncIterator](): never {
    throw this.#noStream();
  }

  #noStream(): TypeError {
    const { origin } = this.#hold;
    const why = origin === undefined ? "" : `: the function of task ${origin.name} is no generator function itself`;
    const text =
      `${this.toString()} is one value and not a stream${why}. A call gives a stream when remote() gets the generator function ` +
      "(function* or async function*), and not a function that returns a generator: remote(async function* (…) { yield* items(…); }). " +
      "A compiler must keep async generators (target ES2018 or later), or at least the names of its helpers.";
    return told(() => new TypeError(text));
  }

  toJSON(): never {
    const text = `${this.toString()} cannot be turned into JSON: it stands for a value only while this session lasts. Get the value first: await get(ref).`;
    throw calledAt(this.toJSON, new TypeError(text));
  }

  [inspect.custom](): string {
    const { session, origin } = this.#hold;
    const outcome = session.closed || this.#hold.dropped ? undefined : session.backend.read(this.id);
    let state = outcome === undefined ? "pending" : outcome.failure === undefined ? "ready" : "failed";
    if (session.closed) state = "session ended";
    if (this.#hold.dropped) state = "disposed";
    return `${this.toString()} { ${origin === undefined ? "" : `${origin.name}, `}${state} }`;
  }
}
Object.defineProperty(Ref, "name", { value: "ObjectRef" });

/** Takes over one hold that the backend has counted already. */
export function refFor<T>(session: Session, id: ObjectId, origin?: Origin, site?: Site): ObjectRef<T> {
  return refOf<T>(new Hold(session, id, origin, site));
}

/** Takes over this hold. */
export function refOf<T>(hold: Hold): ObjectRef<T> {
  return new Ref<T>(hold);
}

/** The hold of a ref, of whichever copy of the package; undefined for anything else. */
export function holdOf(value: unknown): Hold | undefined {
  return answerOf(value, holdKey) as Hold | undefined;
}

/** Throws when the ref can no longer be used. `what` says for what: "get()", "argument 1 of slow". */
export function assertUsable(hold: Pick<Hold, "session" | "id" | "dropped">, what: string): void {
  if (hold.dropped) throw told(() => objectFreed({ id: hold.id, what }));
  if (hold.session.closed || hold.session !== slot.session) {
    const closed = {
      what: `${what}: ObjectRef(${hold.id})`,
      reason: "the ref is of an earlier session",
      orderly: true,
    };
    throw told(() => sessionClosed(closed));
  }
}

// A ref travels as its id. The payload notes the id, so that whoever keeps the payload keeps the object.
registerKind({
  name: "ref",
  matches: (value) => holdOf(value) !== undefined,
  encode: (value, note) => {
    const hold = holdOf(value) as Hold;
    assertUsable(hold, "A ref that was to travel");
    note.ref(hold.id);
    return hold.id;
  },
  decode: (data) => {
    const id = data as string;
    const session = currentSession("Receiving a ref");
    session.backend.hold(id);
    return refFor(session, id);
  },
});
