// The folders of a session: one for sockets, one of the same name for objects in shared memory, and one for those on a disk. In each a
// file says which processes it belongs to, so that the next start can clear up after sessions that were killed. Never touches the folder
// of a living session.
import { Buffer } from "node:buffer";
import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { StorePlaces } from "../domain/store.ts";
import { wallMs } from "../std/clock.ts";
import { codeOf } from "../std/code-of.ts";
import { namesIn } from "../std/names-in.ts";
import { PATH_BYTES_MAX } from "../wire/socket.ts";
import { endLeftovers } from "./leftovers.ts";

const PREFIX = "ray-ts-";
/** As `mkdtemp` completes the prefix. Users have folders whose names begin like ours. */
const SESSION_NAME = /^ray-ts-[A-Za-z0-9]{6}$/;
/** The longest name in a folder: "/" and a socket of a worker. */
const LONGEST_NAME = 1 + 16 + 5;
/** A folder without a file of processes is being made, or was left in that moment. Making one takes a millisecond. */
const UNFINISHED_MS = 60_000;

/** Made for this user alone (0700), and marked as ours before anybody could take it for a stale one. */
export function createFolder(): string {
  const folder = mkdtempSync(path.join(parentFolder(), PREFIX));
  try {
    claimFolder(folder);
  } catch (error) {
    removeFolder(folder);
    throw error;
  }
  return folder;
}

/** Says that this process belongs to the session. */
export function claimFolders(folders: Folders): void {
  for (const folder of foldersOf(folders)) claimFolder(folder);
}

export function removeFolders(folders: Folders): void {
  for (const folder of foldersOf(folders)) removeFolder(folder);
}

/** Those that lie in another go with it. */
function foldersOf({ folder, store }: Folders): string[] {
  const others = [store.memory, store.disk].filter((other) => other !== undefined && !other.startsWith(folder));
  return [folder, ...(others as string[])];
}

/** One more folder of the session that has `folder`. */
export function createBeside(folder: string, parent: string): string {
  const made = path.join(parent, path.basename(folder));
  makeFolder(made);
  claimFolder(made);
  return made;
}

/** With those above it. Node's own `recursive` never ends where the system says that there is no such folder, as it does in /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(path.dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Another process was faster.
    if (codeOf(error) !== "EEXIST") throw error;
  }
}

interface Folders {
  readonly folder: string;
  readonly store: StorePlaces;
}

function claimFolder(folder: string): void {
  appendFileSync(path.join(folder, "pid"), `${process.pid} ${startTime(process.pid)}\n`);
}

/** Something that clears up temporary files may have removed it: then it is made again, for the sockets of workers that are to come. */
export function ensureFolder(folder: string): void {
  if (existsSync(folder)) return;
  mkdirSync(folder, { mode: 0o700 });
  claimFolder(folder);
}

/** Retries: a process that is being killed may still write into it. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3, retryDelay: 10 });
}

export function workerSocket(folder: string, worker: string): string {
  return path.join(folder, `${worker}.sock`);
}

/** What the daemon itself prints: nothing, unless it breaks. */
export function daemonLog(folder: string): string {
  return path.join(folder, "daemon.log");
}

/** Output that the daemon hands to a driver in its last moment. */
export function restFile(folder: string): string {
  return path.join(folder, "rest");
}

/** Paths of sockets are short, and temp folders are not always. Absolute: each process of a session has a working directory of its own. */
function parentFolder(): string {
  for (const folder of [path.resolve(tmpdir()), "/tmp"]) {
    if (Buffer.byteLength(folder) + 1 + PREFIX.length + 6 + LONGEST_NAME <= PATH_BYTES_MAX) return folder;
  }
  return "/tmp";
}

/** Clears up after sessions whose processes are all gone. Two who do it at once do not harm each other. */
export function sweepStaleFolders(own: Folders): void {
  const parents = new Set([parentFolder(), "/tmp", ...foldersOf(own).map((folder) => path.dirname(folder))]);
  for (const parent of parents) {
    for (const name of namesIn(parent)) {
      if (SESSION_NAME.test(name)) sweep(path.join(parent, name));
    }
  }
}

function sweep(folder: string): void {
  try {
    const status = lstatSync(folder);
    if (!status.isDirectory() || status.uid !== process.getuid?.()) return;
    const members = membersOf(folder);
    if (members === undefined) {
      // Nothing but its name says that it is ours: then it is empty, or it stays.
      if (wallMs() - status.mtimeMs >= UNFINISHED_MS) rmdirSync(folder);
      return;
    }
    if (members.some(isAlive)) return;
    endLeftovers(folder, members);
    removeFolder(folder);
  } catch {
    // Somebody else was quicker, or it is not ours to remove.
  }
}

interface Member {
  readonly pid: number;
  readonly startTime: string;
}

function membersOf(folder: string): Member[] | undefined {
  try {
    const lines = readFileSync(path.join(folder, "pid"), "utf8").split("\n");
    return lines
      .filter((line) => line !== "")
      .map((line) => {
        const [pid, startTime] = line.split(" ");
        return { pid: Number(pid), startTime: startTime ?? "" };
      });
  } catch {
    return undefined;
  }
}

/** A number is given to another process after a while; together with its start it is unique. */
function isAlive({ pid, startTime: known }: Member): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
  const now = startTime(pid);
  return now === "" || known === "" || now === known;
}

/** In ticks since boot; empty where there is no /proc. A zombie has ended. */
function startTime(pid: number): string {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is a name in brackets and may hold anything, so counting begins behind it.
    const fields = status.slice(status.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? "zombie" : (fields[19] ?? "");
  } catch {
    return "";
  }
}
