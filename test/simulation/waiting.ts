// Calls that have come to a worker and have not begun: refs in them are received, and settle when the call begins or is given back.
import type { ObjectId, ProcessId } from "#src/domain/id.js";
import type { LeaseId } from "#src/protocol/daemon.js";
import type { Call } from "#src/protocol/worker.js";

interface WaitingCall {
  readonly lease: LeaseId;
  readonly refs: readonly ObjectId[];
  started: boolean;
}

export class Waiting {
  readonly #calls = new Map<string, WaitingCall>();
  readonly #settled: (refs: readonly ObjectId[]) => void;

  constructor(settled: (refs: readonly ObjectId[]) => void) {
    this.#settled = settled;
  }

  add(from: ProcessId, { lease, task }: Call, refs: readonly ObjectId[]): void {
    this.#calls.set(keyOf(from, task), { lease, refs, started: false });
  }

  /** Its desk has decided that it begins. */
  starts(from: ProcessId, { task }: Call): void {
    const call = this.#calls.get(keyOf(from, task));
    if (call !== undefined) call.started = true;
  }

  settle(from: ProcessId, task: number): void {
    const key = keyOf(from, task);
    const call = this.#calls.get(key);
    if (call === undefined) return;
    this.#calls.delete(key);
    this.#settled(call.refs);
  }

  /** What waits under this lease goes without a word. */
  dropped(lease: LeaseId): void {
    for (const [key, call] of this.#calls) {
      if (call.lease !== lease || call.started) continue;
      this.#calls.delete(key);
      this.#settled(call.refs);
    }
  }
}

function keyOf(from: ProcessId, task: number): string {
  return `${from} ${task}`;
}
