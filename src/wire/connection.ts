// Messages to another process and back, in order. Those of one turn of the event loop leave as one write.
//
// The first message of a turn is not delayed beyond the code that is running: a flush waits in the microtask queue, and code that
// sends very many messages before it comes to its end flushes on the way.
import { Buffer } from "node:buffer";
import type { Duplex } from "./duplex.ts";
import { WireError } from "./error.ts";
import { FrameSplitter } from "./frame.ts";
import { BATCH_BYTES_MAX, BATCH_MESSAGES_MAX } from "./limits.ts";
import { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

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

export class Connection<Out, In> {
  readonly #duplex: Duplex;
  readonly #coding: Coding<Out, In>;
  readonly #writer = new Writer();
  readonly #reader = new Reader(Buffer.alloc(0));
  readonly #flushSoon: () => void = () => {
    this.#scheduled = false;
    this.flush();
  };
  /** Whose messages must have left before ours may. */
  readonly #after: { flush(): void } | undefined;
  #receiver: Receiver<In> | undefined;
  #scheduled = false;
  #messages = 0;
  #closed = false;

  constructor(duplex: Duplex, coding: Coding<Out, In>, after?: { flush(): void }) {
    this.#duplex = duplex;
    this.#coding = coding;
    this.#after = after;
  }

  /** Begins to read. */
  open(receiver: Receiver<In>): void {
    this.#receiver = receiver;
    const splitter = new FrameSplitter((body, end, attachments) => this.#frame(body, end, attachments, receiver));
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
      drained: () => receiver.drained?.(),
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Bytes that were sent and not yet taken by the kernel. */
  get waiting(): number {
    return this.#duplex.waiting;
  }

  /** Does nothing when it is closed. */
  send(message: Out): void {
    if (this.#closed) return;
    this.#coding.write(message, this.#writer);
    this.#messages += 1;
    if (this.#messages >= BATCH_MESSAGES_MAX || this.#writer.size >= BATCH_BYTES_MAX) this.flush();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      queueMicrotask(this.#flushSoon);
    }
  }

  flush(): void {
    if (this.#messages === 0 || this.#closed) return;
    this.#after?.flush();
    this.#messages = 0;
    const { head, attachments } = this.#writer.take();
    this.#duplex.write(head, attachments);
    if (this.#duplex.waiting === 0) this.#writer.recycle();
  }

  /** Closes when all that was sent has left. */
  end(): void {
    this.flush();
    this.#duplex.end();
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
    this.#receiver?.closed(error);
  }
}
