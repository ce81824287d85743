// Order between processes without clocks: a gate is a file, closed until somebody makes it. Imported by workers too.
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { sleep } from "ray-ts";

const folders: string[] = [];

/** A folder for the gates of one test group. It goes with the process: what ends with the session may still open one. */
export function gateFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "ray-ts-gates-"));
  if (folders.length === 0)
    process.once("exit", () => {
      for (const each of folders) rmSync(each, { recursive: true, force: true });
    });
  folders.push(folder);
  return folder;
}

/** A folder for the gates of one test, which may have names that others have. */
export function roomIn(folder: string): string {
  return mkdtempSync(path.join(folder, "room-"));
}

export function openGate(folder: string, gate: string): void {
  writeFileSync(path.join(folder, gate), "");
}

export function isOpen(folder: string, gate: string): boolean {
  return existsSync(path.join(folder, gate));
}

/** Waits until the gate is open, keeping its CPU: it waits for no ref. */
export async function pass(folder: string, gate: string): Promise<void> {
  while (!isOpen(folder, gate)) await sleep(1);
}

/** Opens a gate of one's own and waits until so many whose name begins alike are open: all of them run at once. */
export async function meet(folder: string, party: string, member: number, size: number): Promise<void> {
  openGate(folder, `${party}-${member}`);
  while (readdirSync(folder).filter((name) => name.startsWith(`${party}-`)).length < size) await sleep(1);
}
