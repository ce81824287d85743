// The text of a function where programs have replaced what gives it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { textOf } from "./text-of.ts";

const url = new URL("./text-of.js", import.meta.url).href;

/** Loads the module once more while `replacement` stands in the place of the language's own. */
async function loadedUnder(replacement: (this: unknown) => string, name: string): Promise<typeof textOf> {
  const { toString } = Function.prototype;
  Reflect.set(Function.prototype, "toString", replacement);
  try {
    return ((await import(`${url}?${name}`)) as { textOf: typeof textOf }).textOf;
  } finally {
    Reflect.set(Function.prototype, "toString", toString);
  }
}

test("what is replaced later is passed over", () => {
  const { toString } = Function.prototype;
  Reflect.set(Function.prototype, "toString", () => "() => 1");
  try {
    assert.match(
      textOf(() => 55),
      /55/,
    );
  } finally {
    Reflect.set(Function.prototype, "toString", toString);
  }
});

test("what was replaced before is too, if it lies or fails", async () => {
  const lies = await loadedUnder(() => "() => 1", "lies");
  const fails = await loadedUnder(() => {
    throw new Error("not yours");
  }, "fails");
  assert.deepEqual(
    [lies, fails].map((each) => each(() => 55)),
    [textOf(() => 55), textOf(() => 55)],
  );
});
