// A stream of bytes to another process and back: what a connection stands on. Made of a socket, or of nothing but memory in tests.
import type { Buffer } from "node:buffer";

export interface DuplexHandler {
  /** Takes the chunk; only for the time of the call, and without views of it that stay, when it is lent. */
  data(chunk: Buffer, lent: boolean): void;
  /** Nothing more comes, all that came was handed in. Once. */
  closed(error: Error | undefined): void;
  /** Some of what had to wait has been taken: `waiting` is less. */
  taken(): void;
}

export interface Duplex {
  /** Begins to read. Nothing is handed in before. */
  open(handler: DuplexHandler): void;
  /** The pieces in this order, as one write. They belong to the duplex until `waiting` is 0. Writing to what is closed does nothing. */
  write(first: Uint8Array, more: readonly Uint8Array[]): void;
  /** Bytes written that have not been taken yet. */
  readonly waiting: number;
  /** Closes after what was written has gone. */
  end(): void;
  /** Closes now. */
  destroy(): void;
  /** Whether it keeps the process alive. */
  ref(): void;
  unref(): void;
}
