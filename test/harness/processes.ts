// What the operating system says about a session: its processes, its folder, its sockets. Linux: everything is read from /proc.
import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import path from "node:path";
import { delay, monotonicMs } from "#src/std/clock.js";

/** For a program to come to its `init`, on a machine that is busy with other tests. */
const BEGUN_MS = 60_000;

export interface ProcessSeen {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly args: readonly string[];
}

/** A session as it was seen while it ran, so that one can look later what is left of it. */
export interface Trace {
  readonly folder: string;
  readonly daemon: number;
}

export function allProcesses(): ProcessSeen[] {
  const found: ProcessSeen[] = [];
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const seen = look(Number(name));
    if (seen !== undefined) found.push(seen);
  }
  return found;
}

function look(pid: number): ProcessSeen | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = status.slice(status.lastIndexOf(")") + 2).split(" ");
    // A zombie is no process any more: its parent has not asked yet how it ended.
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    const args = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
    return { pid, parent: Number(fields[1]), group: Number(fields[2]), args };
  } catch {
    return undefined;
  }
}

/** Sessions that this process has begun and that still run. */
export function sessionsOf(driver: number): Trace[] {
  return allProcesses()
    .filter(({ parent, args }) => parent === driver && args[1]?.endsWith("daemon/main.js") === true)
    .map(({ pid, args }) => ({ folder: args[2] ?? "", daemon: pid }));
}

export async function sessionOf(driver: number): Promise<Trace> {
  for (const deadline = monotonicMs() + BEGUN_MS; monotonicMs() < deadline; await delay(10)) {
    const [trace] = sessionsOf(driver);
    if (trace !== undefined) return trace;
  }
  throw new Error(`process ${driver} has begun no session`);
}

export function workersOf({ folder }: Trace): ProcessSeen[] {
  return allProcesses().filter(
    ({ args }) => args.includes(folder) && args.some((arg) => arg.endsWith("worker/main.js")),
  );
}

/** In words, whatever of the session is still there. */
export function leftOf({ folder, daemon }: Trace): string[] {
  const left = allProcesses()
    .filter(({ args, group }) => args.includes(folder) || group === daemon)
    .map(({ pid, args }) => `process ${pid} (${args.map((arg) => path.basename(arg)).join(" ")})`);
  for (const each of [folder, memoryOf(folder)]) {
    const files = filesIn(each);
    if (files !== undefined) left.push(`folder ${each} with ${files.join(", ")}`);
  }
  return left;
}

function memoryOf(folder: string): string {
  return path.join("/dev/shm", path.basename(folder));
}

/** The files of its object store, in memory and on the disk. */
export function objectsOf({ folder }: Trace): string[] {
  const isObject = (name: string): boolean => /^[0-9a-f]{28}$/.test(name);
  return [memoryOf(folder), path.join(folder, "objects"), path.join(folder, "objects/memory")].flatMap((place) =>
    (filesIn(place) ?? []).filter(isObject).map((name) => path.join(place, name)),
  );
}

/** Undefined: it is gone, perhaps since a moment ago. */
function filesIn(folder: string): string[] | undefined {
  try {
    return readdirSync(folder);
  } catch {
    return undefined;
  }
}

/** Waits until nothing of the session is left; how long that took. */
export async function untilNothingIsLeft(trace: Trace, withinMs: number): Promise<number> {
  const start = monotonicMs();
  for (;;) {
    const left = leftOf(trace);
    const tookMs = monotonicMs() - start;
    if (left.length === 0) return tookMs;
    if (tookMs > withinMs)
      throw new Error(`${Math.round(tookMs)} ms after the end of a session there is still ${left.join("; ")}`);
    await delay(20);
  }
}

/** The port numbers on which one of these processes listens. */
export function networkPorts(pids: readonly number[]): number[] {
  const inodes = new Set(pids.flatMap((pid) => socketInodes(pid)));
  const ports: number[] = [];
  for (const table of ["tcp", "tcp6", "udp", "udp6"]) {
    for (const line of readFileSync(`/proc/net/${table}`, "utf8").split("\n").slice(1)) {
      const fields = line.trim().split(/\s+/);
      if (inodes.has(fields[9] ?? "")) ports.push(Number.parseInt(fields[1]?.split(":")[1] ?? "0", 16));
    }
  }
  return ports;
}

function socketInodes(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((fd) => {
    try {
      const match = /^socket:\[(\d+)\]$/.exec(readlinkSync(path.join(folder, fd)));
      return match?.[1] === undefined ? [] : [match[1]];
    } catch {
      return [];
    }
  });
}

export function modeOf(file: string): string {
  return (statSync(file).mode & 0o777).toString(8);
}
