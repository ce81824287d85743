// How the system shows processes, and whose they are. Linux: elsewhere there are none to be seen.
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { ProcessId } from "../domain/id.ts";

/** Whose a process is: stays in a worker's environment, for the processes that it starts to inherit. */
export const WORKER_MARK = "RAY_TS_WORKER_ID";

/** Of a process that ends meanwhile, everything is empty. */
export interface ProcessTable {
  pids(): readonly number[];
  parentOf(pid: number): number;
  groupOf(pid: number): number;
  userOf(pid: number): number | undefined;
  argumentsOf(pid: number): readonly string[];
  /** Entries as NAME=value, as the process was given them. */
  environmentOf(pid: number): readonly string[];
  /** Of a negative number: its group. */
  kill(pid: number): void;
}

export const system: ProcessTable = {
  pids: () => orElse([], () => readdirSync("/proc").map(Number).filter(Number.isInteger)),
  parentOf: (pid) => stateOf(pid, 1),
  groupOf: (pid) => stateOf(pid, 2),
  userOf: (pid) => orElse(undefined, () => statSync(`/proc/${pid}`).uid),
  argumentsOf: (pid) => orElse([], () => readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")),
  environmentOf: (pid) => orElse([], () => readFileSync(`/proc/${pid}/environ`, "utf8").split("\0")),
  kill: (pid) => orElse(undefined, () => void process.kill(pid, "SIGKILL")),
};

/** pid (name) state parent group …: the name may hold anything. */
function stateOf(pid: number, index: number): number {
  return orElse(0, () => {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    return Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[index]);
  });
}

function orElse<T>(other: T, ask: () => T): T {
  try {
    return ask();
  } catch {
    return other;
  }
}

/** What a worker has under that name. The folder of its session tells it from those of all others. */
export function workerMark(folder: string, worker: ProcessId): string {
  return path.join(folder, worker);
}

/** The worker that a process is of, or comes from. */
export function markedBy(environment: readonly string[]): { folder: string; worker: ProcessId } | undefined {
  const entry = environment.find((each) => each.startsWith(`${WORKER_MARK}=`));
  if (entry === undefined) return undefined;
  const mark = entry.slice(WORKER_MARK.length + 1);
  return { folder: path.dirname(mark), worker: path.basename(mark) };
}
