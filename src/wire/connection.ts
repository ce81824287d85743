// Messages to another process and back, in order. Those of one turn of the event loop leave as one write.
//
// The first message of a turn is not delayed beyond the code that is running: a flush waits in the microtask queue, and code that
// sends very many messages before it comes to its end flushes on the way.
//
// One connection can come after another: what it writes then reaches the kernel only when everything that was sent on the other
// before is there. A process can be killed between two writes, and the first would be lost without the second.
import { Buffer } from "node:buffer";
import { atEndOfTurn } from "../std/turns.ts";
import type { Duplex } from "./duplex.ts";
import { WireError } from "./error.ts";
import { FrameSplitter } from "./frame.ts";
import { BATCH_BYTES_MAX, BATCH_MESSAGES_MAX } from "./limits.ts";
import { Reader } from "./reader.ts";
import { Writer, type Frame } from "./writer.ts";

/** How messages are written and read: both directions in one place. */
export interface Coding<Out, In> {
  write(message: Out, to: Writer): void;
  read(from: Reader): In;
}

export interface Receiver<In> {
  message(message: In): void;
  /** All messages that came together have been handed in. */
  turn(): void;
  /** Nothing more comes. Once, after everything that came was handed in. */
  closed(error: Error | undefined): void;
  /** Everything that was sent has been taken by the kernel. */
  drained?(): void;
}

/** A connection whose messages must be with the kernel before those of others may follow. */
export interface Predecessor {
  flush(): void;
  /** Bytes that were flushed, from the beginning. */
  readonly flushed: number;
  /** How many of them the kernel has taken. All, when nobody is there any more who could read them. */
  readonly taken: number;
  /** Calls once, when more has been taken. */
  onceTaken(listener: () => void): void;
}

/** A frame that waits for its predecessor to come so far. */
interface HeldFrame {
  readonly frame: Frame;
  readonly bytes: number;
  readonly after: number;
}

export class Connection<Out, In> implements Predecessor {
  readonly #duplex: Duplex;
  readonly #coding: Coding<Out, In>;
  readonly #writer = new Writer();
  readonly #reader = new Reader(Buffer.alloc(0));
  readonly #flushSoon: () => void = () => {
    this.#scheduled = false;
    this.flush();
  };
  readonly #after: Predecessor | undefined;
  #held: HeldFrame[] = [];
  #heldBytes = 0;
  #flushed = 0;
  #onTaken: (() => void)[] = [];
  /** Ends when nothing is held any more. */
  #ending = false;
  #receiver: Receiver<In> | undefined;
  #splitter: FrameSplitter | undefined;
  #scheduled = false;
  #messages = 0;
  #closed = false;

  constructor(duplex: Duplex, coding: Coding<Out, In>, after?: Predecessor) {
    this.#duplex = duplex;
    this.#coding = coding;
    this.#after = after;
  }

  /** Begins to read. From a stranger no more than a greeting comes, until he is trusted. */
  open(receiver: Receiver<In>, from: "friend" | "stranger" = "friend"): void {
    this.#receiver = receiver;
    const splitter = new FrameSplitter((body, end, attachments) => this.#frame(body, end, attachments, receiver));
    splitter.stranger = from === "stranger";
    this.#splitter = splitter;
    this.#duplex.open({
      data: (chunk, lent) => {
        try {
          splitter.feed(chunk, lent);
        } catch (error) {
          if (!(error instanceof WireError)) throw error;
          return this.#broken(error);
        }
        if (!this.#closed) receiver.turn();
      },
      closed: (error) => this.#end(error ?? (splitter.midFrame ? new WireError("it never ends") : undefined)),
      taken: () => {
        this.#tellTaken();
        if (this.waiting === 0) receiver.drained?.();
      },
    });
  }

  /** The greeting was right. */
  trust(): void {
    if (this.#splitter !== undefined) this.#splitter.stranger = false;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Bytes that were sent and not yet taken by the kernel. */
  get waiting(): number {
    return this.#duplex.waiting + this.#heldBytes;
  }

  get flushed(): number {
    return this.#flushed;
  }

  get taken(): number {
    return this.#closed ? this.#flushed : this.#flushed - this.#duplex.waiting - this.#heldBytes;
  }

  onceTaken(listener: () => void): void {
    this.#onTaken.push(listener);
  }

  /** Does nothing when it is closed. */
  send(message: Out): void {
    if (this.#closed) return;
    this.#coding.write(message, this.#writer);
    this.#messages += 1;
    if (this.#messages >= BATCH_MESSAGES_MAX || this.#writer.size >= BATCH_BYTES_MAX) this.flush();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      atEndOfTurn(this.#flushSoon);
    }
  }

  flush(): void {
    if (this.#messages === 0 || this.#closed) return;
    this.#after?.flush();
    this.#messages = 0;
    const frame = this.#writer.take();
    const bytes = sizeOf(frame);
    this.#flushed += bytes;
    const after = this.#after;
    if (after !== undefined && (after.taken < after.flushed || this.#held.length > 0)) {
      this.#heldBytes += bytes;
      this.#held.push({ frame, bytes, after: after.flushed });
      if (this.#held.length === 1) this.#awaitPredecessor(after);
      return;
    }
    this.#duplex.write(frame.head, frame.attachments);
    if (this.#duplex.waiting === 0) this.#writer.recycle();
  }

  #awaitPredecessor(after: Predecessor): void {
    after.onceTaken(() => {
      if (this.#closed) return;
      for (let first = this.#held[0]; first !== undefined && first.after <= after.taken; first = this.#held[0]) {
        this.#held.shift();
        this.#heldBytes -= first.bytes;
        this.#duplex.write(first.frame.head, first.frame.attachments);
      }
      if (this.#held.length > 0) this.#awaitPredecessor(after);
      else if (this.#ending) this.#duplex.end();
    });
  }

  #tellTaken(): void {
    if (this.#onTaken.length === 0) return;
    const listeners = this.#onTaken;
    this.#onTaken = [];
    for (const listener of listeners) listener();
  }

  /** Closes when all that was sent has left. */
  end(): void {
    this.flush();
    this.#ending = true;
    if (this.#held.length === 0) this.#duplex.end();
  }

  destroy(): void {
    this.#duplex.destroy();
  }

  ref(): void {
    this.#duplex.ref();
  }

  unref(): void {
    this.#duplex.unref();
  }

  #frame(body: Buffer, end: number, attachments: readonly Uint8Array[], receiver: Receiver<In>): void {
    const reader = this.#reader;
    reader.open(body, end, attachments);
    while (!reader.done) receiver.message(this.#coding.read(reader));
  }

  #broken(error: WireError): void {
    this.#end(error);
    this.#duplex.destroy();
  }

  #end(error: Error | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#held = [];
    this.#heldBytes = 0;
    this.#tellTaken();
    this.#receiver?.closed(error);
  }
}

function sizeOf({ head, attachments }: Frame): number {
  let bytes = head.length;
  for (const attachment of attachments) bytes += attachment.length;
  return bytes;
}
