// How long functions live under real processes: with what they capture until nobody can call them, and not a call less.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { test } from "node:test";
import {
  get,
  getActor,
  getRuntimeContext,
  kill,
  put,
  remote,
  type ObjectRef,
  type RemoteFunction,
} from "#src/index.js";
import { delay } from "#src/std/clock.js";
import { collectGarbage } from "#src/std/garbage.js";
import { objectsOf, sessionsOf } from "../harness/processes.ts";
import { withSession } from "../harness/session.ts";

const BYTES = 1_000_000;

/** Finalizers have had their turns, and what they have said has come to workers. */
async function forgotten(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) {
    collectGarbage();
    await delay(5);
  }
}

function files(): string[] {
  const [trace] = sessionsOf(process.pid);
  assert.ok(trace !== undefined);
  return objectsOf(trace);
}

test("what functions have captured goes with them: large values, refs and other functions", async () => {
  const runtimeEnv = { execArgv: ["--expose-gc"] };
  await withSession({ options: { numCpus: 1, runtimeEnv } }, async () => {
    for (let round = 0; round < 20; round += 1) {
      const large = new Uint8Array(BYTES).fill(round);
      const ref = put(new Uint8Array(BYTES).fill(round + 1));
      const inner = (at: number): number => large[at] as number;
      const sum = remote(async (at: number) => inner(at) + ((await get(ref))[at] as number));
      assert.deepEqual(
        await get([1, 2, 3].map((at) => sum.remote(at))),
        [1, 2, 3].map(() => 2 * round + 1),
      );
    }
    await forgotten();
    // A worker that has nothing to do does not look for what it has left, unless the store is full.
    const collect = remote(() => (globalThis as { gc?: () => void }).gc?.());
    await get(collect.remote());
    // The harness waits until nothing is left in the store.
  });
});

test("a call has its function as long as it may run, whether anybody has a handle of it or not", async () => {
  await withSession({ options: { numCpus: 1 } }, async () => {
    const base = new Uint8Array(BYTES).fill(5);
    const calls = (): ObjectRef<unknown>[] => {
      const retried = remote(
        () => {
          const { attempt } = getRuntimeContext();
          if (attempt === 1) process.kill(process.pid, "SIGKILL");
          if (attempt < 4) throw new RangeError("once more");
          return (base[0] as number) + attempt;
        },
        { maxRetries: 5, retryExceptions: (error: unknown) => error instanceof RangeError, retryDelayMs: 50 },
      );
      return [retried.remote(), retried.remote()];
    };
    const pending = calls();
    await forgotten();
    assert.deepEqual(await get(pending), [9, 9]);
  });
});

test("a lost result is made again by its function, of which nobody has a handle any more", async () => {
  await withSession({ options: { numCpus: 1 } }, async () => {
    const seven = 7;
    const made = remote(() => new Uint8Array(BYTES).fill(seven)).remote();
    assert.equal((await get(made))[0], 7);
    await forgotten();
    for (const file of files()) rmSync(file);
    assert.equal((await get(made))[BYTES - 1], 7);
  });
});

test("what the functions of an ended process have captured goes with it, but for those that others have", async () => {
  const makers = { numCpus: 1, maxCalls: 1 };
  // The harness waits until nothing is left in the store.
  await withSession({ options: { numCpus: 1 } }, async () => {
    const make = remote(async (byte: number): Promise<number> => {
      const large = new Uint8Array(1_000_000).fill(byte);
      const inner = remote(() => large[5] as number, { numCpus: 0 });
      return get(inner.remote());
    }, makers);
    for (let byte = 0; byte < 5; byte += 1) assert.equal(await get(make.remote(byte)), byte);
    const give = remote(
      (two: number): RemoteFunction<(value: number) => number>[] => [remote((value: number) => value + two)],
      makers,
    );
    const [given] = await get(give.remote(2));
    assert.ok(given !== undefined);
    // Of the process that gave it, nothing is there any more.
    await get(make.remote(1));
    assert.equal(await get(given.remote(5)), 7);
  });
});

test("a function whose handle has travelled can be called by whoever has it", async () => {
  class Keeper {
    #kept: RemoteFunction<(value: number) => number>[] = [];

    keep(fns: RemoteFunction<(value: number) => number>[]): void {
      this.#kept.push(...fns);
    }

    call(value: number): Promise<number[]> {
      return get(this.#kept.map((fn) => fn.remote(value)));
    }
  }
  // One that has travelled is kept to the end, with what its code can see: the handle of the actor.
  await withSession({ options: { numCpus: 1 }, unfinished: true }, async () => {
    const keeper = remote(Keeper).remote();
    const give = async (): Promise<void> => {
      const [one, two] = [1, 2];
      const before = remote((value: number) => value + one);
      const after = remote((value: number) => value + two);
      // One was called from here before it travelled, the other was not.
      assert.equal(await get(before.remote(1)), 2);
      await get(keeper.keep.remote([before, after]));
    };
    await give();
    await forgotten();
    assert.deepEqual(await get(keeper.call.remote(10)), [11, 12]);
    const fib = remote(async (n: number): Promise<number> =>
      n < 2 ? n : (await get([fib.remote(n - 1), fib.remote(n - 2)])).reduce((sum, part) => sum + part, 0),
    );
    assert.equal(await get(fib.remote(6)), 8);
  });
});

test("what a class has captured goes with the last actor that is made of it", async () => {
  // The harness waits until nothing is left in the store.
  await withSession({ options: { numCpus: 1 } }, async () => {
    const serve = async (round: number): Promise<void> => {
      const table = new Uint8Array(BYTES).fill(round);
      const ref = put(new Uint8Array(BYTES).fill(round + 1));
      class Lookup {
        async at(index: number): Promise<number> {
          return (table[index] as number) + ((await get(ref))[index] as number);
        }
      }
      const Lookups = remote(Lookup, { numCpus: 0 });
      const [one, other] = [Lookups.remote(), Lookups.remote()];
      for (const each of [one, other]) assert.equal(await get(each.at.remote(3)), 2 * round + 1);
      await kill(one);
      assert.equal(await get(other.at.remote(5)), 2 * round + 1);
    };
    for (let round = 0; round < 5; round += 1) await serve(round);
  });
});

test("an actor is made again of its class, of which nobody has a handle any more", async () => {
  await withSession({ options: { numCpus: 1 } }, async () => {
    const make = (name: string): { ask(): Promise<number> } => {
      const table = new Uint8Array(BYTES).fill(5);
      class Lookup {
        at(index: number): number {
          return table[index] as number;
        }
        end(): void {
          process.kill(process.pid, "SIGKILL");
        }
      }
      const lookup = remote(Lookup, { name, maxRestarts: 2, maxTaskRetries: 2 }).remote();
      return {
        async ask() {
          await assert.rejects(get(lookup.end.options({ maxTaskRetries: 0 }).remote()));
          return get(lookup.at.remote(7));
        },
      };
    };
    const lookup = make("lookup");
    await forgotten();
    for (let time = 0; time < 2; time += 1) {
      assert.equal(await lookup.ask(), 5);
      await forgotten();
    }
  });
});

test("a detached actor is made again of the class of a process that has ended, and takes it with it", async () => {
  await withSession({ options: { numCpus: 1 } }, async () => {
    const make = remote(
      async (): Promise<void> => {
        const table = new Uint8Array(1_000_000).fill(5);
        class Lookup {
          at(index: number): number {
            return table[index] as number;
          }
          end(): void {
            process.kill(process.pid, "SIGKILL");
          }
        }
        const options = { name: "lookup", lifetime: "detached", maxRestarts: 1, numCpus: 0 } as const;
        await get(remote(Lookup, options).remote().at.remote(1));
      },
      { numCpus: 1, maxCalls: 1 },
    );
    await get(make.remote());
    const lookup = await getActor<{ at(index: number): number; end(): void }>("lookup");
    // Of the process that has made it, nothing is there any more.
    await get(remote(() => 1, { numCpus: 1 }).remote());
    await assert.rejects(get(lookup.end.remote()));
    assert.equal(await get(lookup.at.options({ maxTaskRetries: 1 }).remote(7)), 5);
    await kill(lookup);
  });
});
