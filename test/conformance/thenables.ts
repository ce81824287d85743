// Thrown values and results that bite whoever looks at them or waits for them: traps, accessors, and methods called `then`.
import assert from "node:assert/strict";
import { it } from "node:test";
import { get, put, remote, TaskError, type ObjectRef } from "ray-ts";

/** In a box: a promise that is resolved with such an error would call its `then`. */
async function failureOf(ref: ObjectRef<unknown>): Promise<{ error: unknown }> {
  try {
    await get(ref);
  } catch (error) {
    return { error };
  }
  return assert.fail("it did not fail");
}

function bite(): never {
  throw new RangeError("it was looked at");
}

/** Never calls back: whoever waits for it waits for ever. */
function silent(): object {
  // oxlint-disable-next-line unicorn/no-thenable -- that is what it is about
  return Object.defineProperty({ kept: 1 }, "then", { value: () => {}, enumerable: true });
}

const thrown: Readonly<Record<string, () => unknown>> = {
  trap: () => new Proxy({}, { get: bite, has: bite, getPrototypeOf: bite, ownKeys: bite }),
  revoked: () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  custom: () => ({ [Symbol.for("nodejs.util.inspect.custom")]: bite }),
  accessor: () => Object.defineProperty(new Error("as it was"), "code", { get: bite, enumerable: true }),
  thenable: () => Object.assign(new Error("as it was"), silent()),
};

export function thenables(): void {
  for (const [way, make] of Object.entries(thrown)) {
    it(`throws a TaskError for what cannot be looked at: ${way}`, async () => {
      const fail = remote(
        () => {
          throw make();
        },
        { name: way },
      );
      const { error } = await failureOf(fail.remote());
      assert.ok(error instanceof TaskError);
      assert.match(error.message, new RegExp(`^Task ${way} threw.*: (?:as it was|a value that is no Error: .+)$`));
    });
  }

  it("says that a value with a method 'then' cannot be awaited, and how to get it", async () => {
    const { error } = await failureOf(put(silent()));
    assert.ok(error instanceof TypeError);
    assert.match(error.message, /^ObjectRef\(\w+\) has a value with a method 'then'.*get\(\[ref\]\)/);
    const [value] = await get([put(silent())]);
    assert.equal(Reflect.get(value, "kept"), 1);
    const pair = remote((): [number, object] => [1, silent()], { numReturns: 2 }).remote();
    assert.match(String((await failureOf(pair[1])).error), /TypeError: Task .* has a value with a method 'then'/);
  });
}
