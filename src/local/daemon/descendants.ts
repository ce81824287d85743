// The processes that workers have started: they end with their worker, and not only with the session.
//
// A worker's environment says whose it is, and what it starts inherits that. All of a session are in the process group of the daemon; who has
// left it (`detached: true`), or was given an environment without the mark, wanted to be on its own.
import { readdirSync, readFileSync } from "node:fs";
import type { ProcessId } from "../../domain/id.ts";
import { WORKER_MARK } from "../../protocol/hello.ts";

/** Looks at one dead worker's processes: what lives then is in the hands of the kernel, and ends with the session. */
const LOOKS_MAX = 50;

/** How the system shows processes. Where it does not, they end with the session. */
export interface ProcessTable {
  pids(): readonly number[];
  groupOf(pid: number): number;
  /** Entries as NAME=value. */
  environmentOf(pid: number): readonly string[];
  kill(pid: number): void;
}

export class Descendants {
  readonly #group: number;
  readonly #table: ProcessTable;
  /** Workers that have ended, and how often their processes were looked for. */
  readonly #ended = new Map<ProcessId, number>();

  constructor(group: number, table: ProcessTable = system) {
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
    const mark = this.#table.environmentOf(pid).find((entry) => entry.startsWith(`${WORKER_MARK}=`));
    const worker = mark?.slice(WORKER_MARK.length + 1);
    return worker !== undefined && this.#ended.has(worker) ? worker : undefined;
  }
}

/** Of a process that ends meanwhile, everything is empty. */
const system: ProcessTable = {
  pids: () => orElse([], () => readdirSync("/proc").map(Number).filter(Number.isInteger)),
  groupOf: (pid) =>
    orElse(0, () => {
      const text = readFileSync(`/proc/${pid}/stat`, "latin1");
      // pid (name) state parent group …: the name may hold anything.
      return Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[2]);
    }),
  environmentOf: (pid) => orElse([], () => readFileSync(`/proc/${pid}/environ`, "utf8").split("\0")),
  kill: (pid) => orElse(undefined, () => void process.kill(pid, "SIGKILL")),
};

function orElse<T>(other: T, ask: () => T): T {
  try {
    return ask();
  } catch {
    return other;
  }
}
