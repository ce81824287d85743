// Values that are made to trip: what cannot travel is refused with its path, and nothing of the user's runs.
import assert from "node:assert/strict";
import { it } from "node:test";
import { runInThisContext } from "node:vm";
import { SerializationError } from "../domain/errors.ts";
import { decode, encode } from "./value.ts";

function there(value: unknown): unknown {
  return decode(encode(value));
}

it("memory that was given away, and views of what a buffer has lost, are refused", () => {
  const views: readonly ((memory: ArrayBuffer) => unknown)[] = [
    (memory) => memory,
    (memory) => new Uint8Array(memory),
    (memory) => new DataView(memory, 4, 4),
    (memory) => Buffer.from(memory),
  ];
  for (const view of views) {
    const memory = new ArrayBuffer(8);
    const value = { view: view(memory) };
    structuredClone(memory, { transfer: [memory] });
    assert.throws(
      () => encode(value),
      (error) =>
        error instanceof SerializationError && error.path === "value.view" && !error.message.includes("more that"),
    );
  }
  const Growing = ArrayBuffer as new (length: number, options: { maxByteLength: number }) => ArrayBuffer;
  for (const view of [
    (memory: ArrayBuffer) => new Uint8Array(memory, 4, 4),
    (memory: ArrayBuffer) => new DataView(memory, 4, 4),
  ]) {
    const memory = new Growing(8, { maxByteLength: 16 });
    const value = view(memory);
    Reflect.apply(Reflect.get(memory, "resize") as (size: number) => void, memory, [2]);
    assert.throws(() => encode(value), /does not have any more/);
  }
  assert.deepStrictEqual(there(new Uint8Array(0)), new Uint8Array(0));
  assert.throws(
    () => encode(new Uint8Array(new SharedArrayBuffer(8))),
    (error) => !String(error).includes("more that"),
  );
});

it("memory that is given away while the value is written is refused, wherever it was met first", () => {
  class Thief {
    readonly #from: ArrayBuffer;

    constructor(from: ArrayBuffer) {
      this.#from = from;
    }

    static [Symbol.for("ray-ts.serialize")](thief: Thief): number {
      structuredClone(thief.#from, { transfer: [thief.#from] });
      return 1;
    }

    static [Symbol.for("ray-ts.deserialize")](): object {
      return {};
    }
  }
  for (const size of [0, 8, 100_000]) {
    const views = [(memory: ArrayBuffer) => memory, (memory: ArrayBuffer) => new DataView(memory), Buffer.from];
    for (const view of views) {
      const memory = new ArrayBuffer(size);
      assert.throws(
        () => encode({ list: [1, view(memory)], thief: new Thief(memory), again: 1 }),
        (error) =>
          error instanceof SerializationError &&
          error.path === "value.list[1]" &&
          error.reason.includes("a serializer or a getter"),
      );
    }
  }
});

it("views of shared memory are refused with words that make a copy of each", () => {
  const shared = new SharedArrayBuffer(16);
  new Uint8Array(shared).fill(7);
  for (const view of [new Uint16Array(shared, 2, 3), Buffer.from(shared, 2, 6), new DataView(shared, 2, 6)]) {
    let hint = "";
    assert.throws(
      () => encode(view),
      (error) => error instanceof SerializationError && (hint = error.hint).startsWith("Copy the bytes: "),
    );
    const copy = runInThisContext(`(view) => ${/: (.*) has memory/.exec(hint)?.[1] ?? ""}`) as (
      from: object,
    ) => unknown;
    const back = there(copy(view)) as typeof view;
    assert.equal(back.constructor, view.constructor);
    assert.deepEqual(new Uint8Array(back.buffer, back.byteOffset, back.byteLength), new Uint8Array(6).fill(7));
  }
});

it("no trap of a Proxy above an object or function runs", () => {
  const traps = new Proxy(
    {},
    {
      get(_target, trap) {
        throw new Error(`asked for ${String(trap)}`);
      },
    },
  );
  const parent = new Proxy({ x: 1 }, traps);
  const values = [Object.create(parent), new Map(), [1]] as object[];
  for (const value of values) assert.ok(encode(Object.setPrototypeOf(value, parent)).bytes.length > 0);
  // The inspector asks functions more than we do.
  assert.throws(() => encode(Object.setPrototypeOf(() => 1, parent)), SerializationError);
});

it("the arguments of a call", () => {
  const args = (function (..._: unknown[]): IArguments {
    return arguments;
  })(1, { a: 2 });
  const back = there([args, "behind it"]) as [IArguments, string];
  assert.deepStrictEqual([...back[0]], [1, { a: 2 }]);
  assert.equal(back[1], "behind it");
});

it("a path that nobody could read is cut in the middle", () => {
  let list: unknown = { end: Promise.resolve() };
  for (let link = 0; link < 10_000; link++) list = { next: list };
  assert.throws(
    () => encode(list),
    (error) => error instanceof SerializationError && /^value\.next.* … 9961 more … .*\.next\.end$/.test(error.path),
  );
});

it("an array that is nearly all holes takes no memory for them", () => {
  const sparse: unknown[] = [];
  sparse[20_000_000] = 1;
  const payload = encode(sparse);
  const before = process.memoryUsage().heapUsed;
  const back = decode(payload) as unknown[];
  assert.ok(process.memoryUsage().heapUsed - before < 10_000_000);
  assert.deepStrictEqual([back.length, back[20_000_000], Object.keys(back).length], [20_000_001, 1, 1]);
});

it("views and buffers are what the engine says, not what their properties say", () => {
  const view = Object.defineProperty(new Uint8Array([1, 2, 3]), "length", { value: "long" });
  assert.deepStrictEqual([...(there(view) as Uint8Array).values()], [1, 2, 3]);
  const bare = there(Object.setPrototypeOf(new Uint8Array([4, 5]), null)) as Uint8Array;
  assert.equal(Object.getPrototypeOf(bare), null);
  assert.deepStrictEqual([bare[0], bare[1], bare[2]], [4, 5, undefined]);
  assert.equal(Object.getPrototypeOf(there(Object.setPrototypeOf(new ArrayBuffer(8), null))), null);
});

it("a frozen function is frozen, and so is its prototype", () => {
  for (const fn of [
    function f(): void {},
    class Kept {
      x = 1;
    },
  ]) {
    Object.freeze(fn.prototype);
    const back = there(Object.freeze(fn)) as typeof fn;
    assert.ok(Object.isFrozen(back) && Object.isFrozen(back.prototype));
  }
});

it("entries of weak collections that bring instances of classes, one after the other", () => {
  class Held {
    static readonly kept: readonly number[] = [1];
    other: unknown;
  }
  const keys = [{}, {}, {}];
  const weak = new WeakMap(keys.map((key) => [key, new Held()]));
  for (const key of keys) (weak.get(key) as Held).other = new WeakSet(keys);
  const [back, ...backKeys] = there([weak, ...keys]) as [typeof weak, ...object[]];
  for (const key of backKeys) {
    const held = back.get(key) as Held;
    assert.ok(held instanceof Held && (held.other as WeakSet<object>).has(key));
  }
});

it("a boxed string with properties that look like characters", () => {
  const text = Object.assign(Object("text") as object, { "-1": "before", "4": "behind" });
  assert.deepStrictEqual(Object.entries(there(text) as object), Object.entries(text));
});

it("an error whose name or message cannot be put into words", () => {
  const error = new Error("m");
  Object.defineProperty(error, "message", { value: error, writable: true });
  const back = there([error, "behind it"]) as [Error, string];
  assert.equal(back[0].message, back[0]);
  assert.equal(back[1], "behind it");
});
