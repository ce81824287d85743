// The sweep after sessions that were killed: what it removes, and what only looks like theirs.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { it } from "node:test";
import { sweepStaleFolders } from "./folder.ts";

const aMinuteAndMore = new Date(1_000_000);

/** An old folder with such a name, and files with these contents. */
function made(prefix: string, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(path.join(tmpdir(), prefix));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
  utimesSync(folder, aMinuteAndMore, aMinuteAndMore);
  return folder;
}

it("removes what a dead session left, and leaves alone what only has such a name", () => {
  // No process has this number: it is above what the kernel gives.
  const dead = { pid: "99999999 1\n" };
  const stale = [made("ray-ts-", dead), made("ray-ts-", {})];
  const others = [
    made("ray-ts-", { "notes.txt": "of the user" }),
    made("ray-ts-mine-", dead),
    made("ray-ts-mine-", {}),
    made("ray-ts-", { pid: `${process.pid} \n` }),
  ];
  mkdirSync(path.join(stale[0] as string, "deeper"));
  try {
    sweepStaleFolders({
      folder: path.join(tmpdir(), "own"),
      store: { memory: undefined, memoryBytesMax: 0, isSlow: false, disk: path.join(tmpdir(), "own/objects") },
    });
    assert.deepEqual(stale.filter(existsSync), []);
    assert.deepEqual(
      others.filter((folder) => !existsSync(folder)),
      [],
    );
  } finally {
    for (const folder of [...stale, ...others]) rmSync(folder, { recursive: true, force: true });
  }
});
