// What the benchmark asks the machine: how busy it is with other things, and what processes weigh. Linux; elsewhere not known.
import { readFileSync, readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** The share of all processors that was busy meanwhile, 0 to 1. Ask it while this process has nothing to do. */
export async function busyShare(ms: number): Promise<number | undefined> {
  const before = ticks();
  await sleep(ms);
  const after = ticks();
  if (before === undefined || after === undefined) return undefined;
  const total = after.total - before.total;
  return total === 0 ? undefined : 1 - (after.idle - before.idle) / total;
}

function ticks(): { idle: number; total: number } | undefined {
  const line = read("/proc/stat")?.split("\n", 1)[0];
  if (line === undefined) return undefined;
  // user nice system idle iowait irq softirq steal; what follows is counted in user already.
  const fields = line.trim().split(/\s+/).slice(1, 9).map(Number);
  return { idle: (fields[3] ?? 0) + (fields[4] ?? 0), total: fields.reduce((sum, each) => sum + each, 0) };
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
    // The second field is a command in parentheses, with anything inside; the parent is the second one after it.
    const rest = read(`/proc/${name}/stat`)
      ?.replace(/^.*\) /s, "")
      .split(" ");
    if (rest !== undefined) parents.set(Number(name), Number(rest[1]));
  }
  return parents;
}

let gc: (() => void) | undefined;

/** So that nobody pays for the garbage of whoever was measured before. */
export function collectGarbage(): void {
  if (gc === undefined) {
    setFlagsFromString("--expose-gc");
    gc = runInNewContext("gc") as () => void;
  }
  gc();
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
