// What a function carries: reports, explicit captures, limits, and the refusals that speak of functions.
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { describe, it } from "node:test";
import { SerializationError } from "../domain/errors.ts";
import { nearest } from "../std/nearest.ts";
import { encodeFunction, explainCapture } from "./function.ts";
import { decode } from "./value.ts";

type AnyFunction = (...args: never[]) => unknown;

function call(fn: AnyFunction, captures?: Record<string, unknown>): unknown {
  return (decode(encodeFunction(fn, { captures }).payload) as () => unknown)();
}

describe("captures", () => {
  it("what is given explicitly wins over the scope", () => {
    const setting = "from the scope";
    const other = 1;
    assert.deepEqual(
      call(() => [setting, other], { setting: "explicit" }),
      ["explicit", 1],
    );
  });

  it("a name that the function does not use is refused, with the one that was meant", () => {
    const setting = "from the scope";
    const fn = (): unknown => setting;
    assert.throws(
      () => call(fn, { seting: 1 }),
      /uses no outer variable 'seting', which the option captures gives it\.[^]*Did you mean setting\?/,
    );
    assert.throws(() => call(() => 1, { setting: 1 }), /Its outer variables: none\./);
    assert.throws(() => call(fn.bind(undefined), { setting: 1 }), /is a native or bound function/);
    // oxlint-disable-next-line no-eval -- names that nobody can see
    const evals = (): unknown => eval("given");
    assert.equal(call(evals, { given: 2 }), 2);
  });

  it("values are given to functions that travelled without any before, and to those that workers would import", () => {
    const print = (): unknown => typeof console;
    assert.equal(call(print), "object");
    assert.equal(call(print, { console: 1 }), "number");
    const shipped = decode(encodeFunction(nearest, { captures: { normalise: () => "" } }).payload) as typeof nearest;
    assert.equal(nearest("one", ["another"]), undefined);
    assert.equal(shipped("one", ["another"]), "another");
  });

  it("a variable in a box is called where a line begins and the one before has no semicolon", () => {
    const text =
      "(() => { let f = () => 0\n const set = (to) => { f = to }\n return () => { set(() => n++)\n let n = 1\n f()\n return n } })()";
    // oxlint-disable-next-line no-eval -- a formatter would write the semicolons
    assert.equal(call((0, eval)(text) as AnyFunction), 2);
  });

  it("the report tells how each variable travels, and how large it is", () => {
    const data = new Uint8Array(1000);
    const text = "é";
    const fn = (): unknown => [data, createServer, text];
    const report = explainCapture(fn);
    assert.deepEqual(
      report.entries.map(({ path, by }) => [path, by]),
      [
        ["fn -> data", "value"],
        ["fn -> createServer", "builtin"],
        ["fn -> text", "value"],
      ],
    );
    assert.ok((report.entries[0]?.bytes ?? 0) >= 1000);
    assert.ok(report.bytes > 1000 && report.bytes < 3000);
    assert.match(String(report), /fn -> data +by value +1\.0 kB/);
  });

  it("a report of what cannot travel says so", () => {
    const bad = Promise.resolve();
    assert.match(String(explainCapture(() => bad)), /bad is a Promise/);
  });

  it("warns of what is large, and refuses what is too large", () => {
    const some = new Uint8Array(5_000_000);
    const warned = new Uint8Array(10_000_000);
    const large = new Uint8Array(11_000_000);
    const huge = new Uint8Array(100_000_000);
    assert.equal(encodeFunction(() => some).report.warning, undefined);
    assert.match(
      String(encodeFunction(() => [some, large]).report.warning),
      /largest captured variables are large 11\.0 MB, some 5\.0 MB\. Use put\(\)/,
    );
    assert.match(String(encodeFunction(() => warned).report.warning), /warned 10\.0 MB/);
    assert.throws(() => encodeFunction(() => huge), /huge 100\.0 MB/);
  });

  it("closures of one literal carry its code once", () => {
    const readers = Array.from({ length: 100 }, (_, index) => () => `something long enough to count, ${index}`);
    assert.ok(encodeFunction(() => readers).payload.bytes.length < 3000);
  });
});

class Wallet {
  #coins = 1;
  prefix = "p";
  static reader(): (wallet: Wallet) => number {
    return (wallet) => wallet.#coins;
  }
  handler(): AnyFunction {
    return (x: string) => this.prefix + x;
  }
}

const withSuper = {
  __proto__: { hello: (): string => "" },
  hello(): string {
    return super.hello();
  },
}.hello;
function makeNewTarget(): AnyFunction {
  return () => new.target;
}
const gone = (): unknown => {
  const key = Symbol("gone");
  return class Keyed {
    [key] = 1;
  };
};

describe("refusals", () => {
  const handler = new Wallet().handler();
  const reader = Wallet.reader();
  const read = makeNewTarget();
  const Keyed = gone();
  let settle: AnyFunction = () => 0;
  void new Promise((resolve) => (settle = resolve));
  const cases: readonly (readonly [string, AnyFunction, RegExp])[] = [
    [
      "E1",
      () => handler,
      /f -> handler is an arrow function that uses 'this' of the enclosing method handler\.[^]*const self = this/,
    ],
    ["E2", () => read, /f -> read is an arrow function that uses 'new\.target'/],
    ["E3", () => reader, /f -> reader uses the private name #coins of class Wallet/],
    ["E4", () => withSuper, /f -> withSuper is a method that uses 'super'[^]*Capture the object or class/],
    ["E11", () => settle, /f -> settle is the native function/],
    ["E20", () => Keyed, /class Keyed: the key \[key\] could not be recovered/],
  ];
  for (const [name, fn, text] of cases) it(name, () => assert.throws(() => encodeFunction(fn, { name: "f" }), text));

  it("name the path through functions, and where each of them stands", () => {
    const server = createServer();
    const config = { list: [null, { cb: (): unknown => server }] };
    const handle = (): unknown => config;
    assert.throws(
      () => encodeFunction(handle),
      (error) => {
        assert.ok(error instanceof SerializationError);
        assert.equal(error.path, "handle -> config.list[1].cb -> server");
        assert.match(
          error.message,
          /^cannot ship handle: handle -> config\.list\[1\]\.cb -> server is a node:net\.Server/,
        );
        assert.match(
          error.location,
          /captured at {2}\S*function\.test\.\w+:\d+:\d+ {3}cb\nthrough {6}\S*function\.test\.\w+:\d+:\d+ {3}handle/,
        );
        return true;
      },
    );
  });
});

it("an arrow function in a field of a class is to be made a method", () => {
  class Counter {
    step = 2;
    add = (n: number): number => n + this.step;
  }
  const counter = new Counter();
  assert.throws(
    () => encodeFunction(() => counter.add(1)),
    /arrow function in a field of class Counter that uses 'this'[^]*Make it a method/,
  );
});
