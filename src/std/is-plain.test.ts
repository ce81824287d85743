// What counts as a plain object, where options are looked at.
import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { isInstance, isPlain } from "./is-plain.ts";

class Made {
  readonly numCpus = 1;
}

test("plain is what has no class, of whichever realm, and the environment", () => {
  const plain = [{}, Object.create(null), runInNewContext("({ a: 1 })"), Object.freeze({ a: 1 }), process.env];
  for (const value of plain) assert.deepEqual([isPlain(value), isInstance(value)], [true, false]);
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  for (const value of [[], null, undefined, 1, "a", () => 1, revoked.proxy]) assert.equal(isPlain(value), false);
  for (const value of [new Map(), new Date(), new Made(), Object.create({ a: 1 }), AbortSignal.abort()])
    assert.deepEqual([isPlain(value), isInstance(value)], [false, true]);
});
