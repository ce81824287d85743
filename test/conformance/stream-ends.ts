// Streams that come to another end than they were meant to: errors, attempts, cancels, and mistakes of their users.
import assert from "node:assert/strict";
import { it } from "node:test";
import { collectGarbage } from "#src/std/garbage.js";
import { cancel, get, getRuntimeContext, put, remote, sleep, wait, type ObjectRef } from "ray-ts";
import { gateFolder, isOpen, openGate, pass } from "./gate.ts";
import { party } from "./stopped.ts";

const counting = remote(function* counting(count: number) {
  for (let n = 0; n < count; n += 1) yield n;
});

const failing = remote(async function* failing(count: number) {
  for (let n = 0; n < count; n += 1) yield n;
  throw new RangeError("no more");
});

const endless = remote(async function* endless(folder: string, name: string) {
  try {
    for (let n = 0; ; n += 1) {
      openGate(folder, `${name}-made-${n}`);
      yield n;
    }
  } finally {
    openGate(folder, `${name}-over`);
  }
});

/** What came, and the error after it. */
async function ending(values: AsyncIterable<unknown>): Promise<[got: unknown[], error: Error | undefined]> {
  const got: unknown[] = [];
  try {
    for await (const value of values) got.push(value);
  } catch (error) {
    return [got, error as Error];
  }
  return [got, undefined];
}

export function streamEnds(): void {
  const folder = gateFolder();

  it("gives what was made before an error, then a ref that fails with it, and ends", async () => {
    const stream = failing.remote(3);
    const refs: ObjectRef<number>[] = [];
    for await (const ref of stream) refs.push(ref);
    assert.equal(refs.length, 4);
    assert.deepEqual(await get(refs.slice(0, 3)), [0, 1, 2]);
    const expected = { name: "TaskError(RangeError)", message: /Task failing threw.*no more/ };
    await assert.rejects(get(refs[3] as ObjectRef<number>), expected);
    await assert.rejects(get(stream.completed), expected);
    const values = failing.remote(3).values();
    const [got, error] = await ending(values);
    assert.deepEqual(got, [0, 1, 2]);
    assert.ok(error instanceof RangeError);
    assert.match(error.message, /submitted at test\/conformance\/stream-ends\.ts:\d+/);
    assert.deepEqual(await values.next(), { done: true, value: undefined });
  });

  it("fails with an item that cannot travel, and says which it was", async () => {
    const name = party();
    const wrong = remote(function* wrong(where: string, gate: string) {
      try {
        yield 1;
        yield { promise: Promise.resolve(1) };
        yield 3;
      } finally {
        openGate(where, gate);
      }
    });
    const [got, error] = await ending(wrong.remote(folder, name).values());
    assert.deepEqual(got, [1]);
    assert.equal(error?.name, "SerializationError");
    assert.match(error.message, /item 2 of wrong.*promise is a Promise/);
    await pass(folder, name);
  });

  it("is tried again after an error that is worth it, without a gap and without repeating itself", async () => {
    const flaky = remote(
      function* flaky(count: number) {
        for (let n = 0; n < count; n += 1) {
          if (n === count - getRuntimeContext().attempt * 10) throw new Error("once more");
          yield n;
        }
      },
      { retryExceptions: true, backpressure: 5 },
    );
    const [got, error] = await ending(flaky.remote(30).values());
    assert.equal(error, undefined);
    assert.deepEqual(got, [...Array.from({ length: 30 }).keys()]);
    const [few, spent] = await ending(flaky.options({ maxRetries: 0 }).remote(30).values());
    assert.equal(few.length, 20);
    assert.match(String(spent), /once more/);
  });

  it("fails when another attempt makes fewer items than the reader has got", async () => {
    const shrinking = remote(
      function* shrinking() {
        const { attempt } = getRuntimeContext();
        for (let n = 0; n < (attempt === 1 ? 5 : 3); n += 1) yield n;
        if (attempt === 1) throw new Error("again");
      },
      { retryExceptions: true },
    );
    const [got, error] = await ending(shrinking.remote().values());
    assert.deepEqual(got, [0, 1, 2, 3, 4]);
    assert.match(String(error), /shrinking was tried again and made 3 items, fewer than the 5/);
  });

  it("ends with TaskCancelledError after what was made, when it is cancelled, by its signal too", async () => {
    const controller = new AbortController();
    const ways = [
      { options: {}, stop: cancel, message: /cancelled by ray\.cancel at test\/conformance\/stream-ends\.ts/ },
      {
        options: { signal: controller.signal },
        stop: () => controller.abort("enough"),
        message: /cancelled by its signal: enough/,
      },
    ];
    for (const { options, stop, message } of ways) {
      const name = party();
      const stream = endless.options({ backpressure: 2, ...options }).remote(folder, name);
      await pass(folder, `${name}-made-2`);
      const first = stream.values();
      assert.deepEqual(await first.next(), { done: false, value: 0 });
      await stop(stream);
      const [got, error] = await ending(first);
      // What was on its way when it was cancelled may be lost.
      assert.ok(
        got.every((n, index) => n === index + 1),
        String(got),
      );
      assert.equal(error?.name, "TaskCancelledError");
      assert.match(error.message, message);
      await pass(folder, `${name}-over`);
      await assert.rejects(get(stream.completed), { name: "TaskCancelledError" });
    }
  });

  it("ends when it is cancelled, also when what it has made lies in the object store", async () => {
    const name = party();
    const large = remote(async function* large() {
      try {
        for (;;) yield new Float64Array(20_000);
      } finally {
        openGate(folder, `${name}-over`);
      }
    });
    const stream = large.remote();
    const items: ObjectRef<Float64Array>[] = [];
    for await (const item of stream) {
      if (items.push(item) === 10) await cancel(stream);
    }
    await pass(folder, `${name}-over`);
    await assert.rejects(get(stream.completed), { name: "TaskCancelledError" });
    assert.equal((await get(items[9] as ObjectRef<Float64Array>)).length, 20_000);
  });

  it("ends with TaskTimeoutError when its time is over, be it paused or waiting", async () => {
    const name = party();
    const [, error] = await ending(
      (async function* () {
        const stream = endless.options({ backpressure: 1, timeoutMs: 50 }).remote(folder, name);
        await assert.rejects(get(stream.completed), { name: "TaskTimeoutError" });
        yield* stream.values();
      })(),
    );
    assert.equal(error?.name, "TaskTimeoutError");
    const waiting = remote(async function* waiting() {
      yield 1;
      await sleep(Infinity);
    });
    const [got, late] = await ending(waiting.options({ timeoutMs: 200 }).remote().values());
    assert.ok(got.length <= 1);
    assert.equal(late?.name, "TaskTimeoutError");
  });

  it("fails with the argument that failed", async () => {
    const bad = remote((): number => {
      throw new Error("bad argument");
    });
    const [got, error] = await ending(counting.remote(bad.remote()).values());
    assert.deepEqual(got, []);
    assert.match(String(error), /bad argument/);
  });

  it("interrupts a reader in a call that is cancelled, and what that reads", async () => {
    const name = party();
    const reader = remote(async (where: string, gate: string) => {
      const stuck = remote(async function* stuck(place: string, door: string) {
        try {
          openGate(place, `${door}-begun`);
          await sleep(Infinity);
          yield 1;
        } finally {
          openGate(place, `${door}-stopped`);
        }
      });
      for await (const n of stuck.options({ numCpus: 0 }).remote(where, gate).values()) return n;
      return undefined;
    });
    const ref = reader.remote(folder, name);
    await pass(folder, `${name}-begun`);
    await cancel(ref);
    await pass(folder, `${name}-stopped`);
  });

  it("ends when nobody has it any more", async () => {
    const name = party();
    const begin = (): void => void endless.options({ backpressure: 1 }).remote(folder, name);
    begin();
    await pass(folder, `${name}-made-1`);
    while (!isOpen(folder, `${name}-over`)) {
      collectGarbage();
      await sleep(1);
    }
  });

  it("goes on while somebody has what says that it has ended", async () => {
    const { completed } = counting.remote(10);
    for (let round = 0; round < 5; round += 1) {
      collectGarbage();
      await sleep(1);
    }
    assert.equal(await get(completed), undefined);
  });

  it("is no ref and no value: says what to do instead", async () => {
    const stream = counting.remote(1);
    const take = remote((value: unknown) => value);
    await assert.rejects(get(stream as never), {
      name: "TypeError",
      message: /got an ObjectRefGenerator\. It is a stream: for await \(const ref of stream\).*stream\.values\(\)/,
    });
    const refused = {
      name: "SerializationError",
      message: /is an ObjectRefGenerator: a stream is read in the process/,
    };
    assert.throws(() => take.remote(stream), refused);
    assert.throws(() => take.remote([{ stream }]), refused);
    assert.throws(() => put(stream), refused);
    await assert.rejects(get(remote(() => counting.remote(1) as unknown).remote()), refused);
    await assert.rejects(wait(stream as never), { name: "TypeError", message: /wait\(\) takes an array/ });
    await assert.rejects(cancel(stream, stream as never), { name: "TypeError" });
  });

  it("refuses options that are not for it, and a generator of a function that is none", async () => {
    assert.throws(() => remote(function* none() {}, { numReturns: 2 as never }), {
      name: "TypeError",
      message: /^remote\(none\): the option numReturns is not for generator functions/,
    });
    assert.throws(
      () => counting.options({ numReturns: 1 as never }),
      /^TypeError: counting\.options\(\): the option numReturns/,
    );
    assert.throws(() => remote(() => 1, { backpressure: 2 }), /TypeError: .*backpressure is for streams/);
    const given = remote((count: number) => counting.local(count) as unknown);
    await assert.rejects(get(given.remote(1)), /Task given returned a generator, and is no generator function itself/);
  });
}
