// The object store under real processes: what nobody needs goes, what is lost is told, and what does not fit is on the disk.
import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { get, put, remote, type ObjectRef } from "#src/index.js";
import { delay } from "#src/std/clock.js";
import { objectsOf, sessionsOf, untilNothingIsLeft, workersOf, type Trace } from "../harness/processes.ts";
import { Program, run } from "../harness/program.ts";
import { withSession } from "../harness/session.ts";

const BYTES = 1_000_000;
const make = remote((bytes: number, value: number) => new Uint8Array(bytes).fill(value));
const total = remote((bytes: Uint8Array) => bytes.reduce((sum, byte) => sum + byte, 0));

function session(): Trace {
  const [trace] = sessionsOf(process.pid);
  assert.ok(trace !== undefined);
  return trace;
}

/** Paths of the files of the store, when there are so many. */
async function stored(count: number): Promise<string[]> {
  for (;;) {
    const files = objectsOf(session());
    if (files.length === count) return files;
    await delay(5);
  }
}

test("what nobody needs any more is removed, whoever had made it and however it was passed", async () => {
  await withSession({}, async () => {
    {
      using value = put(new Uint8Array(BYTES).fill(1));
      assert.equal(objectsOf(session()).length, 1);
      assert.equal(await get(total.remote(value)), BYTES);
      assert.equal((await stored(1)).length, 1);
    }
    await stored(0);
    {
      using made = make.remote(BYTES, 2);
      using sum = total.remote(made);
      assert.equal(await get(sum), 2 * BYTES);
      await stored(1);
    }
    await stored(0);
    assert.equal(await get(total.remote(new Uint8Array(BYTES).fill(3))), 3 * BYTES);
    // Refs that were collected let go of it as well.
    void Array.from({ length: 20 }, (_, index) => put(new Uint8Array(BYTES).fill(index)));
  });
});

test("a call that fails, is cancelled or crashes leaves nothing in the store", async () => {
  const fails = remote((_: Uint8Array) => {
    throw new Error("as it should");
  });
  const crashes = remote((_: Uint8Array) => process.kill(process.pid, "SIGKILL"), { maxRetries: 1 });
  const slow = remote(async (_: Uint8Array) => new Promise<never>(() => {}), { timeoutMs: 50 });
  const large = new Uint8Array(BYTES);
  await withSession({}, async () => {
    await assert.rejects(get(fails.remote(large)), { message: /as it should/ });
    await assert.rejects(get(crashes.remote(large)), { name: "WorkerCrashedError" });
    await assert.rejects(get(slow.remote(large)), { name: "TaskTimeoutError" });
    const several = remote((bytes: number): [Uint8Array, object] => [new Uint8Array(bytes), new WeakRef({})], {
      numReturns: 2,
    });
    await assert.rejects(get(several.remote(BYTES)[0]), { name: "SerializationError" });
    await stored(0);
  });
});

test("what a process had put there goes with it, unless others hold it", async () => {
  const keeps = remote((bytes: number) => {
    const kept = ((globalThis as { kept?: unknown[] }).kept ??= []);
    const refs = [7, 8, 9].map((value) => put(new Uint8Array(bytes).fill(value)));
    kept.push(refs);
    return refs.slice(0, 1);
  });
  const dies = remote(() => process.kill(process.pid, "SIGKILL"), { maxRetries: 0 });
  await withSession({ options: { numCpus: 1 } }, async () => {
    const [ref] = (await get(keeps.remote(BYTES))) as [ObjectRef<Uint8Array>];
    await stored(3);
    await assert.rejects(get(dies.remote()), { name: "WorkerCrashedError" });
    await stored(1);
    assert.deepEqual(await get(ref), new Uint8Array(BYTES).fill(7));
  });
});

const losses: readonly [what: string, lose: (file: string) => void][] = [
  ["removed", (file) => rmSync(file)],
  ["cut off", (file) => truncateSync(file, 10_000)],
  ["overwritten", (file) => writeFileSync(file, new Uint8Array(statSync(file).size))],
];

for (const [what, lose] of losses) {
  test(`a value whose file was ${what} is told as lost, in the driver and in calls, and nothing else is harmed`, async () => {
    await withSession({}, async () => {
      const value = put(new Uint8Array(BYTES).fill(1));
      const [file] = (await stored(1)) as [string];
      const other = put(new Uint8Array(BYTES).fill(2));
      const before = await get(value);
      lose(file);
      await assert.rejects(get(value), {
        name: "ObjectLostError",
        code: "RAY_OBJECT_LOST_ERROR",
        message: /object store/,
      });
      await assert.rejects(get(total.remote(value)), { name: "ObjectLostError", message: /object store/ });
      assert.equal(await get(total.remote(other)), 2 * BYTES);
      if (what === "removed") assert.deepEqual(before, new Uint8Array(BYTES).fill(1));
    });
  });
}

test("more than fits into memory is on the disk, and nothing of it is lost", async () => {
  const most = 40 * BYTES;
  await withSession({ options: { objectStoreMemory: most } }, async () => {
    const refs = Array.from({ length: 100 }, (_, index) => put(new Uint8Array(4 * BYTES).fill(index)));
    const made = Array.from({ length: 20 }, (_, index) => make.remote(4 * BYTES, index));
    const sums = [...refs, ...made].map((ref) => total.remote(ref));
    for (const [index, ref] of refs.entries()) {
      const value = await get(ref);
      assert.ok(value.length === 4 * BYTES && value.every((byte) => byte === index));
    }
    const expected = [...refs.keys(), ...made.keys()].map((index) => 4 * BYTES * index);
    assert.deepEqual(await get(sums), expected);
    const inMemory = objectsOf(session()).filter((file) => file.startsWith("/dev/shm/"));
    assert.ok(inMemory.reduce((sum, file) => sum + statSync(file).size, 0) <= most);
  });
});

test("a value larger than the memory of the store, or a store without memory, works as any other", async () => {
  for (const objectStoreMemory of [BYTES, 0]) {
    await withSession({ options: { objectStoreMemory } }, async () => {
      const ref = put(new Uint8Array(5 * BYTES).fill(1));
      assert.equal(await get(total.remote(ref)), 5 * BYTES);
      assert.ok((await get(make.remote(5 * BYTES, 3))).every((byte) => byte === 3));
    });
  }
});

test("what is on the disk is where the option says, and goes with the session", async () => {
  const spillDirectory = mkdtempSync(path.join(tmpdir(), "ray-ts-test-"));
  after(() => rmSync(spillDirectory, { recursive: true, force: true }));
  await withSession({ options: { objectStoreMemory: 0, spillDirectory } }, async () => {
    const ref = put(new Uint8Array(BYTES));
    assert.deepEqual(readdirSync(spillDirectory).length, 1);
    assert.equal(await get(total.remote(ref)), 0);
  });
  assert.deepEqual(readdirSync(spillDirectory), []);
});

test("a disk that takes nothing is told, with those who have most, and the session goes on", async () => {
  const spillDirectory = mkdtempSync(path.join(tmpdir(), "ray-ts-test-"));
  after(() => rmSync(spillDirectory, { recursive: true, force: true }));
  await withSession({ options: { objectStoreMemory: 4.5 * BYTES, spillDirectory } }, async () => {
    const [own] = readdirSync(spillDirectory) as [string];
    rmSync(path.join(spillDirectory, own), { recursive: true });
    writeFileSync(path.join(spillDirectory, own), "in the way");
    const kept = Array.from({ length: 2 }, (_, index) => put(new Uint8Array(1.8 * BYTES).fill(index)));
    assert.throws(() => put(new Uint8Array(2 * BYTES)), {
      name: "ObjectStoreFullError",
      code: "RAY_OBJECT_STORE_FULL_ERROR",
      message: /2\.0 MB of a value put at .*store\.test\.ts.*\n.*3\.6 MB a value put at .*store\.test\.ts/,
    });
    assert.throws(() => total.remote(new Uint8Array(2 * BYTES)), {
      name: "ObjectStoreFullError",
      message: /arguments of total/,
    });
    await assert.rejects(get(make.remote(2 * BYTES, 1)), { name: "ObjectStoreFullError", message: /a result of make/ });
    assert.equal(kept.length, 2);
    assert.equal(await get(total.remote(new Uint8Array(100_000).fill(1))), 100_000);
    rmSync(path.join(spillDirectory, own));
    mkdirSync(path.join(spillDirectory, own));
  });
});

test("without enough shared memory the files are elsewhere, and a hint says so once", async () => {
  const ended = await run("test/faults/fixtures/slow-store.mjs");
  assert.equal(ended.code, 0, ended.stderr);
  assert.equal(ended.stdout, "5000000 5000000\n");
  assert.match(
    ended.stderr,
    /^ray-ts: hint: there is too little shared memory in \/dev\/shm: .*--shm-size.*objectStoreMemory.*\n$/,
  );
});

test("the same array passed to many calls is there once", async () => {
  await withSession({}, async () => {
    const large = new Uint8Array(BYTES).fill(1);
    const sums = Array.from({ length: 10 }, () => total.remote(large));
    assert.equal(objectsOf(session()).length, 1);
    large[0] = 2;
    sums.push(total.remote(large));
    assert.equal(objectsOf(session()).length, 2);
    assert.deepEqual(await get(sums), [...Array.from({ length: 10 }, () => BYTES), BYTES + 1]);
  });
});

test("two sessions have stores of their own", async () => {
  const program = new Program("test/faults/fixtures/ends.mjs", ["sleep", "wait"]);
  await program.printed("READY");
  const [trace] = sessionsOf(program.pid);
  assert.ok(trace !== undefined);
  const before = objectsOf(trace);
  assert.equal(before.length, 1);
  await withSession({}, async () => {
    const ref = put(new Uint8Array(BYTES));
    assert.equal(await get(total.remote(ref)), 0);
  });
  assert.deepEqual(objectsOf(trace), before);
  assert.ok(before.every(existsSync));
  program.kill("SIGKILL");
  await program.ended;
  await untilNothingIsLeft(trace, 2_000);
  assert.deepEqual(workersOf(trace), []);
});
