// Calls that do not end by themselves, in real processes: they are ended with their workers, and nobody else notices.
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { cancel, get, remote, sleep, TaskCancelledError, TaskTimeoutError, wait } from "#src/index.js";
import { Queue, Semaphore } from "#src/parallel/index.js";
import { delay } from "#src/std/clock.js";
import { allProcesses } from "../harness/processes.ts";
import { withSession } from "../harness/session.ts";

const folder = mkdtempSync(path.join(tmpdir(), "ray-ts-cancel-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Says in which process it runs, and never ends. */
const spin = remote((file: string) => {
  writeFileSync(file, String(process.pid));
  for (;;);
});
const double = remote((n: number) => 2 * n);

async function pidIn(name: string): Promise<number> {
  const file = path.join(folder, name);
  while (!existsSync(file) || readFileSync(file, "utf8") === "") await delay(5);
  return Number(readFileSync(file, "utf8"));
}

async function untilGone(pid: number): Promise<void> {
  while (allProcesses().some((seen) => seen.pid === pid)) await delay(10);
}

test("a loop without an end is ended by force, with its worker, and nobody else notices", async () => {
  await withSession({ options: { numCpus: 1 } }, async () => {
    const ref = spin.remote(path.join(folder, "forced"));
    const pid = await pidIn("forced");
    const others = Array.from({ length: 100 }, (_, n) => double.remote(n));
    await cancel(ref, { force: true, reason: "it hangs" });
    await assert.rejects(get(ref), { name: "TaskCancelledError", message: /^Task anonymous|^Task spin.*: it hangs\./ });
    assert.deepEqual(
      await get(others),
      others.map((_, n) => 2 * n),
    );
    await untilGone(pid);
  });
});

test("calls that were queued behind one that is ended by force run all the same, once", async () => {
  await withSession({ options: { numCpus: 1 } }, async () => {
    const maybe = remote((n: number, file: string) => {
      if (n === 5) {
        writeFileSync(file, String(process.pid));
        for (;;);
      }
      return n;
    });
    // Known to be short, so that many are pushed at a time.
    await get(Array.from({ length: 50 }, () => maybe.remote(0, "")));
    const refs = Array.from({ length: 50 }, (_, n) => maybe.remote(n, path.join(folder, "queued")));
    const pid = await pidIn("queued");
    await cancel(refs[5] as (typeof refs)[0], { force: true });
    await untilGone(pid);
    const others = refs.filter((_, n) => n !== 5);
    assert.deepEqual(
      await get(others),
      [...refs.keys()].filter((n) => n !== 5),
    );
  });
});

test("a loop without an end is ended when its time is over, and its worker is free for others", async () => {
  await withSession({ options: { numCpus: 1 } }, async () => {
    const ref = spin.options({ timeoutMs: 500 }).remote(path.join(folder, "timed"));
    const [pid] = await Promise.all([pidIn("timed"), assert.rejects(get(ref), TaskTimeoutError)]);
    assert.equal(await get(double.remote(4)), 8);
    await untilGone(pid);
  });
});

test("workers that run what a call has submitted, and what that has, end with it by force", async () => {
  await withSession({ options: { numCpus: 3 } }, async () => {
    const parent = remote(async (where: string, depth: number): Promise<void> => {
      writeFileSync(`${where}-${depth}`, String(process.pid));
      await get(depth === 0 ? spin.remote(`${where}-leaf`) : again.remote(where, depth - 1));
    });
    const again: { remote(...args: unknown[]): ReturnType<typeof parent.remote> } = parent;
    const ref = parent.remote(path.join(folder, "tree"), 1);
    const pids = await Promise.all(["tree-1", "tree-0", "tree-leaf"].map(pidIn));
    assert.equal(new Set(pids).size, 3);
    await cancel(ref, { force: true });
    await assert.rejects(get(ref), TaskCancelledError);
    for (const pid of pids) await untilGone(pid);
    assert.deepEqual(await get([1, 2, 3].map((n) => double.remote(n))), [2, 4, 6]);
  });
});

test("a loop that a call has left behind ends when the call's time is over", async () => {
  await withSession({ options: { numCpus: 2 } }, async () => {
    const parent = remote(async (file: string) => get(spin.remote(file)), { timeoutMs: 1_000 });
    const ref = parent.remote(path.join(folder, "left"));
    await assert.rejects(get(ref), TaskTimeoutError);
    // On a slow machine it may never have begun.
    if (existsSync(path.join(folder, "left"))) await untilGone(await pidIn("left"));
    assert.deepEqual(await get([1, 2].map((n) => double.options({ numCpus: 1 }).remote(n))), [2, 4]);
  });
});

test("thousands that are cancelled at once, some of which run, leave nothing", async () => {
  await withSession({ options: { numCpus: 2 } }, async () => {
    const slow = remote(async () => sleep(Infinity));
    const refs = Array.from({ length: 2_500 }, () => slow.remote());
    await wait([double.options({ numCpus: 0 }).remote(1)]);
    await Promise.all(refs.map((ref) => cancel(ref)));
    const results = await Promise.allSettled(refs.map((ref) => get(ref)));
    assert.ok(results.every((each) => each.status === "rejected" && each.reason instanceof TaskCancelledError));
    assert.equal(await get(double.options({ numCpus: 2 }).remote(4)), 8);
  });
});

test("a signal that a thousand calls share has one listener, and none when they have ended", async () => {
  await withSession({}, async () => {
    const { signal } = new AbortController();
    const listeners = (): number => getEventListeners(signal, "abort").length;
    const refs = Array.from({ length: 1_000 }, (_, n) => double.options({ signal }).remote(n));
    assert.equal(listeners(), 1);
    await get(refs);
    assert.equal(listeners(), 0);
    const aborted = new AbortController();
    const waiting = Array.from({ length: 1_000 }, () =>
      remote(() => sleep(Infinity), { signal: aborted.signal }).remote(),
    );
    aborted.abort();
    assert.equal(getEventListeners(aborted.signal, "abort").length, 0);
    await Promise.all(waiting.map(async (ref) => assert.rejects(get(ref), TaskCancelledError)));
  });
});

test("a session ends while calls that were cancelled, or out of time, go on", async () => {
  await withSession({ options: { numCpus: 2 }, unfinished: true }, async () => {
    const refs = [
      spin.remote(path.join(folder, "end-1")),
      spin.options({ timeoutMs: 600_000 }).remote(path.join(folder, "end-2")),
    ];
    await Promise.all(["end-1", "end-2"].map(pidIn));
    for (const ref of refs) await cancel(ref);
    for (const ref of refs) await assert.rejects(get(ref), TaskCancelledError);
  });
  assert.ok(readdirSync(folder).length > 0);
});

async function cancelsInLine(queue: Queue<number>, semaphore: Semaphore, item: number): Promise<void> {
  const gets = remote((from: Queue<number>) => from.get(), { numCpus: 0 });
  const acquires = remote((from: Semaphore) => from.acquire().then(() => true), { numCpus: 0 });
  const held = await semaphore.acquire();
  const lost = [gets.remote(queue), acquires.remote(semaphore)];
  while ((await get(queue.actor.waiting.remote())) < 1) await sleep(1);
  while ((await get(semaphore.actor.waiting.remote())) < 1) await sleep(1);
  // Of this the actors hear by way of the worker, of what follows at once.
  await Promise.all(lost.map((ref) => cancel(ref)));
  await queue.put(item);
  held[Symbol.dispose]();
  assert.equal(await queue.get(), item);
  (await semaphore.acquire())[Symbol.dispose]();
}

test("a call that is cancelled while it waits in line takes nothing along", async () => {
  await withSession({ options: { numCpus: 1 } }, async () => {
    const queue = new Queue<number>();
    const semaphore = new Semaphore(1);
    for (let round = 0; round < 10; round += 1) await cancelsInLine(queue, semaphore, round);
    queue.actor[Symbol.dispose]();
    semaphore.actor[Symbol.dispose]();
  });
});
