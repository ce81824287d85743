// One direction of a connection: written by a process, carried by the kernel, taken by the receiver. What is only written dies
// with the writer; what is carried survives it. Order is kept within a channel and nowhere else.
import type { FromDaemon, ToDaemon } from "#src/protocol/daemon.js";
import type { FromWorker, ToWorker } from "#src/protocol/worker.js";
import type { ObjectId, ProcessId } from "#src/domain/id.js";
import type { Bag } from "./bag.ts";

export type Item =
  /** A worker's first word to the daemon, a driver's too. */
  | { readonly kind: "hello" }
  | { readonly kind: "toDaemon"; readonly message: ToDaemon }
  | { readonly kind: "fromDaemon"; readonly message: FromDaemon }
  | { readonly kind: "toWorker"; readonly message: ToWorker }
  | { readonly kind: "fromWorker"; readonly message: FromWorker }
  /** The writer is gone; nothing comes after it. */
  | { readonly kind: "end" };

interface Written {
  readonly item: Item;
  /** So many items of the writer's channel to the daemon must have been carried before this may be. */
  readonly after: number;
}

export interface ChannelKind {
  readonly from: ProcessId;
  readonly to: ProcessId;
  /** From a worker to an owner. */
  readonly replies: boolean;
  readonly slow: boolean;
}

export interface Pools {
  /** Channels with something written. */
  readonly carriable: Bag<Channel>;
  /** Channels with something carried. */
  readonly takable: Bag<Channel>;
}

export class Channel {
  readonly from: ProcessId;
  readonly to: ProcessId;
  readonly replies: boolean;
  readonly slow: boolean;
  /** Items that were ever carried. */
  carriedCount = 0;
  #writtenCount = 0;
  readonly #written: Written[] = [];
  readonly #carried: Item[] = [];
  readonly #carriable: Bag<Channel>;
  readonly #takable: Bag<Channel>;
  /** The writer's channel to the daemon. */
  readonly #daemon: Channel | undefined;
  #closed = false;

  constructor(kind: ChannelKind, pools: Pools, daemon?: Channel) {
    this.from = kind.from;
    this.to = kind.to;
    this.replies = kind.replies;
    this.slow = kind.slow;
    this.#carriable = pools.carriable;
    this.#takable = pools.takable;
    this.#daemon = daemon;
  }

  get name(): string {
    return `${this.from}→${this.to}`;
  }

  get writtenCount(): number {
    return this.#writtenCount;
  }

  /** What has refs inside is not carried before all that the writer has said to the daemon so far: `hold` among it. */
  write(item: Item): void {
    if (this.#closed) return;
    this.#writtenCount += 1;
    this.#written.push({ item, after: refsOf(item).length > 0 ? (this.#daemon?.writtenCount ?? 0) : 0 });
    this.#carriable.set(this, true);
  }

  /** Hands up to so many written items to the kernel. */
  carry(count: number): void {
    for (let left = count; left > 0; left -= 1) {
      const next = this.#written[0];
      if (next === undefined) break;
      const daemon = this.#daemon;
      // The hands hold such an item back: it is the daemon's turn first.
      if (daemon !== undefined && daemon.carriedCount < next.after) daemon.carry(next.after - daemon.carriedCount);
      this.#written.shift();
      this.#push(next.item);
    }
    this.#carriable.set(this, this.#written.length > 0);
  }

  /** Whether something such is written and not carried. */
  hasWritten(such: (item: Item) => boolean): boolean {
    return this.#written.some(({ item }) => such(item));
  }

  /** Whether something such is on its way. */
  has(such: (item: Item) => boolean): boolean {
    return this.hasWritten(such) || this.#carried.some(such);
  }

  carryAll(): void {
    this.carry(Number.MAX_SAFE_INTEGER);
  }

  take(): Item {
    const item = this.#carried.shift();
    if (item === undefined) throw new Error(`nothing to take from ${this.name}`);
    this.#takable.set(this, this.#carried.length > 0);
    return item;
  }

  /** The writer is gone: what was only written is lost. */
  writerGone(): void {
    if (this.#closed) return;
    this.#written.length = 0;
    this.#carriable.set(this, false);
    this.#push({ kind: "end" });
    this.#closed = true;
  }

  /** The receiver is gone: nobody takes what is there or comes. */
  receiverGone(): void {
    this.#written.length = 0;
    this.#carried.length = 0;
    this.#closed = true;
    this.#carriable.set(this, false);
    this.#takable.set(this, false);
  }

  #push(item: Item): void {
    this.carriedCount += 1;
    this.#carried.push(item);
    this.#takable.set(this, true);
  }
}

/** Refs that travel in this item, each as often as it is held for the receiver. */
export function refsOf(item: Item): ObjectId[] {
  if (item.kind === "toWorker" && item.message.type === "call") {
    return [...item.message.args.refs, ...item.message.values.flatMap((value) => value.refs)];
  }
  if (item.kind === "fromWorker" && item.message.type === "items")
    return item.message.values.flatMap((value) => value.refs);
  if (item.kind !== "fromWorker" || item.message.type !== "reply") return [];
  const { reply } = item.message;
  if (reply.kind === "done") return reply.values.flatMap((value) => value.refs);
  return reply.kind === "thrown" ? [...reply.thrown.refs] : [];
}
