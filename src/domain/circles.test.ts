// Who must end before objects are here.
import assert from "node:assert/strict";
import { test } from "node:test";
import { makersOf, type AwaitedCall } from "./circles.ts";

/** Calls by what they make, with the arguments that they lack. */
function made(calls: Readonly<Record<string, readonly string[]>>): (object: string) => AwaitedCall | undefined {
  return (object) => calls[object] && { id: `maker of ${object}`, lacks: calls[object] };
}

test("makers of arguments that have not come are waited for too, however far behind", () => {
  const calls = made({ x: ["y", "z"], y: ["w"], w: [] });
  assert.deepEqual(makersOf(["x"], calls), ["maker of x", "maker of y", "z", "maker of w"]);
  assert.deepEqual(makersOf(["y", "w"], calls), ["maker of y", "maker of w"]);
});

test("what is known of a long chain is cut", () => {
  const endless = (object: string): AwaitedCall => ({ id: object, lacks: [`${object}.`] });
  assert.equal(makersOf(["x"], endless).length, 1_000);
});
