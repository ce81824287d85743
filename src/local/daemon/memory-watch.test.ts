// What the watch does about processes that have too much, and about a machine that has too little.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { MemoryLook } from "../cluster/step.ts";
import { memoryUse } from "../../std/memory.ts";
import { heapOf, MemoryWatch } from "./memory-watch.ts";

const TICKS = 10;

class Process {
  readonly id = "w".repeat(16);
  readonly pid = process.pid;
  readonly reasons: string[] = [];

  kill(reason: string, outOfMemory: boolean): void {
    this.reasons.push(`${reason}${outOfMemory ? "" : " (not for its memory)"}`);
  }
}

function lookOften(watch: MemoryWatch, worker: Process): MemoryLook[] {
  const looks: MemoryLook[] = [];
  for (let tick = 0; tick < TICKS; tick += 1) watch.look([worker], (seen) => looks.push(seen));
  return looks;
}

test("a process is ended when it has taken more than it may, counted from when it was ready", () => {
  const watch = new MemoryWatch(() => ({ usedBytes: 1, totalBytes: 100 }));
  const worker = new Process();
  watch.bound(worker, 30_000_000);
  const held = [Buffer.alloc(60_000_000, 1)];
  lookOften(watch, worker);
  assert.deepEqual(worker.reasons, [], "what it has before it is ready is its own");
  watch.ready(worker);
  lookOften(watch, worker);
  assert.deepEqual(worker.reasons, []);
  held.push(Buffer.alloc(60_000_000, 1));
  lookOften(watch, worker);
  assert.match(
    worker.reasons[0] ?? "",
    /^its process took \d+ MB more than before its first call, and its option memory allows 30 MB$/,
  );
  assert.equal(held.length, 2);
});

test("it says what the machine has; and what each process has where there is room for no other", () => {
  const worker = new Process();
  const GB = 1e9;
  const [roomy] = lookOften(new MemoryWatch(() => ({ usedBytes: 90 * GB, totalBytes: 100 * GB })), worker);
  assert.deepEqual(roomy, { usedBytes: 90 * GB, totalBytes: 100 * GB, byWorker: new Map() });
  const [full] = lookOften(new MemoryWatch(() => ({ usedBytes: 94.99 * GB, totalBytes: 100 * GB })), worker);
  assert.ok((full?.byWorker.get(worker.id) ?? 0) > 10_000_000);
});

test("the machine says what it has", () => {
  const { usedBytes, totalBytes } = memoryUse();
  assert.ok(usedBytes > 0 && usedBytes < totalBytes, `${usedBytes} of ${totalBytes}`);
});

test("a bound is an option of Node, in whole mebibytes", () => {
  assert.deepEqual(heapOf(undefined), []);
  assert.deepEqual(heapOf(1), ["--max-old-space-size=16"]);
  assert.deepEqual(heapOf(100 * 1024 * 1024 + 1), ["--max-old-space-size=101"]);
});
