// Two ends of a duplex in memory, for tests. Nothing moves before the fence is lifted, so a test chooses the order of events.
import { Buffer } from "node:buffer";
import type { Duplex, DuplexHandler } from "./duplex.ts";

export class LoopbackEnd implements Duplex {
  /** Whether it would keep the process alive. */
  referenced = true;
  readonly #inbound: Buffer[] = [];
  #other: LoopbackEnd | undefined;
  #handler: DuplexHandler | undefined;
  #ended = false;
  #closed = false;

  static pair(): [LoopbackEnd, LoopbackEnd] {
    const left = new LoopbackEnd();
    const right = new LoopbackEnd();
    left.#other = right;
    right.#other = left;
    return [left, right];
  }

  open(handler: DuplexHandler): void {
    this.#handler = handler;
  }

  write(first: Uint8Array, more: readonly Uint8Array[]): void {
    if (this.#ended || this.#closed || this.#other === undefined) return;
    // A copy, as a kernel makes one: the writer uses its memory again.
    for (const piece of [first, ...more]) this.#other.#inbound.push(Buffer.from(piece));
  }

  get waiting(): number {
    return 0;
  }

  end(): void {
    this.#ended = true;
  }

  destroy(): void {
    if (this.#closed) return;
    this.#ended = true;
    this.#closed = true;
    this.#handler?.closed(undefined);
  }

  ref(): void {
    this.referenced = true;
  }

  unref(): void {
    this.referenced = false;
  }

  /** Bytes that wait in front of this end. */
  get held(): number {
    return this.#inbound.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  /** Lifts the fence for what has been written to this end: in pieces of `pieceBytes`, when a test wants them torn. */
  deliver(pieceBytes: number = Number.POSITIVE_INFINITY): void {
    for (let chunk = this.#inbound.shift(); chunk !== undefined; chunk = this.#inbound.shift()) {
      for (let at = 0; at < chunk.length && !this.#closed; at += pieceBytes)
        this.#handler?.data(chunk.subarray(at, at + pieceBytes), false);
    }
    if (this.#other !== undefined && this.#other.#ended) this.destroy();
  }
}
