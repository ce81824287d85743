// What the benchmark asks the machine: how busy it is with other things, and what processes weigh. Linux; elsewhere not known.
import { readFileSync, readdirSync } from "node:fs";

/**
 * Starts to watch; what it gives tells the share of all processors, 0 to 1, that others used since. Our own share is known
 * exactly only when all processes that we started meanwhile have ended.
 */
export function watchOthers(): () => number | undefined {
  const before = ticks();
  return () => {
    const after = ticks();
    if (before === undefined || after === undefined || after.total === before.total) return undefined;
    const others = after.busy - before.busy - (after.ours - before.ours);
    return Math.max(0, others / (after.total - before.total));
  };
}

interface Ticks {
  readonly total: number;
  readonly busy: number;
  /** Of this process and of all its children that have ended, theirs included. */
  readonly ours: number;
}

function ticks(): Ticks | undefined {
  const line = read("/proc/stat")?.split("\n", 1)[0];
  const own = fieldsOf("self");
  if (line === undefined || own === undefined) return undefined;
  // user nice system idle iowait irq softirq steal; what follows is counted in user already.
  const fields = line.trim().split(/\s+/).slice(1, 9).map(Number);
  const total = sum(fields);
  const idle = (fields[3] ?? 0) + (fields[4] ?? 0);
  return { total, busy: total - idle, ours: sum(own.slice(11, 15).map(Number)) };
}

/** Of /proc/…/stat, from the third on: the second is a command in parentheses, with anything inside. */
function fieldsOf(pid: string): string[] | undefined {
  return read(`/proc/${pid}/stat`)
    ?.replace(/^.*\) /s, "")
    .split(" ");
}

function sum(values: readonly number[]): number {
  return values.reduce((total, each) => total + each, 0);
}

/** MB. Proportional: pages shared by n processes count 1/n in each. */
export interface Memory {
  readonly proportional: number;
  readonly resident: number;
}

export function memoryOf(pid: number): Memory {
  const text = read(`/proc/${pid}/smaps_rollup`) ?? "";
  const field = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? Number.NaN) / 1024;
  return { proportional: field("Pss"), resident: field("Rss") };
}

/** The process and all that descend from it. */
export function processTree(root: number): number[] {
  const tree = [root];
  const parents = parentOfAll();
  for (let index = 0; index < tree.length; index++) {
    for (const [pid, parent] of parents) if (parent === tree[index]) tree.push(pid);
  }
  return tree;
}

function parentOfAll(): Map<number, number> {
  const parents = new Map<number, number>();
  for (const name of list("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const fields = fieldsOf(name);
    if (fields !== undefined) parents.set(Number(name), Number(fields[1]));
  }
  return parents;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
