// The reading end of a stream: takes its items one after the other, and says when nobody wants more. What user code holds of it is in
// api/stream; this lives on while the one who holds it waits, and tells the backend when he is gone.
import { cancelOfReader } from "../domain/stop.ts";
import type { ObjectId } from "../domain/id.ts";
import { answerOf } from "../std/answer.ts";
import { watchUntil } from "./pending.ts";
import { assertUsable, Hold, type Origin } from "./ref.ts";
import { currentCall, type CallContext, type Session } from "./slot.ts";
import { itemRead, streamBegun, streamOver } from "./stuck.ts";

/** Where the reader of a stream is, also for streams made by another installed copy of the package. */
export const readerKey: unique symbol = Symbol.for("ray-ts.stream");

type Next = Hold | undefined;

export class Reader {
  readonly session: Session;
  /** Of the object that says when the call has ended. */
  readonly id: ObjectId;
  readonly origin: Origin;
  /** Items go to those who ask in the order in which they do: each waits for the last one before. */
  #last: Promise<Next> | undefined;
  #waiting = 0;
  #over = false;
  readonly #call: CallContext | undefined = currentCall();
  readonly #callEnded = (reader: string): void => this.session.backend.cancel(this.id, cancelOfReader(reader));

  constructor(session: Session, id: ObjectId, origin: Origin) {
    this.session = session;
    this.id = id;
    this.origin = origin;
    if (this.#call === undefined) streamBegun();
    else (this.#call.streams ??= new Set()).add(this.#callEnded);
  }

  get over(): boolean {
    return this.#over;
  }

  /** A hold of the next item, which has an outcome; undefined when there is none any more. Rejects when the call that it is in is stopped. */
  next(): Next | Promise<Next> {
    if (this.#waiting === 0) {
      const here = this.#takeHere();
      if (here !== "later") return here;
    }
    this.#last = this.#wait(this.#last);
    return this.#last;
  }

  #takeHere(): Next | "later" {
    const { backend } = this.session;
    const id = this.#over ? undefined : backend.peekItem(this.id);
    if (id === undefined) {
      this.#end();
      return undefined;
    }
    if (backend.read(id) === undefined) return "later";
    backend.takeItem(this.id);
    if (this.#call === undefined) itemRead();
    return new Hold(this.session, id, this.origin);
  }

  async #wait(before: Promise<Next> | undefined): Promise<Next> {
    this.#waiting += 1;
    try {
      if (before !== undefined) await Promise.allSettled([before]);
      for (;;) {
        const here = this.#takeHere();
        if (here !== "later") return here;
        const coming = this.coming();
        if (coming === undefined) continue;
        await watchUntil([coming], () => true, {}).finally(() => coming.drop());
      }
    } finally {
      this.#waiting -= 1;
    }
  }

  /** A hold of its own of what the next item is or will be, for `watch`; undefined when there is none any more. */
  coming(): Hold | undefined {
    const { session } = this;
    const id = this.#over ? undefined : session.backend.peekItem(this.id);
    if (id === undefined) return undefined;
    session.backend.hold(id);
    return new Hold(session, id, this.origin);
  }

  /** Nobody reads on; more than once does nothing more. */
  leave(): void {
    if (this.#over) return;
    this.#end();
    if (!this.session.closed) this.session.backend.leaveStream(this.id);
  }

  #end(): void {
    if (!this.#over && this.#call === undefined) streamOver();
    this.#over = true;
    this.#call?.streams?.delete(this.#callEnded);
  }
}

/** The reader of a stream, of whichever copy of the package; undefined for anything else. */
export function readerOf(value: unknown): Reader | undefined {
  return answerOf(value, readerKey) as Reader | undefined;
}

/** The call behind a ref or a stream. */
export function assertReadable(reader: Reader, what: string): void {
  assertUsable({ session: reader.session, id: reader.id, dropped: false }, what);
}
