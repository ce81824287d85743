// What processes have in memory: those of calls that may take only so much, and all of them when the machine has hardly any left.
import { readFileSync } from "node:fs";
import type { ProcessId } from "../../domain/id.ts";
import { megabytes } from "../../std/megabytes.ts";
import { memoryUse, type MemoryUse } from "../../std/memory.ts";
import { memoryShareMax, processBytes } from "../../domain/limits.ts";
import type { MemoryLook } from "../cluster/step.ts";

/** Looks at the machine are this many ticks apart. */
const MACHINE_TICKS = 3;
const PAGE_BYTES = 4_096;
const MIB = 1024 * 1024;
/** V8 cannot do with less. */
const HEAP_MIB_MIN = 16;

interface Watched {
  readonly id: ProcessId;
  readonly pid: number;
  kill(reason: string, outOfMemory: boolean): void;
}

/** Options of Node by which the heap of a process has no more than that. */
export function heapOf(memory: number | undefined): readonly string[] {
  return memory === undefined ? [] : [`--max-old-space-size=${Math.max(HEAP_MIB_MIN, Math.ceil(memory / MIB))}`];
}

export class MemoryWatch {
  readonly #bounds = new WeakMap<Watched, { readonly bytes: number; ownBytes: number }>();
  readonly #use: () => MemoryUse;
  #ticks = 0;

  constructor(use: () => MemoryUse = memoryUse) {
    this.#use = use;
  }

  /** From when it is ready on, which is when it has what every process has, it may take so many bytes more. */
  bound(worker: Watched, bytes: number): void {
    this.#bounds.set(worker, { bytes, ownBytes: 0 });
  }

  /** Its own part is what it has before its first call. */
  ready(worker: Watched): void {
    const bound = this.#bounds.get(worker);
    if (bound !== undefined) bound.ownBytes = residentBytes(worker.pid);
  }

  /** Once per tick. */
  look(workers: Iterable<Watched>, onLook: (seen: MemoryLook) => void): void {
    this.#ticks += 1;
    const all = [...workers];
    for (const worker of all) this.#lookAt(worker);
    if (this.#ticks % MACHINE_TICKS !== 0) return;
    const use = this.#use();
    const isFull = use.usedBytes + processBytes > use.totalBytes * memoryShareMax;
    onLook({ ...use, byWorker: new Map(isFull ? all.map(({ id, pid }) => [id, residentBytes(pid)]) : []) });
  }

  #lookAt(worker: Watched): void {
    const bound = this.#bounds.get(worker);
    if (bound === undefined || bound.ownBytes === 0) return;
    const taken = residentBytes(worker.pid) - bound.ownBytes;
    if (taken <= bound.bytes) return;
    worker.kill(
      `its process took ${megabytes(taken)} more than before its first call, and its option memory allows ${megabytes(bound.bytes)}`,
      true,
    );
  }
}

/** Of its own: what it shares with others is code, and objects of the store. 0 of a process that is no more, or where the system does not say. */
function residentBytes(pid: number): number {
  try {
    const [, resident = 0, shared = 0] = readFileSync(`/proc/${pid}/statm`, "latin1").split(" ").map(Number);
    return (resident - shared) * PAGE_BYTES;
  } catch {
    return 0;
  }
}
