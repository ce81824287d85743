// Random graphs of values there and back, and damaged payloads: what arrives is what was sent, and damage is told at once.
//
//   RAY_TS_FUZZ_GRAPHS=100000 RAY_TS_FUZZ_SEED=7 node build/tools/run-tests.js closures/fuzz
import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { SerializationError } from "ray-ts";
import { encodeFunction } from "#src/codec/function.js";
import { decode, encode } from "#src/codec/value.js";
import { SeededRandom } from "#src/std/random.js";
import { suiteFolder } from "../matrix/sources.js";

type Difference = (actual: unknown, expected: unknown) => string | undefined;
const { difference } = (await import(pathToFileURL(path.join(suiteFolder, "compare.mjs")).href)) as {
  difference: Difference;
};

const graphs = Number(process.env["RAY_TS_FUZZ_GRAPHS"] ?? 2000);
const firstSeed = Number(process.env["RAY_TS_FUZZ_SEED"] ?? 1);

class Parent {
  own = 1;
}
class Child extends Parent {
  static list = [1];
  read(): number {
    return this.own;
  }
}
class Named extends RangeError {
  extra = ["more"];
}
class OwnMap extends Map {}

const symbols = [Symbol("a"), Symbol.for("registered"), Symbol.iterator];
const keys = [
  "a",
  "b",
  "__proto__",
  "constructor",
  "0",
  "17",
  "-1",
  "odd key",
  "é",
  "\ud800",
  "then",
  "toJSON",
  "",
  "name",
];
const primitives: readonly unknown[] = [
  ...[0, -0, NaN, -Infinity, 63, 64, -1, 2 ** 31, 2 ** 53, 1.5, 5e-324, "", "é", "日本", "\ud800", "x".repeat(64)],
  ...[true, null, undefined, 0n, -(2n ** 64n), ...symbols],
];

type Make = (random: SeededRandom, memory: ArrayBuffer) => object;
const makers: readonly Make[] = [
  ...[(): object => ({}), (): object => [], (): object => new Map(), (): object => new Set()],
  ...[(): object => new Date(5), (): object => /a(?<n>b)/dgu, (): object => new URL("http://a/b?c#d")],
  ...[
    (): object => new Named("n"),
    (): object => new AggregateError([1]),
    (): object => new TypeError("t", { cause: 1 }),
  ],
  ...[(): object => new Parent(), (): object => new Child(), (): object => new OwnMap(), (): object => Child],
  ...[(): object => new WeakMap(), (): object => new WeakSet(), (): object => Object(5n), (): object => Object("text")],
  ...[(): object => () => 1, (): object => function named() {}, (): object => Map],
  ...[
    (): object => Object.create(null),
    (): object => Object.create({ inherited: 1 }),
    (): object => Buffer.from("hello"),
  ],
  ...[(): object => [1, 2, 3, 4, -0], (): object => Array.from({ length: 20 }, (_, index) => index * 300)],
  (): object => {
    const sparse: unknown[] = [];
    sparse[1000] = 1;
    return sparse;
  },
  (random, memory): object => new Uint8Array(memory, random.below(8), random.below(8)),
  (random, memory): object => new DataView(memory, random.below(8)),
  (_random, memory): object => memory,
];
/** Not ours to change, or the same here and there. */
const fixed = new Set<object>([Child, Map]);

function graph(random: SeededRandom): unknown {
  const memory = new ArrayBuffer(32);
  const nodes = Array.from({ length: random.between(1, 12) }, () => random.pick(makers)(random, memory));
  const any = (): unknown => (random.chance(0.45) ? random.pick(primitives) : random.pick(nodes));
  for (let edges = random.below(25); edges > 0; edges--) link(random.pick(nodes), any, random);
  for (const node of nodes) {
    if (fixed.has(node) || ArrayBuffer.isView(node) || node instanceof ArrayBuffer) continue;
    const fate = random.below(20);
    if (fate === 0) Object.freeze(node);
    else if (fate === 1) Object.preventExtensions(node);
    else if (fate === 2 && node.constructor === Object) Object.setPrototypeOf(node, Child.prototype);
  }
  return random.chance(0.5) ? nodes : nodes[0];
}

function link(node: object, any: () => unknown, random: SeededRandom): void {
  const [one, other] = [any(), any()];
  if (fixed.has(node) || ArrayBuffer.isView(node) || node instanceof ArrayBuffer) return;
  if (node instanceof Map) node.set(one, other);
  else if (node instanceof Set) node.add(one);
  else if (node instanceof WeakMap || node instanceof WeakSet) {
    if (typeof one !== "object" || one === null) return;
    if (node instanceof WeakMap) node.set(one, other);
    else node.add(one);
  } else if (Array.isArray(node)) node.push(one);
  else property(node, one, random);
}

function property(node: object, value: unknown, random: SeededRandom): void {
  const key = random.chance(0.15) ? random.pick(symbols) : random.pick(keys);
  const [enumerable, configurable] = [random.chance(0.7), random.chance(0.7)];
  const isAccessor = random.chance(0.2);
  const descriptor = isAccessor
    ? { get: () => 1, enumerable, configurable }
    : { value, writable: random.chance(0.7), enumerable, configurable };
  // What is there already may refuse it.
  Reflect.defineProperty(node, key, descriptor);
}

test("random graphs arrive as they were", () => {
  for (let seed = firstSeed; seed < firstSeed + graphs; seed++) {
    const value = graph(new SeededRandom(seed));
    assert.equal(difference(decode(encode(value)), value), undefined, `seed ${seed}`);
  }
});

test("damaged payloads are told as such", () => {
  let count = 0;
  const payloads = [encodeFunction(Child).payload, encodeFunction(() => ++count).payload];
  for (let seed = 1; seed <= 60; seed++) payloads.push(encode(graph(new SeededRandom(seed))));
  const random = new SeededRandom(firstSeed);
  for (let round = 0; round < 10 * graphs; round++) {
    const payload = random.pick(payloads);
    const bytes = Uint8Array.from(payload.bytes);
    for (let damages = random.between(1, 3); damages > 0; damages--) {
      const at = random.below(bytes.length);
      bytes[at] = random.chance(0.5) ? random.below(256) : (bytes[at] as number) ^ (1 << random.below(8));
    }
    const kept = random.chance(0.3) ? bytes.slice(0, random.below(bytes.length)) : bytes;
    try {
      decode({ ...payload, bytes: kept });
    } catch (error) {
      assert.ok(error instanceof SerializationError, `round ${round}: ${String(error)}`);
    }
  }
});
