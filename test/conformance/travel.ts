// What values and functions are like after they travelled.
import assert from "node:assert/strict";
import { it, mock } from "node:test";
import {
  explainCapture,
  get,
  ObjectFreedError,
  put,
  registerSerializer,
  remote,
  SerializationError,
  type ObjectRef,
} from "ray-ts";

class Point {
  x: number;
  y: number;
  constructor(x: number, y: number) {
    this.x = x;
    this.y = y;
  }
  get length(): number {
    return Math.hypot(this.x, this.y);
  }
}

/** Holds its amount where only a serializer of its own can reach it. */
class Money {
  readonly #cents: number;
  constructor(cents: number) {
    this.#cents = cents;
  }
  get cents(): number {
    return this.#cents;
  }
}

const values: Readonly<Record<string, unknown>> = {
  undefined: undefined,
  null: null,
  "not a number": NaN,
  "minus zero": -0,
  "a bigint": 2n ** 70n,
  "text with a lone surrogate": "a\ud800\u2028ü",
  "an empty array": [],
  "a sparse array": [1, , 3], // oxlint-disable-line no-sparse-arrays -- the subject
  "a date": new Date(86_400_000),
  "a regular expression": /a+/giu,
  "a url": new URL("https://example.org/a?b=c#d"),
  "a map with object keys": new Map([[{ k: 1 }, new Set([1, "2"])]]),
  "a typed array": new Float64Array([1.5, -2.5]),
  "a buffer": Buffer.from("bytes"),
  "an array buffer": new Uint8Array([1, 2, 3]).buffer,
  "a large buffer": new Uint8Array(300_000).fill(7),
  "an error": new RangeError("out", { cause: "c" }),
  "an object without prototype": Object.assign(Object.create(null) as object, { a: 1 }),
  "a registered symbol": Symbol.for("ray-ts.test"),
};

export function travel(): void {
  const echo = remote((value: unknown) => value);

  for (const [what, value] of Object.entries(values)) {
    it(`brings back ${what}`, async () => {
      assert.deepStrictEqual(await get(put(value)), value);
      assert.deepStrictEqual(await get(echo.remote(value)), value);
      assert.deepStrictEqual(await get(echo.remote(put(value))), value);
    });
  }

  it("takes what handles have of their own along by itself: .remote and .options, taken out", async () => {
    class Counter {
      #count = 0;
      increment(): number {
        this.#count += 1;
        return this.#count;
      }
    }
    const double = remote((n: number) => 2 * n);
    const counters = remote(Counter, { numCpus: 0 });
    const { increment } = counters.remote();
    const { remote: doubled, options } = double;
    const captured = remote(() => get([doubled(1), options({ numCpus: 0 }).remote(2), increment.remote()]));
    assert.deepEqual(await get(captured.remote()), [2, 4, 1]);
    const passed = remote((call: () => ObjectRef<number>) => get(call()));
    assert.equal(await get(passed.remote(increment.remote)), 2);
    const makes = remote((make: typeof counters.remote) => get(make().increment.remote()));
    assert.equal(await get(makes.remote(counters.remote)), 1);
  });

  it("keeps cycles and shared parts", async () => {
    const part = { n: 1 };
    const whole: Record<string, unknown> = { a: part, b: part };
    whole["self"] = whole;
    const back = (await get(echo.remote(whole))) as typeof whole;
    assert.equal(back["self"], back);
    assert.equal(back["a"], back["b"]);
    assert.notEqual(back["a"], part);
  });

  it("brings instances of classes with their methods", async () => {
    const back = await get(echo.remote(new Point(3, 4)));
    assert.ok(back instanceof Point);
    assert.equal(back.length, 5);
    const scaled = await get(remote((point: Point) => new Point(point.x * 2, point.y * 2)).remote(new Point(3, 4)));
    assert.ok(scaled instanceof Point);
    assert.equal(scaled.length, 10);
  });

  it("sees a value as it was at put, and gives each reader its own", async () => {
    const list = [1, 2];
    const ref = put(list);
    list.push(3);
    const [a, b] = await get([ref, ref]);
    assert.deepEqual(a, [1, 2]);
    assert.notEqual(a, b);
    a.push(9);
    assert.deepEqual(await get(ref), [1, 2]);
    const bytes = new Uint8Array(200_000);
    const stored = put(bytes);
    bytes[0] = 1;
    assert.equal((await get(stored))[0], 0);
  });

  it("sees arguments as they were at the call", async () => {
    const list = [1];
    const ref = echo.remote(list);
    list.push(2);
    assert.deepEqual(await get(ref), [1]);
  });

  it("captures variables of any depth, as they are at the first call", async () => {
    const factor = { by: 2 };
    const helper = (n: number): number => n * factor.by;
    const scale = remote((n: number) => helper(n) + later);
    const later = 1;
    assert.equal(await get(scale.remote(5)), 11);
    factor.by = 100;
    assert.equal(await get(scale.remote(5)), 11);
  });

  it("takes captures that are given by name", async () => {
    const secret = "captured";
    const tell = remote(() => secret, { captures: { secret: "given" } });
    assert.equal(await get(tell.remote()), "given");
    assert.equal(await get(tell.options({ captures: { secret: "other" } }).remote()), "other");
  });

  it("explains what a function captures", () => {
    const table = Array.from({ length: 1000 }, (_, index) => index);
    const report = explainCapture(() => table.length);
    assert.ok(report.bytes > 1000);
    assert.ok(report.entries.some(({ path, by }) => path.includes("table") && by === "value"));
    assert.match(report.toString(), /table/);
  });

  it("says at the first call which variable cannot travel", () => {
    const lost = new WeakRef({});
    const useLost = remote(() => lost.deref());
    for (let attempt = 0; attempt < 2; attempt++) {
      assert.throws(
        () => useLost.remote(),
        (error: unknown) => error instanceof SerializationError && error.path.includes("lost"),
      );
    }
  });

  it("refuses a function that carries too much, and says which variable it is", () => {
    const huge = new Uint8Array(101 * 1024 * 1024);
    const useHuge = remote(() => huge.length);
    assert.throws(
      () => useHuge.remote(),
      (error: unknown) =>
        error instanceof SerializationError && /huge.*MB/.test(error.message) && /put\(\)/.test(error.hint),
    );
  });

  it("uses the serializer of a class both ways", async () => {
    registerSerializer(Money, { serialize: (money) => money.cents, deserialize: (cents: number) => new Money(cents) });
    const double = remote((money: Money) => new Money(money.cents * 2));
    const back = await get(double.remote(new Money(150)));
    assert.ok(back instanceof Money);
    assert.equal(back.cents, 300);
  });

  it("takes mocks of node:test along, each as a mock of its own", async () => {
    const tracker = mock.fn((x: number) => x * 2);
    const calls = remote((x: number) => [tracker(x), tracker.mock.callCount()]);
    assert.deepEqual(await get(calls.remote(2)), [4, 1]);
    assert.equal(tracker.mock.callCount(), 0);
  });

  it("keeps an object while any ref to it is left, and refuses a ref that was disposed of", async () => {
    const ref = put("kept");
    const copy = (await get(put([ref])))[0] as ObjectRef<string>;
    const inTime = get(ref);
    ref[Symbol.dispose]();
    ref[Symbol.dispose]();
    assert.equal(await inTime, "kept");
    assert.equal(await get(copy), "kept");
    await assert.rejects(get(ref), ObjectFreedError);
    assert.throws(() => echo.remote(ref), ObjectFreedError);
    assert.throws(() => put([ref]), ObjectFreedError);
    const pending = echo.remote("later");
    const got = get(pending);
    pending[Symbol.dispose]();
    assert.equal(await got, "later");
  });

  it("keeps what an unfinished call needs, though its refs are gone", async () => {
    const argument = put(20);
    const nested = put(22);
    const sum = remote(async (a: number, [b]: readonly ObjectRef<number>[]) => a + (await get(b as ObjectRef<number>)));
    const result = sum.remote(argument, [nested]);
    argument[Symbol.dispose]();
    nested[Symbol.dispose]();
    assert.equal(await get(result), 42);
  });
}
