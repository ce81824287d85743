// The processes that workers have started: they end with their worker, and not only with the session.
//
// A worker's environment says whose it is, and what it starts inherits that. All of a session are in the process group of the daemon; who has
// left it (`detached: true`), or was given an environment without the mark, wanted to be on its own.
import type { ProcessId } from "../../domain/id.ts";
import { markedBy, system, type ProcessTable } from "../processes.ts";

/** Looks at one dead worker's processes: what lives then is in the hands of the kernel, and ends with the session. */
const LOOKS_MAX = 50;

type Shown = Pick<ProcessTable, "pids" | "groupOf" | "environmentOf" | "kill">;

export class Descendants {
  readonly #group: number;
  readonly #table: Shown;
  /** Workers that have ended, and how often their processes were looked for. */
  readonly #ended = new Map<ProcessId, number>();

  constructor(group: number, table: Shown = system) {
    this.#group = group;
    this.#table = table;
  }

  endWith(worker: ProcessId): void {
    this.#ended.set(worker, 0);
  }

  /** Ends them, once per tick, until a look finds none: one may have started another meanwhile. */
  tick(): void {
    if (this.#ended.size === 0) return;
    const found = new Set<ProcessId>();
    for (const pid of this.#table.pids()) {
      const worker = this.#workerOf(pid);
      if (worker === undefined) continue;
      found.add(worker);
      this.#table.kill(pid);
    }
    for (const [worker, looks] of this.#ended) {
      if (found.has(worker) && looks < LOOKS_MAX) this.#ended.set(worker, looks + 1);
      else this.#ended.delete(worker);
    }
  }

  /** Of one that has ended. */
  #workerOf(pid: number): ProcessId | undefined {
    if (this.#table.groupOf(pid) !== this.#group) return undefined;
    const worker = markedBy(this.#table.environmentOf(pid))?.worker;
    return worker !== undefined && this.#ended.has(worker) ? worker : undefined;
  }
}
