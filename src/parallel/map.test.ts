// map, in this process: what it gives, in which order, how much is in flight, and what is left when it ends.
import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import * as ray from "../index.ts";
import { map } from "./map.ts";

before(() => ray.init({ address: "inline", numCpus: 2 }));
after(() => ray.shutdown());

it("gives results in the order of the items, awaited or read", async () => {
  const square = (value: number): number => value * value;
  assert.deepEqual(await map(square, [1, 2, 3]), [1, 4, 9]);
  const read: number[] = [];
  for await (const value of map(square, new Set([3, 4]))) read.push(value);
  assert.deepEqual(read, [9, 16]);
  assert.deepEqual(await map(square, []), []);
});

it("passes the index, whatever the size of batches", async () => {
  for (const batchSize of [1, 3, "auto"] as const) {
    const indices = await map((_item: string, index) => index, "abcdefg", { batchSize });
    assert.deepEqual(indices, [0, 1, 2, 3, 4, 5, 6]);
  }
});

it("puts tiny items together", async () => {
  const pids = await map((value: number) => ({ value, task: ray.getRuntimeContext().taskId }), range(5_000));
  assert.deepEqual(
    pids.map(({ value }) => value),
    [...range(5_000)],
  );
  assert.ok(new Set(pids.map(({ task }) => task)).size < 500);
});

it("gives results as they are ready when that is asked for", async () => {
  const wait = async (ms: number): Promise<number> => {
    await ray.sleep(ms);
    return ms;
  };
  const options = { ordered: false, batchSize: 1, concurrency: 3, numCpus: 0 } as const;
  assert.deepEqual(await map(wait, [200, 1, 100], options), [1, 100, 200]);
});

it("takes from an endless source no more than there is room for, and closes it", async () => {
  let taken = 0;
  let closed = false;
  function* endless(): Generator<number> {
    try {
      for (;;) yield taken++;
    } finally {
      closed = true;
    }
  }
  for await (const value of map((each: number) => each, endless(), { concurrency: 2, batchSize: 1 }))
    if (value === 5) break;
  assert.ok(taken < 20, String(taken));
  assert.ok(closed);
});

it("reads an async source", async () => {
  async function* letters(): AsyncGenerator<string> {
    yield "a";
    yield "b";
  }
  assert.deepEqual(await map((letter: string) => letter.toUpperCase(), letters()), ["A", "B"]);
});

it("waits for no further item where one is there: a source may be slow, or never go on", async () => {
  for (const ordered of [true, false]) {
    const given: ((item: IteratorResult<number>) => void)[] = [];
    const source = { next: () => new Promise<IteratorResult<number>>((resolve) => given.push(resolve)) };
    const items = { [Symbol.asyncIterator]: () => source };
    const stream = map((value: number) => -value, items, { ordered, batchSize: 10 });
    for (const value of [1, 2]) {
      const next = stream.next();
      while (given.length < value) await ray.sleep(1);
      given[value - 1]?.({ done: false, value });
      assert.deepEqual(await next, { done: false, value: -value });
    }
    // It has been asked for another, which never comes, and nobody waits for that.
    await stream.return?.();
    assert.deepEqual(await stream.next(), { done: true, value: undefined });
  }
});

it("throws the error of its source after the results of what that gave", async () => {
  const broken = function* (): Generator<number> {
    yield* [1, 2];
    throw new RangeError("three");
  };
  for (const batchSize of [1, 2, 10]) {
    const stream = map((value: number) => value, broken(), { batchSize });
    assert.deepEqual([(await stream.next()).value, (await stream.next()).value], [1, 2]);
    await assert.rejects(stream.next(), new RangeError("three"));
    assert.equal((await stream.next()).done, true);
  }
});

it("ends with the session that it began in, and closes its source", async () => {
  let closed = false;
  let last: ((value: number) => void) | undefined;
  async function* slow(): AsyncGenerator<number> {
    try {
      yield 1;
      yield await new Promise<number>((resolve) => (last = resolve));
    } finally {
      closed = true;
    }
  }
  const stream = map((value: number) => value, slow(), { batchSize: 1 });
  assert.equal((await stream.next()).value, 1);
  const next = assert.rejects(stream.next(), ray.SessionClosedError);
  while (last === undefined) await ray.sleep(1);
  await ray.shutdown();
  last(2);
  await next;
  assert.ok(closed);
  assert.equal(ray.isInitialized(), false);
  await ray.init({ address: "inline", numCpus: 2 });
});

it("begins no session in the place of its own, also when nothing was read of it before", async () => {
  const stream = map((value: number) => value, [1, 2]);
  await ray.shutdown();
  await assert.rejects(stream.next(), ray.SessionClosedError);
  assert.equal(ray.isInitialized(), false);
  await ray.init({ address: "inline", numCpus: 2 });
  assert.deepEqual(await stream.next(), { done: true, value: undefined });
});

it("throws the first error after the results before it, and ends", async () => {
  const stream = map(
    (value: number) => {
      if (value === 2) throw new RangeError("two");
      return value;
    },
    range(10),
    { batchSize: 1 },
  );
  const read: number[] = [];
  await assert.rejects(async () => {
    for await (const value of stream) read.push(value);
  }, RangeError);
  assert.deepEqual(read, [0, 1]);
  assert.deepEqual(await stream.next(), { done: true, value: undefined });
});

it("says in an error which items its call had", async () => {
  const odd = (value: unknown): unknown => {
    if (value === 3) throw new RangeError("three");
    return value;
  };
  const all = [...range(8)];
  await assert.rejects(async () => map(odd, all, { batchSize: 1 }), /three\n {2}of map\(\): item 3, counted from 0$/);
  await assert.rejects(
    async () => map(odd, all, { batchSize: 2 }),
    /of map\(\): one of the items 2 to 3, counted from 0$/,
  );
  await assert.rejects(
    async () => map(odd, [1, new WeakRef({})], { batchSize: 1 }),
    (error: Error) =>
      error instanceof ray.SerializationError && error.message.endsWith("of map(): item 1, counted from 0"),
  );
});

it("is the same array however often it is awaited", async () => {
  const stream = map((value: number) => value, [1, 2]);
  assert.deepEqual(await Promise.all([stream, stream]), [
    [1, 2],
    [1, 2],
  ]);
  assert.deepEqual(await stream, [1, 2]);
});

it("refuses what is wrong at once", () => {
  assert.throws(() => map(5 as never, []), /^TypeError: map\(\) takes the function itself/);
  assert.throws(() => map(ray.remote(() => 1) as never, []), /not remote\(fn\)/);
  assert.throws(
    () => map(class Foo extends Map {} as never, [1]),
    /^TypeError: .*Foo is a class: map\(\(item\) => new Foo\(item\), items\)/,
  );
  const generators = [
    function* rows(value: number) {
      yield value;
    },
    async function* rows(value: number) {
      yield await Promise.resolve(value);
    },
  ];
  for (const rows of generators)
    assert.throws(() => map(rows as never, [1]), /^TypeError: map\(\) takes .*, and rows is a generator function\. /);
  assert.throws(() => map(() => 1, 5 as never), /takes an iterable/);
  assert.throws(() => map(() => 1, [], { concurrency: 0 }), /option concurrency should be a whole number/);
  const misspelt = { concurency: 2 } as object;
  assert.throws(
    () => map(() => 1, [], misspelt),
    /^TypeError: map\(\) has no option concurency. Did you mean concurrency\?/,
  );
  assert.throws(() => map(() => 1, [], { backpressure: 2 }), /^TypeError: map\(\) has no option backpressure\./);
  assert.throws(
    () => map(() => 1, [], { colour: 2 } as object),
    /^TypeError: map\(\) has no option \w+\. It takes concurrency, ordered, batchSize, (?!.*numReturns)/,
  );
  assert.throws(() => map(() => 1, [], { numCpus: -1 }), /^TypeError: map\(\): the option numCpus should be/);
  assert.throws(() => map(() => 1, [], { batch: 2 } as object), /has no option batch\. Did you mean batchSize\?/);
  assert.throws(
    () => map(() => 1, [], new Map() as object),
    /^TypeError: map\(\) takes its options as a plain object, but got an instance of Map\./,
  );
  assert.throws(() => map(() => 1, [], null as never), /takes an object of options last, but got null\./);
  assert.throws(() => map(() => 1, [], { batchSize: 0.5 }), /option batchSize should be a whole number/);
  assert.throws(() => map(() => 1, [], { numReturns: 2 }), /leave out numReturns/);
  assert.throws(() => map(() => 1, [], { retries: 2 } as never), /Did you mean maxRetries\?/);
});

function* range(count: number): Generator<number> {
  for (let value = 0; value < count; value += 1) yield value;
}
