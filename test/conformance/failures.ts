// What comes out when a call fails: the class, the cause, where it was, and whom it takes along.
import assert from "node:assert/strict";
import { it } from "node:test";
import { get, put, RayError, remote, SerializationError, TaskError, UnschedulableError, type ObjectRef } from "ray-ts";
import type { Setting } from "./setting.ts";

class InsufficientFunds extends Error {
  readonly missing: number;
  constructor(missing: number) {
    super(`${missing} are missing`);
    this.name = "InsufficientFunds";
    this.missing = missing;
  }
}

/** What get rejects with. */
async function failureOf(ref: ObjectRef<unknown>): Promise<Error> {
  try {
    await get(ref);
  } catch (error) {
    assert.ok(error instanceof Error);
    return error;
  }
  return assert.fail("it did not fail");
}

export function failures({ address }: Setting): void {
  const isInline = address === "inline";
  const withdraw = remote(function withdraw(missing: number): never {
    throw new InsufficientFunds(missing);
  });

  it("throws the thrown class, that is a TaskError too, with its properties", async () => {
    const error = await failureOf(withdraw.remote(30));
    assert.ok(error instanceof InsufficientFunds);
    assert.ok(error instanceof TaskError);
    assert.ok(error instanceof RayError);
    assert.equal(error.missing, 30);
    assert.equal(error.code, "RAY_TASK_ERROR");
    assert.ok(error.cause instanceof InsufficientFunds);
    assert.equal(error.cause.message, "30 are missing");
  });

  it("says which function, in which worker if there are any, submitted where, and shows the remote stack", async () => {
    const { message, stack = "" } = await failureOf(withdraw.remote(30));
    assert.match(message, /withdraw/);
    assert.match(message, /30 are missing/);
    assert.match(message, isInline ? /withdraw threw, / : /withdraw threw in worker process \d+, /);
    assert.match(message, /submitted at .*failures/);
    assert.ok(stack.includes(message));
    assert.match(stack, /\n {4}at withdraw \(.*failures\.\w+:\d+:\d+\)/);
    assert.doesNotMatch(stack, /\/dist\/|async_hooks|AsyncLocalStorage/);
  });

  it("keeps a code of one's own", async () => {
    const fail = remote(() => {
      throw Object.assign(new Error("gone"), { code: "EGONE" });
    });
    assert.equal(Reflect.get(await failureOf(fail.remote()), "code"), "EGONE");
  });

  const thrown: readonly [string, () => unknown, (cause: unknown) => void][] = [
    ["a string", () => "plain", (cause) => assert.equal(cause, "plain")],
    ["undefined", () => undefined, (cause) => assert.equal(cause, undefined)],
    ["an object", () => ({ reason: "r" }), (cause) => assert.deepEqual(cause, { reason: "r" })],
    ["an AggregateError", () => new AggregateError([new TypeError("a"), 2], "both"), checkAggregate],
    ["an error with a cause", () => new Error("outer", { cause: new RangeError("inner") }), checkCause],
  ];
  for (const [what, make, check] of thrown) {
    it(`carries ${what} that was thrown`, async () => {
      const fail = remote(() => {
        throw make();
      });
      const error = await failureOf(fail.remote());
      assert.ok(error instanceof TaskError);
      check(error.cause);
    });
  }

  it("carries what an abort throws", async () => {
    const fail = remote(async () => {
      AbortSignal.abort().throwIfAborted();
    });
    const error = await failureOf(fail.remote());
    assert.ok(error instanceof DOMException);
    assert.equal(error.name, "TaskError(AbortError)");
  });

  it("treats a rejected promise like a throw", async () => {
    const reject = remote(async () => Promise.reject(new TypeError("late")));
    assert.ok((await failureOf(reject.remote())) instanceof TypeError);
  });

  it("makes a fresh error for each get", async () => {
    const ref = withdraw.remote(1);
    assert.notEqual(await failureOf(ref), await failureOf(ref));
  });

  it("fails a call whose argument failed with the argument's error, however long the chain", async () => {
    const pass = remote(function pass(value: unknown) {
      return value;
    });
    let ref: ObjectRef<unknown> = withdraw.remote(3);
    for (let depth = 0; depth < 20; depth++) ref = pass.remote(ref);
    const error = await failureOf(ref);
    assert.ok(error instanceof InsufficientFunds);
    assert.match(error.message, /withdraw/);
    assert.match(error.message, /argument of task pass could not be computed/);
  });

  it("lets a nested failure through, caught or not", async () => {
    const outer = remote(async () => get(withdraw.remote(5)));
    const error = await failureOf(outer.remote());
    assert.ok(error instanceof InsufficientFunds);
    const careful = remote(async () => {
      try {
        await get(withdraw.remote(5));
        return "no";
      } catch (caught) {
        return caught instanceof InsufficientFunds ? "caught" : "other";
      }
    });
    assert.equal(await get(careful.remote()), "caught");
  });

  it("fails every result of a call with many", async () => {
    const both = remote(
      (): [number, number] => {
        throw new TypeError("neither");
      },
      { numReturns: 2 },
    );
    for (const ref of both.remote()) assert.ok((await failureOf(ref)) instanceof TypeError);
  });

  const counts: readonly [number, unknown, RegExp][] = [
    [2, [1, 2, 3], /array of 2 values.*numReturns: 2.*has 3/],
    [3, [1], /array of 3 values.*numReturns: 3.*has 1/],
    [2, 5, /must return an array of 2.*a number/],
    [2, undefined, /must return an array.*undefined/],
  ];
  for (const [numReturns, value, message] of counts) {
    it(`refuses ${JSON.stringify(value)} for numReturns ${numReturns}`, async () => {
      const refs = remote((given: unknown): unknown => given, { numReturns }).remote(value);
      assert.equal(refs.length, numReturns);
      const error = await failureOf(refs[0] as ObjectRef<unknown>);
      assert.ok(error instanceof TaskError);
      assert.match(error.message, message);
    });
  }

  it("says of an error without a message that can be read that it has none", async () => {
    const fail = remote((how: string): never => {
      const error = new Error("x");
      if (how === "getter") {
        Object.defineProperty(error, "message", {
          get(): string {
            throw new Error("unreadable");
          },
        });
      } else Object.defineProperty(error, "message", { value: Symbol("m") });
      throw error;
    });
    assert.match(
      (await failureOf(fail.remote("getter"))).message,
      /: \(its message cannot be read: a getter of it throws\)$/,
    );
    assert.match((await failureOf(fail.remote("symbol"))).message, /: \(its message is no text, but Symbol\(m\)\)$/);
  });

  it("takes a hole among the results for undefined", async () => {
    const sparse = remote(
      (): number[] => {
        const values = [1];
        values[3] = 4;
        return values;
      },
      { numReturns: 4 },
    );
    assert.deepEqual(await get(sparse.remote()), [1, undefined, undefined, 4]);
  });

  it("says where a result cannot travel", async () => {
    const fail = remote(function fail() {
      return { deep: [new WeakRef({})] };
    });
    const error = await failureOf(fail.remote());
    assert.ok(error instanceof SerializationError);
    assert.match(error.message, /result of fail/);
    assert.match(error.path, /deep/);
  });

  it("says at the call where an argument cannot travel", () => {
    const take = remote(function take(_first: unknown, _second: unknown) {});
    assert.throws(
      () => take.remote(1, { socket: new WeakRef({}) }),
      (error: unknown) => {
        assert.ok(error instanceof SerializationError);
        assert.match(error.message, /argument 2 of take/);
        assert.match(error.path, /socket/);
        return true;
      },
    );
    assert.throws(() => put({ value: Promise.resolve(1) }), SerializationError);
  });

  it("says at once when a call can never run", async () => {
    const error = await failureOf(withdraw.options({ numCpus: 1000 }).remote(1));
    assert.ok(error instanceof UnschedulableError);
    assert.match(error.message, /withdraw.*CPU 1000/);
    const other = await failureOf(withdraw.options({ resources: { quantum: 1 } }).remote(1));
    assert.match(other.message, /quantum/);
    // Names that every object has, if not as resources.
    for (const name of ["constructor", "__defineGetter__"]) {
      const odd = await failureOf(withdraw.options({ resources: { [name]: 1 } }).remote(1));
      assert.ok(odd instanceof UnschedulableError);
      assert.ok(odd.message.includes(`too little of: ${name}`), odd.message);
    }
  });
}

function checkAggregate(cause: unknown): void {
  assert.ok(cause instanceof AggregateError);
  assert.equal(cause.message, "both");
  assert.ok(cause.errors[0] instanceof TypeError);
  assert.equal(cause.errors[1], 2);
}

function checkCause(cause: unknown): void {
  assert.ok(cause instanceof Error && cause.cause instanceof RangeError);
  assert.equal(cause.cause.message, "inner");
}
