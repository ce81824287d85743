// Processes that end after some calls. Inline there is but one process, and it stays.
import assert from "node:assert/strict";
import { get, put, remote, type ObjectRef } from "ray-ts";
import { itIsolated, type Setting } from "./setting.ts";

export function maxCalls(setting: Setting): void {
  const isolated = itIsolated(setting);
  const counted = remote(
    (): [pid: number, call: number] => {
      const seen = globalThis as { calls?: number };
      seen.calls = (seen.calls ?? 0) + 1;
      return [process.pid, seen.calls];
    },
    { maxCalls: 2 },
  );

  isolated("runs no more calls in a process than that, one after the other or many at once", async () => {
    const seen: [number, number][] = [];
    for (let call = 0; call < 5; call += 1) seen.push(await get(counted.remote()));
    seen.push(...(await get(Array.from({ length: 15 }, () => counted.remote()))));
    const perProcess = new Map<number, number[]>();
    for (const [pid, call] of seen) perProcess.set(pid, [...(perProcess.get(pid) ?? []), call]);
    for (const calls of perProcess.values()) assert.ok(calls.length <= 2 && Math.max(...calls) <= 2, String(calls));
    assert.equal(seen.length, 20);
    assert.ok(perProcess.size >= 10);
  });

  isolated("leaves other calls where they are", async () => {
    const where = remote(() => process.pid);
    const pids = await get(Array.from({ length: 20 }, () => where.remote()));
    assert.ok(new Set(pids).size <= 4, String(pids));
  });

  isolated("keeps a process for as long as somebody needs what it has left behind", async () => {
    const leaves = remote(
      (): { value: ObjectRef<string>; later: ObjectRef<string> } => {
        const later = remote(async (): Promise<string> => `later in ${process.pid}`);
        return { value: put("left behind"), later: later.remote() };
      },
      { maxCalls: 1 },
    );
    const left = await get(Array.from({ length: 4 }, () => leaves.remote()));
    for (const { value, later } of left) {
      assert.equal(await get(value), "left behind");
      assert.match(await get(later), /^later in/);
    }
  });
}
