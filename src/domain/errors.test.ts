// The table, the classes and the way across processes agree; instanceof survives a second copy of the package.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { errorTable, fieldsOf } from "./error-table.ts";
import type { ErrorName } from "./error-table.ts";
import * as errors from "./errors.ts";

const names = Object.keys(errorTable) as ErrorName[];
const copyUrl = new URL("errors.js?copy=2", import.meta.url).href;
const copy = (await import(copyUrl)) as typeof errors;

test("every class is in the table under its code, with its parent", () => {
  for (const name of names) {
    const { code, parent } = errorTable[name];
    const errorClass = errors[name];
    const expected = name === "RayError" ? "RAY_ERROR" : `RAY${name.replaceAll(/[A-Z]/g, "_$&").toUpperCase()}`;
    assert.equal(code, expected);
    assert.equal(errorClass.name, name);
    assert.equal(Object.getPrototypeOf(errorClass), parent === "Error" ? Error : errors[parent]);
  }
  assert.equal(new Set(names.map((name) => errorTable[name].code)).size, names.length);
});

test("errors are instances of their class and its parents, of this copy and of another", () => {
  assert.notEqual(copy.RayError, errors.RayError);
  const ancestors = (name: ErrorName): ErrorName[] => {
    const { parent } = errorTable[name];
    return parent === "Error" ? [name] : [name, ...ancestors(parent)];
  };
  for (const name of names) {
    const error = new errors[name]("x");
    const line = new Set(ancestors(name));
    assert.ok(error instanceof Error);
    for (const other of names) {
      assert.equal(error instanceof errors[other], line.has(other), `${name} instanceof ${other}`);
      assert.equal(error instanceof copy[other], line.has(other), `${name} instanceof the other ${other}`);
    }
  }
  for (const value of [null, undefined, 1, "x", {}, new Error("x"), () => 1])
    assert.ok(!(value instanceof errors.RayError));
});

test("classes that users derive are told by their own prototype", () => {
  class Mine extends errors.ConnectionError {}
  assert.ok(new Mine("x") instanceof Mine);
  assert.ok(new Mine("x") instanceof errors.ConnectionError);
  assert.ok(!(new errors.ConnectionError("x") instanceof Mine));
});

test("an error goes over as data and comes back as it was", () => {
  for (const name of names) {
    const fields = Object.fromEntries(Object.keys(fieldsOf(name)).map((field) => [field, `some ${field}`]));
    const error = new errors[name]("what happened", fields);
    const plain = errors.toPlain(error);
    assert.deepEqual(plain, structuredClone(plain));
    const back = errors.fromPlain(plain, { cause: "why" });
    assert.ok(back instanceof errors[name]);
    assert.deepEqual(errors.toPlain(back), plain);
    assert.equal(back.name, name);
    assert.equal(back.code, errorTable[name].code);
    assert.equal(back.cause, "why");
  }
});

test("missing fields have their defaults; a code from a newer version is kept", () => {
  const crashed = new errors.WorkerCrashedError("x");
  assert.deepEqual([crashed.exitCode, crashed.signal, crashed.lastStderr], [null, null, ""]);
  const newer = errors.fromPlain({ code: "RAY_FUTURE_ERROR", message: "later", fields: {} });
  assert.ok(newer instanceof errors.RayError);
  assert.equal(newer.code, "RAY_FUTURE_ERROR");
});

test("the stack begins with the name, and printing shows code and fields", () => {
  const error = new errors.ObjectFreedError("gone", { objectId: "ab" });
  assert.match(error.stack ?? "", /^ObjectFreedError: gone\n\s+at /);
  assert.match(inspect(error), /code: 'RAY_OBJECT_FREED_ERROR'/);
  assert.match(inspect(error), /objectId: 'ab'/);
});

test("printing does not tell again what the message tells", () => {
  const error = new errors.SerializationError("Cannot ship parse: config.server is a Server", {
    path: "config.server",
  });
  assert.equal(error.path, "config.server");
  assert.equal(inspect(error).split("config.server").length, 2);
});
