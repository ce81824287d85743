// What is large, and what is not.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { weighs } from "./weight.ts";

test("what has many bytes is large, wherever they are", () => {
  const rows = Array.from({ length: 1_000 }, (_, index) => ({ index, name: `row ${index}` }));
  const large = [
    "x".repeat(10_000),
    new Float64Array(1_250),
    new ArrayBuffer(10_000),
    rows,
    { of: { rows } },
    new Map(rows.map((row) => [row.name, row])),
    new Set(rows.map(({ name }) => name)),
    Object.fromEntries(rows.map(({ name, index }) => [name, index])),
    new (class {
      readonly rows = rows;
    })(),
  ];
  for (const each of large) {
    assert.ok(weighs(each, 10_000), inspect(each));
    assert.ok(!weighs(each, 1_000_000), inspect(each));
  }
});

test("what is small, or only seems to be large, is not", () => {
  const circle: unknown[] = [];
  circle.push(circle, circle);
  const row = { name: "x".repeat(100) };
  const getter = {
    get rows(): never {
      throw new Error("nobody's code");
    },
  };
  const trap = (): never => {
    throw new Error("nobody's code");
  };
  const proxy = new Proxy({}, { get: trap, ownKeys: trap, getPrototypeOf: trap, getOwnPropertyDescriptor: trap });
  for (const each of [undefined, null, 1, "x", {}, circle, Array.from({ length: 100 }, () => row), getter, proxy])
    assert.ok(!weighs(each, 10_000));
});
