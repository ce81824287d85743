// Values there and back in one process: everything that structured cloning keeps, and what it loses.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EventEmitter } from "node:events";
import { SerializationError } from "../domain/errors.ts";
import { decode, encode } from "./value.ts";

function there(value: unknown): unknown {
  return decode(encode(value));
}

function same(value: unknown): void {
  assert.deepStrictEqual(there(value), value);
}

/** What must be found on both sides, beyond deep equality. */
function shapeOf(value: object): unknown {
  return [
    Object.getOwnPropertyDescriptors(value),
    Object.isFrozen(value),
    Object.isSealed(value),
    Object.isExtensible(value),
  ];
}

describe("primitives", () => {
  it("numbers, strings, bigints, symbols, nothing", () => {
    const values = [
      0,
      -0,
      NaN,
      Infinity,
      2 ** 53,
      0.1,
      "",
      "é",
      "\ud800",
      0n,
      -1n,
      2n ** 200n,
      -(2n ** 64n),
      null,
      undefined,
      true,
    ];
    for (const value of values) assert.ok(Object.is(there(value), value), String(value));
    for (const value of [Symbol.for("registered"), Symbol.iterator]) assert.equal(there(value), value);
  });

  it("a symbol of one's own is itself again, also in another payload", () => {
    const own = Symbol("own");
    assert.equal(there(own), own);
    assert.equal(Object.getOwnPropertySymbols(there({ [own]: 1 }) as object)[0], own);
  });
});

describe("objects", () => {
  it("an accessor among the elements of an array is read, as structured cloning reads it; elsewhere it is kept", () => {
    const list = [1, 2];
    Object.defineProperty(list, 1, { get: () => 3, enumerable: true, configurable: true });
    assert.deepStrictEqual(there(list), structuredClone(list));
    const object = there({
      get broken(): never {
        throw new Error("called");
      },
    }) as object;
    assert.throws(() => Reflect.get(object, "broken"), /called/);
    Object.defineProperty(list, 1, {
      get() {
        throw new RangeError("the user's own");
      },
    });
    assert.throws(() => encode(list), /the user's own/);
    same([1, 2]);
  });

  it("plain ones, lists of numbers, lists of records", () => {
    same({ a: 1, b: { c: ["x", null, undefined, { d: 1.5 }] } });
    same([1, 2, 3, 4, 5]);
    same([1, 2, 3, 4, 70_000, -1]);
    same([0.5, -0, 3, 4]);
    same(Array.from({ length: 100 }, (_, id) => ({ id, name: `n${id}`, tags: ["a", "b"] })));
    same(Array.from({ length: 50 }, (_, index) => ({ [`key${index}`]: index, [`other${index % 7}`]: 1 })));
  });

  it("cycles and what is shared", () => {
    const one: Record<string, unknown> = { name: "one" };
    one["self"] = one;
    one["list"] = [one, [one]];
    const back = there(one) as typeof one;
    assert.equal(back["self"], back);
    assert.equal((back["list"] as unknown[])[0], back);
    const shared = new Map<unknown, unknown>([["k", 1]]);
    shared.set(shared, shared);
    const [a, b] = there([shared, { shared }]) as [Map<unknown, unknown>, { shared: unknown }];
    assert.equal(a, b.shared);
    assert.equal(a.get(a), a);
  });

  it("holes, further properties, sparse lists, a fixed length", () => {
    const holes: unknown[] = [1];
    holes[2] = undefined;
    holes[5] = 5;
    same(holes);
    same(Object.assign([1, 2], { extra: [1] }));
    const wide: string[] = [];
    wide[4_000_000_000] = "far";
    same(wide);
    const long = Object.assign(
      Array.from({ length: 50 }, (_, index) => index),
      { extra: 1 },
    );
    same(long);
    const hidden = Object.defineProperty(
      Array.from({ length: 50 }, () => 0),
      "hidden",
      { value: 1 },
    );
    assert.deepEqual(shapeOf(there(hidden) as object), shapeOf(hidden));
    const fixed = Object.defineProperty([1], "length", { writable: false });
    assert.deepEqual(shapeOf(there(fixed) as object), shapeOf(fixed));
  });

  it("prototypes, descriptors, frozen ones", () => {
    const base = Object.create(null, { inherited: { value: 1 } }) as object;
    const child = Object.assign(Object.create(base) as object, { own: 2 });
    const back = there({ child, again: Object.create(base) as object }) as { child: object; again: object };
    assert.equal(Object.getPrototypeOf(back.child), Object.getPrototypeOf(back.again));
    assert.equal(Reflect.get(back.child, "inherited"), 1);
    const odd = Object.defineProperties(
      {},
      { constant: { value: 1, enumerable: true }, [Symbol.for("s")]: { value: 2 } },
    );
    for (const value of [
      odd,
      Object.freeze({ a: 1 }),
      Object.seal({ b: [1] }),
      Object.preventExtensions([1]),
      Object.preventExtensions({ c: 1 }),
    ]) {
      assert.deepEqual(shapeOf(there(value) as object), shapeOf(value));
    }
  });

  it("an own __proto__ key is a key", () => {
    const parsed = JSON.parse('{"__proto__": {"polluted": true}, "a": 1}') as object;
    const back = there(parsed) as Record<string, unknown>;
    assert.deepEqual(Object.keys(back), ["__proto__", "a"]);
    assert.equal(back["polluted"], undefined);
  });

  it("toJSON is an ordinary property, and getters are not called", () => {
    let calls = 0;
    const value = {
      toJSON: 5,
      get trap(): number {
        return (calls += 1);
      },
    };
    const back = there(value) as typeof value;
    assert.equal(calls, 0);
    assert.equal(back.toJSON, 5);
    assert.equal(typeof Object.getOwnPropertyDescriptor(back, "trap")?.get, "function");
  });

  it("builtin objects with something inside", () => {
    assert.ok(Number.isNaN((there(new Date(NaN)) as Date).getTime()));
    same([new Date(5), /a(?<n>b)/gi, new Set([1, new Set([2])]), Object(1), Object("text"), Object(5n)]);
    const moved = /x/y;
    moved.lastIndex = 3;
    assert.equal((there(moved) as RegExp).lastIndex, 3);
    same(new URL("https://user@example.com:8080/a%20b?q=1#h"));
    same([
      Array.isArray,
      Math,
      process,
      console,
      globalThis,
      Object.prototype,
      structuredClone,
      EventEmitter,
      AbortController,
    ]);
    const emitter = new EventEmitter();
    assert.ok(there(emitter) instanceof EventEmitter);
  });

  it("weak collections, with the keys that travel too", () => {
    const [one, two, alone] = [{ n: 1 }, { n: 2 }, {}];
    const next = new WeakMap<object, unknown>([
      [one, two],
      [two, "end"],
      [alone, 1],
    ]);
    const back = there({ one, next, marked: new WeakSet([one]) }) as {
      one: object;
      next: WeakMap<object, unknown>;
      marked: WeakSet<object>;
    };
    assert.equal(back.next.get(back.next.get(back.one) as object), "end");
    assert.ok(back.marked.has(back.one));
  });

  it("errors, of all classes and with all that hangs on them", () => {
    const error = Object.assign(new TypeError("outer", { cause: new RangeError("inner") }), {
      code: "E_CODE",
      details: { n: 1 },
    });
    const back = there(error) as typeof error;
    assert.ok(back instanceof TypeError && back.cause instanceof RangeError);
    assert.deepEqual([back.stack, back.code, back.details], [error.stack, "E_CODE", { n: 1 }]);
    assert.equal(Object.hasOwn(there(new Error()) as object, "message"), false);
    const many = there(new AggregateError([error, "text"], "several")) as AggregateError;
    assert.equal((many.errors[0] as typeof error).code, "E_CODE");
    const abort = there(new DOMException("stop", "AbortError")) as DOMException;
    assert.deepEqual([abort.name, abort.message, abort instanceof DOMException], ["AbortError", "stop", true]);
  });
});

describe("binary", () => {
  it("every view, and what several share", () => {
    const buffer = new ArrayBuffer(16);
    const views = {
      bytes: new Uint8Array(buffer),
      words: new Uint16Array(buffer, 2, 3),
      view: new DataView(buffer, 4, 8),
      buffer,
    };
    views.bytes.set([1, 2, 3, 4]);
    const back = there(views) as typeof views;
    assert.deepEqual(back.bytes, views.bytes);
    assert.equal(back.words.buffer, back.buffer);
    assert.deepEqual([back.words.byteOffset, back.view.byteOffset], [2, 4]);
    same([new Float64Array([0.5]), new BigInt64Array([-1n]), new Uint8ClampedArray([300]), new Uint8Array(0)]);
    const extra = Object.assign(new Uint8Array(100), { extra: 1 });
    assert.equal((there(extra) as typeof extra).extra, 1);
  });

  it("a Buffer brings its own bytes, not its pool", () => {
    const small = Buffer.from("small");
    const payload = encode(small);
    assert.ok(payload.bytes.length < 100 && payload.buffers.length === 0);
    assert.equal((decode(payload) as Buffer).toString(), "small");
    assert.ok(Buffer.isBuffer(decode(payload)));
    const large = Buffer.alloc(1_000_000, 1);
    const part = encode(large.subarray(100, 200));
    assert.ok(part.bytes.length < 300);
  });

  it("large buffers go out of band, once, and each decoding has its own", () => {
    const large = new Float64Array(100_000).fill(1.5);
    const payload = encode({ large, again: large });
    assert.deepEqual(
      payload.buffers.map(({ byteLength }) => byteLength),
      [800_000],
    );
    const [one, other] = [decode(payload), decode(payload)] as [
      { large: Float64Array; again: Float64Array },
      { large: Float64Array },
    ];
    assert.equal(one.large, one.again);
    one.large[0] = 9;
    assert.deepEqual([other.large[0], large[0]], [1.5, 1.5]);
  });

  it("a resizable buffer still is one, and its views still follow", () => {
    const memory = Reflect.construct(ArrayBuffer, [8, { maxByteLength: 16 }]) as ArrayBuffer;
    const back = there({ memory, view: new Uint8Array(memory) }) as { memory: ArrayBuffer; view: Uint8Array };
    (Reflect.get(back.memory, "resize") as (length: number) => void).call(back.memory, 16);
    assert.equal(back.view.length, 16);
  });
});

describe("depth", () => {
  it("a list of 300,000 links", () => {
    let list: unknown = null;
    for (let i = 0; i < 300_000; i++) list = { i, list };
    let length = 0;
    for (let at = there(list) as { list: unknown } | null; at !== null; at = at.list as typeof at) length += 1;
    assert.equal(length, 300_000);
  });

  it("arrays, maps, prototypes and functions in each other", () => {
    let nested: unknown = [];
    for (let i = 0; i < 5000; i++) nested = [new Map([["in", Object.create({ in: nested }) as object]])];
    there(nested);
    let chain = (): unknown => 0;
    for (let i = 0; i < 3000; i++) {
      const inner = chain;
      chain = () => inner;
    }
    let length = 0;
    for (let at = there(chain) as () => unknown; typeof at() === "function"; at = at() as typeof at) length += 1;
    assert.equal(length, 3000);
  });
});

describe("refusals", () => {
  const bad = (): unknown => Promise.resolve();
  const paths: readonly (readonly [string, unknown])[] = [
    ["value.a[1].b", { a: [0, { b: bad() }] }],
    ['value["odd key"]', { "odd key": bad() }],
    ['value.get("k")', new Map([["k", bad()]])],
    ["value<set item 0>", new Set([bad()])],
    ["value<prototype>.x", Object.create({ x: bad() })],
    ["value[Symbol(s)]", { [Symbol("s")]: bad() }],
  ];
  for (const [path, value] of paths) {
    it(path, () => {
      assert.throws(
        () => encode(value),
        (error) => error instanceof SerializationError && error.path === path,
      );
    });
  }

  it("what to do about a promise depends on where it is", () => {
    const hint = (root: string): string => {
      try {
        encode({ a: bad() }, root);
      } catch (error) {
        return error instanceof SerializationError ? error.hint : "";
      }
      return "";
    };
    assert.equal(hint("result of f"), "Await it before you return it.");
    assert.equal(hint("result 2 of f"), "Await it before you return it.");
    assert.match(hint("item 3 of f"), /before you yield it/);
    assert.match(hint("the value"), /put\(await promise\)/);
    assert.match(hint("argument 1 of f"), /Await it before you submit/);
  });

  it("what cannot travel says why", () => {
    const values: readonly (readonly [unknown, RegExp])[] = [
      [new WeakRef({}), /is a WeakRef/],
      [new AbortController(), /AbortController: it belongs to this process\..*options\(\{ signal \}\)/s],
      [(function* () {})(), /generator/],
      [[][Symbol.iterator](), /iterator/],
      [new SharedArrayBuffer(8), /SharedArrayBuffer.*new Uint8Array\(shared\)\.slice\(\)/s],
      [new Uint8Array(new SharedArrayBuffer(8)), /view of a SharedArrayBuffer.*view\.slice\(\)/s],
      [
        new (class Vault {
          #secret = 1;
          get secret(): number {
            return this.#secret;
          }
        })(),
        /class Vault, which has private members \(#secret\)/,
      ],
    ];
    for (const [value, text] of values) assert.throws(() => encode({ value }), text);
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    assert.throws(() => encode([proxy]), /revoked Proxy/);
  });

  it("tells several at once, and names arguments", () => {
    assert.throws(
      () => encode([bad(), { deep: new WeakRef({}) }], (index) => `argument ${index + 1} of slow`),
      (error: Error) => {
        assert.match(error.message, /argument 1 of slow is a Promise/);
        assert.match(error.message, /\(argument 2 of slow\)\.deep is a WeakRef/);
        return true;
      },
    );
  });

  it("leaves nothing behind", () => {
    assert.throws(() => encode({ a: bad() }));
    same({ a: 1 });
  });
});

describe("garbage", () => {
  it("ends in a SerializationError, whatever the bytes", () => {
    const good = [
      encode({ a: [1, { b: "x" }], m: new Map([[1, {}]]), e: new Error("q"), u: new Uint8Array(5) }),
      encode([1, "é".repeat(99)]),
    ];
    let state = 12_345;
    const next = (below: number): number => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) % below;
    for (let round = 0; round < 20_000; round++) {
      const payload = good[round % good.length] as (typeof good)[0];
      const bytes = Uint8Array.from(payload.bytes);
      for (let change = 0; change < 1 + (round % 4); change++) bytes[next(bytes.length)] = next(256);
      const cut = round % 5 === 0 ? bytes.subarray(0, next(bytes.length)) : bytes;
      try {
        decode({ ...payload, bytes: cut });
      } catch (error) {
        assert.ok(error instanceof SerializationError, String((error as Error).stack));
      }
    }
  });
});
