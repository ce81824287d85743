// Hands for the object store: removes files that nobody needs any more, moves others to the disk, and keeps count for those that have
// ended.
import type { ObjectId, ProcessId } from "../../domain/id.ts";
import type { StorePlaces } from "../../domain/store.ts";
import { wallMs } from "../../std/clock.ts";
import type { ToDaemon } from "../../protocol/daemon.ts";
import { DAEMON, DRIVER, Store } from "../store/store.ts";

interface Member {
  readonly number: number;
  /** What its number would be if nobody had ever written more than the daemon was told of. */
  told: number;
}

export class Storage {
  readonly #store: Store;
  readonly #members = new Map<ProcessId, Member>();
  /** Numbers of processes that have ended, for others. */
  readonly #left: number[] = [];
  #next = DRIVER + 1;
  #freedBytes = 0;
  readonly #spilled: (id: ObjectId, done: boolean) => void;

  constructor(places: StorePlaces, spilled: (id: ObjectId, done: boolean) => void) {
    this.#store = new Store(places, DAEMON);
    this.#spilled = spilled;
  }

  /** A worker is about to start: its number. */
  join(process: ProcessId): number {
    const number = this.#left.pop() ?? this.#next++;
    this.#members.set(process, { number, told: this.#store.level(number) });
    return number;
  }

  told(process: ProcessId, { bytes, medium }: Extract<ToDaemon, { type: "store" }>): void {
    const member = this.#members.get(process);
    if (member !== undefined && medium === "memory") member.told += bytes;
  }

  /** `known`: what it has stored and somebody holds. The rest that it has written, nobody has heard of. */
  gone(process: ProcessId, known: readonly ObjectId[]): void {
    const member = this.#members.get(process);
    if (member === undefined) return;
    this.#members.delete(process);
    this.#store.sweep(process, new Set(known));
    this.#store.setLevel(member.number, member.told);
    this.#left.push(member.number);
  }

  /** Of all that was in memory, so much has gone. */
  freed(bytes: number): void {
    if (bytes === this.#freedBytes) return;
    this.#freedBytes = bytes;
    this.#store.setLevel(DAEMON, -bytes);
  }

  remove(id: ObjectId): void {
    this.#store.remove(id);
  }

  tick(): void {
    this.#store.tidy(wallMs());
  }

  spill(id: ObjectId): void {
    this.#store.spill(id).then(
      () => this.#spilled(id, true),
      // It has gone meanwhile, or the disk is full: whoever finds no room says so.
      () => this.#spilled(id, false),
    );
  }
}
