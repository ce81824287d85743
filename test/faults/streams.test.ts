// Streams in real processes: whoever is killed, a reader gets every item once and in order, or an error; and nothing is left.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { cancel, get, getRuntimeContext, remote, sleep, wait, type ObjectRef } from "#src/index.js";
import { delay } from "#src/std/clock.js";
import { collectGarbage } from "#src/std/garbage.js";
import { allProcesses } from "../harness/processes.ts";
import { knownObjects, withSession } from "../harness/session.ts";

const folder = mkdtempSync(path.join(tmpdir(), "ray-ts-streams-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const range = (count: number): number[] => [...Array.from({ length: count }).keys()];
const quiet = { options: { numCpus: 2, logToDriver: false, hints: false } } as const;

/** Each item says which it is, and in which process it was made. */
const told = remote(async function* told(count: number) {
  for (let n = 0; n < count; n += 1) {
    if (n % 7 === 0) await Promise.resolve();
    yield [n, process.pid] as const;
  }
});

const counting = remote(function* counting(count: number) {
  for (let n = 0; n < count; n += 1) yield n;
});

const endless = remote(async function* endless(file: string) {
  try {
    for (let n = 0; ; n += 1) yield n;
  } finally {
    writeFileSync(file, "");
  }
});

/** It may be gone already, while what it had sent is read. */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, "ESRCH");
  }
}

async function untilThere(file: string): Promise<void> {
  while (!existsSync(file)) await delay(5);
}

for (const backpressure of [1, 64, Infinity]) {
  test(`a reader notices nothing of producers that are killed again and again, ${backpressure} ahead`, async () => {
    await withSession(quiet, async () => {
      const got: number[] = [];
      const kills = new Set([0, 1, 30, 31, 64, 65, 66, 200, 999]);
      const stream = told.options({ maxRetries: -1, backpressure }).remote(1_000);
      for await (const [n, pid] of stream.values()) {
        got.push(n);
        if (kills.has(n)) killIfThere(pid);
      }
      assert.deepEqual(got, range(1_000));
    });
  });
}

test("one that kills itself at each attempt ends with WorkerCrashedError, after the items of all of them, each once", async () => {
  const suicidal = remote(function* suicidal(first: number) {
    const { attempt } = getRuntimeContext();
    for (let n = 0; n < 100; n += 1) {
      if (n === first * attempt) process.kill(process.pid, "SIGKILL");
      yield n;
    }
  });
  await withSession(quiet, async () => {
    for (const [maxRetries, made] of [
      [0, 5],
      [1, 10],
      [3, 20],
    ] as const) {
      const refs: ObjectRef<number>[] = [];
      for await (const ref of suicidal.options({ maxRetries }).remote(5)) refs.push(ref);
      const last = refs.pop() as ObjectRef<number>;
      await assert.rejects(get(last), { name: "WorkerCrashedError", message: /while it ran task suicidal/ });
      const got = await get(refs);
      assert.deepEqual(got, range(got.length));
      // What was made is sent before the function goes on, when it may not be tried again.
      if (maxRetries === 0) assert.equal(got.length, made);
      else assert.ok(got.length <= made);
    }
  });
});

test("one that calls process.exit ends with TaskExitedError, after all that it has made", async () => {
  const exiting = remote(
    function* exiting() {
      for (let n = 0; ; n += 1) {
        if (n === 50) process.exit(3);
        yield n;
      }
    },
    { maxRetries: 0 },
  );
  await withSession(quiet, async () => {
    const got: number[] = [];
    await assert.rejects(
      async () => {
        for await (const n of exiting.remote().values()) got.push(n);
      },
      { name: "TaskExitedError" },
    );
    assert.deepEqual(got, range(50));
  });
});

test("a producer ends when the process that reads it is killed", async () => {
  await withSession(quiet, async () => {
    const [pidFile, file] = [path.join(folder, "reader"), path.join(folder, "orphan")];
    const reader = remote(
      async (mine: string, its: string) => {
        let seen = 0;
        for await (const _ref of endless.options({ numCpus: 0 }).remote(its)) {
          seen += 1;
          if (seen === 100) writeFileSync(mine, String(process.pid));
          if (seen > 100) await sleep(1);
        }
      },
      { maxRetries: 0 },
    );
    const ref = reader.remote(pidFile, file);
    await untilThere(pidFile);
    let pid = 0;
    while (pid === 0) pid = Number(readFileSync(pidFile, "utf8"));
    process.kill(pid, "SIGKILL");
    await assert.rejects(get(ref), { name: "WorkerCrashedError" });
    await untilThere(file);
  });
});

test("a producer that never looks up is ended with its worker by force, and its stream with TaskCancelledError", async () => {
  const stubborn = remote(function* stubborn() {
    yield process.pid;
    for (;;);
  });
  await withSession(quiet, async () => {
    const stream = stubborn.remote();
    const values = stream.values();
    const { value: pid } = await values.next();
    await cancel(stream, { force: true });
    await assert.rejects(values.next(), { name: "TaskCancelledError" });
    while (allProcesses().some((seen) => seen.pid === pid)) await delay(10);
  });
});

test("streams that were read, left, dropped, cancelled or have failed leave nothing", async () => {
  await withSession(quiet, async () => {
    const failing = remote(function* failing() {
      yield { bytes: new Uint8Array(200_000) };
      throw new Error("as it should");
    });
    for (let round = 0; round < 20; round += 1) {
      for await (const n of counting.remote(100).values()) if (n === round * 4) break;
      for await (const ref of counting.remote(round)) ref[Symbol.dispose]();
      await assert.rejects(async () => {
        for await (const _value of failing.remote().values());
      });
      const file = path.join(folder, `left-${round}`);
      const kept = endless.remote(file);
      await kept.next();
      if (round % 3 === 0) await cancel(kept);
      else if (round % 3 === 1) await kept.return?.();
      else await wait([kept]);
      // Not read at all.
      counting.remote(round * 10);
      failing.remote();
    }
  });
});

test("a session ends while streams are read, paused, and not yet begun", async () => {
  let reading: Promise<unknown> = Promise.resolve();
  await withSession({ ...quiet, unfinished: true }, async () => {
    const streams = range(6).map((n) => endless.options({ maxRetries: n % 2 }).remote(path.join(folder, `end-${n}`)));
    const slow = remote(async function* slow() {
      await sleep(Infinity);
      yield 1;
    });
    reading = assert.rejects(
      async () => {
        for await (const _value of slow.options({ numCpus: 0 }).remote().values());
      },
      { name: "SessionClosedError" },
    );
    await wait(streams);
  });
  await reading;
});

test("many items take no more memory than few", async () => {
  await withSession(quiet, async () => {
    const used = (): number => {
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const at: number[] = [];
    let seen = 0;
    for await (const n of counting.remote(200_000).values()) {
      assert.equal(n, seen);
      seen += 1;
      if (seen % 50_000 === 0) at.push(used());
    }
    // A record of an item takes some hundred bytes: those of 150,000 would be far more than this.
    assert.ok((at.at(-1) ?? 0) - (at[0] ?? 0) < 4_000_000, `heap in bytes: ${at.join(", ")}`);
  });
});

test("values behind refs that a program has left are given up long before V8 would look", async () => {
  await withSession(quiet, async () => {
    let most = 0;
    let seen = 0;
    for await (const ref of counting.options({ backpressure: 1_000 }).remote(400_000)) {
      seen += 1;
      if (seen % 10_000 !== 0) continue;
      assert.equal(await get(ref), seen - 1);
      most = Math.max(most, knownObjects());
    }
    assert.ok(most < 130_000, `${most} objects at once`);
  });
});
