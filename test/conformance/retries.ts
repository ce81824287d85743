// Calls that fail and are tried again: which errors, how often, when.
import assert from "node:assert/strict";
import { it } from "node:test";
import { get, getRuntimeContext, remote, TaskError, type ObjectRef, type TaskOptions } from "ray-ts";

class Busy extends Error {
  readonly waitMs: number;

  constructor(waitMs: number) {
    super(`busy, come again in ${waitMs} ms`);
    this.waitMs = waitMs;
  }
}
class VeryBusy extends Busy {}

/** Throws in its first attempts, then tells which one it is in. */
const flaky = remote(function flaky(failures: number, error: Error) {
  const { attempt } = getRuntimeContext();
  if (attempt <= failures) throw error;
  return attempt;
});

function attempts(options: TaskOptions, failures: number, error: Error = new Busy(1)): ObjectRef<number> {
  return flaky.options(options).remote(failures, error);
}

export function retries(): void {
  it("tries errors again only where it was asked to", async () => {
    await assert.rejects(get(attempts({}, 1)), Busy);
    await assert.rejects(get(attempts({ retryExceptions: false }, 1)), Busy);
    await assert.rejects(get(attempts({ retryExceptions: [] }, 1)), Busy);
    assert.equal(await get(attempts({ retryExceptions: true }, 2)), 3);
  });

  it("has one budget, maxRetries, and ends with the last attempt's error", async () => {
    assert.equal(await get(attempts({ retryExceptions: true }, 3)), 4);
    await assert.rejects(get(attempts({ retryExceptions: true }, 4)), Busy);
    await assert.rejects(get(attempts({ retryExceptions: true, maxRetries: 0 }, 1)), Busy);
    assert.equal(await get(attempts({ retryExceptions: true, maxRetries: -1 }, 20)), 21);
    const numbered = remote(
      () => {
        throw new RangeError(`in attempt number ${getRuntimeContext().attempt}`);
      },
      { retryExceptions: true, maxRetries: 2, name: "numbered" },
    );
    await assert.rejects(get(numbered.remote()), (error: unknown) => {
      assert(error instanceof RangeError && error instanceof TaskError);
      assert.match(error.message, /^Task numbered threw in attempt 3.*: in attempt number 3$/);
      return true;
    });
  });

  it("tries errors of some classes again, and of those derived from them", async () => {
    const some = { retryExceptions: [Busy, SyntaxError] };
    assert.equal(await get(attempts(some, 2, new VeryBusy(1))), 3);
    assert.equal(await get(attempts(some, 1, new SyntaxError("no"))), 2);
    await assert.rejects(get(attempts(some, 1, new RangeError("no"))), RangeError);
    await assert.rejects(get(attempts({ retryExceptions: [VeryBusy] }, 1)), Busy);
  });

  it("tries errors again that a predicate picks, by what the error has and what the predicate knows", async () => {
    const patienceMs = 50;
    const picks = { retryExceptions: (error: Error) => error instanceof Busy && error.waitMs < patienceMs };
    assert.equal(await get(attempts(picks, 1, new Busy(10))), 2);
    await assert.rejects(get(attempts(picks, 1, new Busy(100))), Busy);
    await assert.rejects(get(attempts(picks, 1, new RangeError("no"))), RangeError);
  });

  it("asks a predicate in the context of the attempt that failed, and not after the last one", async () => {
    const asked = remote(
      class {
        #all: string[] = [];
        add(what: string): void {
          this.#all.push(what);
        }
        all(): string[] {
          return this.#all;
        }
      },
    ).remote();
    const failing = remote(
      (): never => {
        throw new RangeError(getRuntimeContext().taskId);
      },
      {
        name: "failing",
        maxRetries: 2,
        retryExceptions: async (error: Error) => {
          const { kind, taskName, taskId, attempt } = getRuntimeContext();
          await get(asked.add.remote(`${kind} ${taskName} ${attempt} ${taskId === error.message}`));
          return attempt < 5;
        },
      },
    );
    await assert.rejects(get(failing.remote()), /threw in attempt 3/);
    assert.deepEqual(await get(asked.all.remote()), ["task failing 1 true", "task failing 2 true"]);
    const picky = failing.options({ maxRetries: 9, retryExceptions: () => getRuntimeContext().attempt < 2 });
    await assert.rejects(get(picky.remote()), /threw in attempt 2/);
  });

  it("takes what a predicate returns as JavaScript does where it asks one", async () => {
    const finds = { retryExceptions: ((error: Error) => /^no/.exec(error.message)) as never };
    assert.equal(await get(attempts(finds, 1, new RangeError("no"))), 2);
    await assert.rejects(get(attempts(finds, 1, new RangeError("yes"))), RangeError);
  });

  it("tells the error itself, and not that of a predicate that throws", async () => {
    const broken = {
      retryExceptions: (): boolean => {
        throw new Error("the predicate is broken");
      },
    };
    await assert.rejects(get(attempts(broken, 1)), Busy);
  });

  it("counts what a task throws in the error of a task that it waited for", async () => {
    const outer = remote(
      async (failures: number) => {
        const { attempt } = getRuntimeContext();
        return (await get(attempts({}, attempt <= failures ? 1 : 0))) + attempt;
      },
      { retryExceptions: [Busy] },
    );
    assert.equal(await get(outer.remote(2)), 1 + 3);
  });

  it("resolves arguments that are refs again for each attempt, and gives all results in the end", async () => {
    const list = remote(() => [1, 2]).remote();
    const pair = remote(
      (numbers: number[]) => {
        if (getRuntimeContext().attempt < 3) throw new Busy(1);
        return [numbers.length, numbers.push(3)];
      },
      { retryExceptions: true, numReturns: 2 },
    );
    assert.deepEqual(await get([...pair.remote(list)]), [2, 3]);
  });

  it("waits before another attempt, each time longer up to a bound", async () => {
    const timed = remote(
      (began: number) => {
        if (getRuntimeContext().attempt <= 3) throw new Busy(1);
        return Date.now() - began;
      },
      { retryExceptions: true, retryDelayMs: { baseMs: 20, maxMs: 40, factor: 3, jitter: false } },
    );
    // The wall clock counts whole milliseconds.
    assert.ok((await get(timed.remote(Date.now()))) >= 20 + 40 + 40 - 3);
    const jittered = timed.options({ retryDelayMs: { baseMs: 20, maxMs: 20 } });
    assert.ok((await get(jittered.remote(Date.now()))) >= 3 * 10 - 3);
  });

  it("says that a call waits for its next attempt", async () => {
    const patient = attempts({ retryExceptions: true, retryDelayMs: 3_600_000, name: "patient" }, 1);
    // In its first attempt it may still run.
    for (let state = ""; !/waiting to be tried again/.test(state);) {
      state = await get(patient, { timeoutMs: 1 }).then(String, (error: Error) => error.message);
      assert.match(state, /patient, /);
    }
  });

  it("takes a handle with its policy along", async () => {
    const picky = flaky.options({ retryExceptions: [Busy] });
    const inside = remote(async (handle: typeof picky) => get(handle.remote(2, new VeryBusy(1))));
    assert.equal(await get(inside.remote(picky)), 3);
  });

  it("refuses what is no policy, at once", () => {
    const refused: readonly [options: object, message: RegExp][] = [
      [{ retryExceptions: RangeError }, /retryExceptions should be .*one class goes into an array.*got a function/],
      [{ retryExceptions: [() => true] }, /retryExceptions.* should be .*a class of errors/],
      [{ retryExceptions: "yes" }, /retryExceptions should be true or false.*got "yes"/],
      [{ retryDelayMs: -1 }, /retryDelayMs should be a finite number of milliseconds/],
      [{ retryDelayMs: Infinity }, /retryDelayMs should be a finite number of milliseconds/],
      [{ retryDelayMs: { maxMs: 1 } }, /retryDelayMs\.baseMs/],
      [{ retryDelayMs: { baseMs: 1, maxMs: 2, factor: 0.5 } }, /retryDelayMs\.factor/],
      [{ retryDelayMs: { baseMs: 2, maxMs: 1 } }, /retryDelayMs\.maxMs.*no less than baseMs/],
    ];
    for (const [options, message] of refused)
      assert.throws(() => flaky.options(options), { name: "TypeError", message });
  });
}
