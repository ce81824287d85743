// Items of streams whose files in the object store are gone, under real processes: made again by their call, whether it has ended, still
// runs, or was left by its reader.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { test } from "node:test";
import { get, getRuntimeContext, remote, type ObjectRef, type ObjectRefGenerator } from "#src/index.js";
import { delay } from "#src/std/clock.js";
import { objectsOf, sessionsOf } from "../harness/processes.ts";
import { withSession } from "../harness/session.ts";

const LENGTH = 25_000;
type Numbers = Float64Array;

const numbers = (value: number): Numbers => new Float64Array(LENGTH).fill(value);
const squares = remote(function* squares(count: number) {
  for (let value = 0; value < count; value += 1) yield new Float64Array(LENGTH).fill(value * value);
});
const first = remote((values: Numbers) => values[0] as number);
const twice = remote((values: Numbers) => values.map((value) => 2 * value));

function files(): string[] {
  const [trace] = sessionsOf(process.pid);
  assert.ok(trace !== undefined);
  return objectsOf(trace);
}

/** When there are so many. */
async function removeFiles(count: number): Promise<void> {
  while (files().length !== count) await delay(5);
  for (const file of files()) rmSync(file);
}

async function take<T>(stream: ObjectRefGenerator<T>, count: number): Promise<ObjectRef<T>[]> {
  const refs: ObjectRef<T>[] = [];
  while (refs.length < count) {
    const { value } = await stream.next();
    if (value === undefined) break;
    refs.push(value);
  }
  return refs;
}

test("items of a stream that has ended are made again, for gets and for calls, by one attempt", async () => {
  await withSession({}, async () => {
    const stream = squares.options({ maxRetries: 1 }).remote(4);
    const refs = await take(stream, 4);
    await get(stream.completed);
    await removeFiles(4);
    assert.equal(await get(first.remote(refs[2] as ObjectRef<Numbers>)), 4);
    for (const [value, ref] of refs.entries()) assert.deepEqual(await get(ref), numbers(value * value));
    assert.deepEqual(await get(refs), [0, 1, 4, 9].map(numbers));
    await removeFiles(4);
    await assert.rejects(get(refs[1] as ObjectRef<Numbers>), {
      name: "ObjectReconstructionFailedError",
      message: /task squares.*maxRetries: 1/s,
    });
  });
});

test("what is made again of a stream is what somebody has, and its file goes with that", async () => {
  await withSession({}, async () => {
    const stream = squares.remote(6);
    const refs = await take(stream, 6);
    await get(stream.completed);
    for (const [index, ref] of refs.entries()) if (index !== 1 && index !== 3) ref[Symbol.dispose]();
    await removeFiles(2);
    assert.deepEqual(await get([refs[3], refs[1]] as ObjectRef<Numbers>[]), [numbers(9), numbers(1)]);
    while (files().length !== 2) await delay(5);
    for (const index of [1, 3]) refs[index]?.[Symbol.dispose]();
    while (files().length !== 0) await delay(5);
  });
});

test("an item that nobody has any more is made again for a call that was made of it", async () => {
  await withSession({}, async () => {
    const stream = squares.remote(3);
    const [, item] = await take(stream, 3);
    assert.ok(item !== undefined);
    await get(stream.completed);
    const made = twice.remote(item);
    await get(made);
    item[Symbol.dispose]();
    while (files().length > 3) await delay(5);
    for (const file of files()) rmSync(file);
    assert.deepEqual(await get(made), numbers(2));
  });
});

test("a stream that runs begins anew for what of it was lost, also when it waits for its reader, and goes on", async () => {
  await withSession({ options: { numCpus: 1 } }, async () => {
    const stream = squares.options({ backpressure: 2 }).remote(8);
    const refs = await take(stream, 2);
    // Those that are unread are lost too.
    await removeFiles(5);
    assert.deepEqual(await get(refs), [0, 1].map(numbers));
    const values: number[] = [];
    for await (const value of stream.values()) values.push(value[0] as number);
    assert.deepEqual(values, [4, 9, 16, 25, 36, 49]);
    assert.deepEqual(await get(refs), [0, 1].map(numbers));
  });
});

test("an unread item that was lost comes in its place", async () => {
  await withSession({}, async () => {
    const stream = squares.options({ backpressure: 1 }).remote(5);
    await removeFiles(2);
    const values: number[] = [];
    for await (const value of stream.values()) values.push(value[0] as number);
    assert.deepEqual(values, [0, 1, 4, 9, 16]);
  });
});

test("items of a stream that its reader has left are made again, though it would go on for ever", async () => {
  const endless = remote(function* endless() {
    for (let value = 0; ; value += 1) yield new Float64Array(LENGTH).fill(value);
  });
  await withSession({}, async () => {
    const refs: ObjectRef<Numbers>[] = [];
    for await (const ref of endless.options({ backpressure: 2 }).remote()) if (refs.push(ref) === 3) break;
    // Its worker may not have ended it yet.
    for (const file of files()) rmSync(file, { force: true });
    assert.deepEqual(await get(refs), [0, 1, 2].map(numbers));
    await removeFiles(3);
    assert.deepEqual(await get(refs), [0, 1, 2].map(numbers));
  });
});

test("one that throws, or makes fewer items, when it is run once more says so of those that are lost", async () => {
  const unsteady = remote(
    function* unsteady(gone: "throws" | "fewer") {
      const { attempt } = getRuntimeContext();
      for (let value = 0; value < 3; value += 1) {
        if (attempt > 1 && value === 2 && gone === "fewer") return;
        if (attempt > 1 && value === 2) throw new RangeError("no more");
        yield new Float64Array(LENGTH).fill(value);
      }
    },
    { maxRetries: 1 },
  );
  await withSession({}, async () => {
    for (const [gone, name] of [
      ["throws", "TaskError(RangeError)"],
      ["fewer", "ObjectReconstructionFailedError"],
    ] as const) {
      const stream = unsteady.remote(gone);
      const refs = await take(stream, 3);
      await get(stream.completed);
      await removeFiles(3);
      const [one, other, last] = await Promise.allSettled(refs.map((ref) => get(ref)));
      assert.deepEqual(
        [one, other].map((each) => each?.status === "fulfilled" && each.value),
        [0, 1].map(numbers),
      );
      assert.ok(last?.status === "rejected");
      assert.equal((last.reason as Error).name, name);
      if (gone === "fewer") assert.match(String(last.reason), /unsteady.*fewer items/s);
      for (const ref of refs) ref[Symbol.dispose]();
      while (files().length > 0) await delay(5);
    }
  });
});

class Maker {
  async *squares(count: number): AsyncGenerator<Numbers> {
    for (let value = 0; value < count; value += 1) yield new Float64Array(LENGTH).fill(value * value);
  }
}

test("items of a stream of an actor are made again when that has ended, and are told as lost while it runs", async () => {
  const RemoteMaker = remote(Maker, { maxTaskRetries: 1 });
  await withSession({}, async () => {
    const maker = RemoteMaker.remote();
    const stream = maker.squares.remote(3);
    const refs = await take(stream, 3);
    await get(stream.completed);
    await removeFiles(3);
    assert.deepEqual(await get(refs), [0, 1, 4].map(numbers));
    for (const ref of refs) ref[Symbol.dispose]();
    const running = maker.squares.options({ backpressure: 1 }).remote(9);
    const [item] = await take(running, 1);
    await removeFiles(3);
    await assert.rejects(get(item as ObjectRef<Numbers>), {
      name: "ObjectReconstructionFailedError",
      message: /Maker\.squares.*still runs/s,
    });
  });
});
