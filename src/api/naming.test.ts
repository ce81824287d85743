// A function without a name gets that of the variable or property that its handle goes to.
import assert from "node:assert/strict";
import { test } from "node:test";
import { nameFromSource } from "./naming.ts";

function made(): string | undefined {
  return nameFromSource(made);
}

test("reads it where the function was called, through source maps, and finds the same again", () => {
  for (let round = 0; round < 2; round++) {
    const parse = made();
    assert.equal(parse, "parse");
  }
  assert.equal([made()][0], undefined);
});

test("code without a file has no names", () => {
  // oxlint-disable-next-line typescript/no-implied-eval -- code without a file
  const call = new Function("made", "const parse = made(); return parse;") as (of: typeof made) => string | undefined;
  assert.equal(call(made), undefined);
});
