// Streams: calls that give one item after the other, how far ahead they run, and how they end.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { it } from "node:test";
import { get, getRuntimeContext, put, remote, wait, type ObjectRef, type ObjectRefGenerator } from "ray-ts";
import { gateFolder, isOpen, openGate, pass } from "./gate.ts";
import type { Setting } from "./setting.ts";
import { crowded, party } from "./stopped.ts";

const range = (count: number): number[] => [...Array.from({ length: count }).keys()];

const counting = remote(function* counting(count: number) {
  for (let n = 0; n < count; n += 1) yield n;
});

const countingLater = remote(async function* countingLater(count: number) {
  for (let n = 0; n < count; n += 1) {
    await Promise.resolve();
    yield n;
  }
});

/** Opens a gate for each item that it makes, and one at its end. */
const marking = remote(async function* marking(folder: string, name: string, count: number) {
  const { signal } = getRuntimeContext();
  try {
    for (let n = 0; n < count; n += 1) {
      openGate(folder, `${name}-made-${n}`);
      yield n;
    }
  } finally {
    openGate(folder, signal.aborted ? `${name}-aborted` : `${name}-ended`);
  }
});

/** As compilers write it for targets before ES2018, without what awaits. */
function __asyncGenerator<T>(self: unknown, args: IArguments, body: () => Generator<T>): AsyncGenerator<T> {
  const generator = Reflect.apply(body, self, args) as Generator<T>;
  const made: object = { next: () => Promise.resolve(generator.next()) };
  return made as AsyncGenerator<T>;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const got: T[] = [];
  for await (const item of items) got.push(item);
  return got;
}

class Shelf {
  *items(count: number): Generator<number> {
    for (let n = 0; n < count; n += 1) yield n;
  }

  size(): number {
    return 5;
  }
}

export function streams({ address }: Setting): void {
  const folder = gateFolder();
  const made = (name: string): number => readdirSync(folder).filter((gate) => gate.startsWith(`${name}-made-`)).length;

  for (const [kind, stream] of [
    ["a generator", counting],
    ["an async generator", countingLater],
  ] as const) {
    it(`gives refs in order, or values, of ${kind}`, async () => {
      const refs = await all(stream.remote(200));
      assert.deepEqual(await get(refs), range(200));
      assert.deepEqual(await all(stream.remote(200).values()), range(200));
      assert.deepEqual(await all(stream.remote(0)), []);
    });
  }

  it("comes from an async generator that a compiler has lowered, too", async () => {
    const lowered = remote(function lowered(this: unknown, count: number): AsyncGenerator<number> {
      return __asyncGenerator(this, arguments, function* () {
        for (let item = 0; item < count; item++) yield item;
      });
    });
    assert.deepEqual(await all(lowered.remote(2).values()), [0, 1]);
  });

  it("is said to be none where a function returns a generator and is none itself", async () => {
    const items = async function* (count: number): AsyncGenerator<number> {
      for (let item = 0; item < count; item++) yield item;
    };
    const call = remote((count: number) => items(count)).remote(2);
    const why = /ObjectRef.*not a stream: the function of .* is no generator function itself.*yield\*.*ES2018/;
    assert.throws(() => call.values(), why);
    assert.throws(() => void call.next(), why);
    await assert.rejects(async () => {
      for await (const ref of call) assert.fail(String(ref));
    }, why);
    await assert.rejects(get(call as object as ObjectRef<unknown>), /returned a generator/);
  });

  it("gives items while the function runs", async () => {
    const name = party();
    const dialogue = remote(async function* dialogue(where: string, gate: string) {
      for (const n of [1, 2, 3]) {
        yield n;
        await pass(where, `${gate}-${n}`);
      }
    });
    const got: number[] = [];
    for await (const n of dialogue.remote(folder, name).values()) {
      got.push(n);
      openGate(folder, `${name}-${n}`);
    }
    assert.deepEqual(got, [1, 2, 3]);
  });

  it("says when it has ended, and stays at its end", async () => {
    const stream = counting.remote(1);
    assert.equal(await get(stream.completed), undefined);
    assert.equal((await stream.next()).done, false);
    for (const end of [await stream.next(), await stream.next()])
      assert.deepEqual(end, { done: true, value: undefined });
    assert.deepEqual(await all(stream), []);
  });

  it("makes as many items ahead of its reader as it may, and no more", async () => {
    const name = party();
    const stream = marking.options({ backpressure: 3 }).remote(folder, name, 40);
    await pass(folder, `${name}-made-3`);
    // What could be made meanwhile would be.
    await get(remote(() => 1, { numCpus: 0 }).remote());
    assert.equal(made(name), 4);
    let read = 0;
    for await (const n of stream.values()) {
      assert.equal(n, read);
      read += 1;
      assert.ok(made(name) <= read + 4, `${made(name)} made when ${read} were read`);
      if (read === 5) await pass(folder, `${name}-made-8`);
    }
    assert.equal(read, 40);
    await pass(folder, `${name}-ended`);
  });

  it("makes 64 items ahead when nothing is said, and all of them with Infinity", async () => {
    const [few, many] = [party(), party()];
    const paused = marking.remote(folder, few, 300);
    const free = marking.options({ backpressure: Infinity }).remote(folder, many, 300);
    await pass(folder, `${many}-made-299`);
    await pass(folder, `${few}-made-64`);
    assert.equal(made(few), 65);
    assert.equal(await get(free.completed), undefined);
    assert.deepEqual(await all(free.values()), range(300));
    assert.deepEqual(await all(paused.values()), range(300));
  });

  it("keeps its actor busy while it is paused, and whoever waits behind it hears of that", async () => {
    const shelf = remote(Shelf).remote();
    const stream = shelf.items.options({ backpressure: 2 }).remote(20);
    assert.equal((await stream.values().next()).value, 0);
    const size = shelf.size.remote();
    const whyNot = (): Promise<string> => get(size, { timeoutMs: 1 }).then(String, String);
    let why = await whyNot();
    // The last item before the pause may be on its way.
    while (!why.includes("paused")) why = await whyNot();
    assert.match(
      why,
      /Shelf\.size, \w+: waiting at its actor, behind a stream that has paused until more .* \(backpressure\)/,
    );
    assert.deepEqual(await all(stream.values()), range(20).slice(1));
    assert.equal(await get(size), 5);
  });

  it("ends the function when its reader breaks, wherever that is: its finally blocks run, its signal aborts", async () => {
    const leaves: readonly ((stream: ObjectRefGenerator<number>) => PromiseLike<unknown>)[] = [
      async (stream) => {
        for await (const ref of stream) if ((await get(ref)) === 5) break;
      },
      async (stream) => {
        for await (const n of stream.values()) if (n === 5) break;
      },
      (stream) => stream[Symbol.asyncDispose](),
      async (stream) => stream.return?.(),
    ];
    for (const leave of leaves) {
      const name = party();
      const stream = marking.options({ backpressure: 2 }).remote(folder, name, 1_000);
      await pass(folder, `${name}-made-2`);
      await leave(stream);
      await pass(folder, `${name}-aborted`);
      assert.ok(made(name) < 20);
      assert.deepEqual(await stream.next(), { done: true, value: undefined });
      await assert.rejects(get(stream.completed), {
        name: "TaskCancelledError",
        message: /^Task marking was cancelled because nobody reads its stream any more\.\n +submitted at /,
      });
    }
  });

  it("never begins when its reader has left before", async () => {
    const name = party();
    await crowded(folder, async () => {
      const stream = marking.remote(folder, name, 3);
      const waits = stream.next();
      await stream.return?.();
      assert.equal((await waits).done, true);
    });
    assert.deepEqual(await all(counting.options({ numCpus: 2 }).remote(2).values()), [0, 1]);
    assert.equal(made(name), 0);
  });

  it("gives what was asked for in turn to whoever asks", async () => {
    const stream = countingLater.remote(6);
    const steps = await Promise.all(range(8).map(() => stream.next()));
    const refs = steps.flatMap(({ done, value }) => (done === true ? [] : [value]));
    assert.deepEqual(await get(refs), range(6));
    assert.deepEqual(
      steps.map(({ done }) => done ?? false),
      [...range(6).map(() => false), true, true],
    );
    const shared = countingLater.remote(100);
    const [one, other] = await Promise.all([all(shared.values()), all(shared.values())]);
    assert.deepEqual(
      [...one, ...other].toSorted((a, b) => a - b),
      range(100),
    );
  });

  it("is ready for wait when an item can be taken, or when it has ended", async () => {
    const name = party();
    const slow = remote(async function* slow(where: string, gate: string) {
      await pass(where, gate);
      yield 1;
    });
    const [later, now, empty] = [slow.remote(folder, name), counting.remote(2), counting.remote(0)];
    const ref = put(1);
    const [ready, pending] = await wait([later, now, ref, empty], { numReturns: 3 });
    assert.deepEqual([ready, pending], [[now, ref, empty], [later]]);
    assert.deepEqual(await wait([later], { timeoutMs: 0 }), [[], [later]]);
    openGate(folder, name);
    assert.deepEqual(await wait([later]), [[later], []]);
    // It has taken nothing.
    assert.deepEqual(await all(later.values()), [1]);
    assert.deepEqual(await all(now.values()), [0, 1]);
    assert.deepEqual(await wait([later, now], { numReturns: 2 }), [[later, now], []]);
    await assert.rejects(wait([now, now]), { name: "TypeError", message: /each ref once.*ObjectRefGenerator/ });
  });

  it("reads streams in tasks that are streams, on as few CPUs as there are", async () => {
    const doubling = remote(async function* doubling(count: number): AsyncGenerator<number, void> {
      for await (const n of countingLater.remote(count).values()) yield 2 * n;
    });
    const sum = remote(async (count: number) => {
      let total = 0;
      for await (const n of doubling.remote(count).values()) total += n;
      return total;
    });
    assert.equal(await get(sum.remote(150)), 149 * 150);
    assert.deepEqual(await get([sum.remote(3), sum.remote(2), sum.remote(1)]), [6, 2, 0]);
  });

  it("lends the CPUs of a function that stands still to whatever its reader does meanwhile", async () => {
    const stream = counting.options({ numCpus: 2, backpressure: 1 }).remote(5);
    const double = remote((n: number) => 2 * n, { numCpus: 2 });
    const got: number[] = [];
    for await (const ref of stream) got.push(await get(double.remote(ref)));
    assert.deepEqual(got, [0, 2, 4, 6, 8]);
  });

  it("gives refs that travel, and items that hold refs and buffers", async () => {
    const refs = await all(counting.remote(3));
    assert.deepEqual(await get(refs.map((ref) => remote((n: number) => n + 1).remote(ref))), [1, 2, 3]);
    assert.deepEqual(await get(remote(async (inside: ObjectRef<number>[]) => get(inside)).remote(refs)), [0, 1, 2]);
    const rich = remote(function* rich() {
      for (const n of [1, 2, 3]) yield { ref: put(n), bytes: new Uint8Array(100_000).fill(n) };
    });
    for await (const { ref, bytes } of rich.remote().values()) {
      const n = await get(ref);
      assert.ok(bytes.length === 100_000 && bytes.every((byte) => byte === n));
    }
  });

  it("runs every part of the function in the context of its call", async () => {
    const told = remote(async function* told() {
      for (let n = 0; n < 2; n += 1) {
        yield getRuntimeContext().taskName;
        await Promise.resolve();
      }
      yield getRuntimeContext().taskId;
    });
    const stream = told.options({ name: "teller" }).remote();
    assert.deepEqual(await all(stream.values()), ["teller", "teller", stream.completed.id]);
  });

  it("takes remote generator functions into tasks, and methods of theirs", async () => {
    const reader = remote(async (f: typeof counting) => all(f.options({ backpressure: 1 }).remote(4).values()));
    assert.deepEqual(await get(reader.remote(counting)), range(4));
    const { remote: begin } = counting;
    assert.deepEqual(await all(begin(2).values()), [0, 1]);
    assert.deepEqual([...counting.local(2)], [0, 1]);
  });

  it("ends with the call that has begun it and does not read it to its end", async () => {
    const name = party();
    const first = remote(async (where: string, gate: string) => {
      const { value } = await marking.options({ numCpus: 0, backpressure: 1 }).remote(where, gate, 100).values().next();
      return value as number;
    });
    assert.equal(await get(first.remote(folder, name)), 0);
    await pass(folder, `${name}-aborted`);
    assert.ok(made(name) < 5 && !isOpen(folder, `${name}-ended`));
  });

  it("shows what it is", () => {
    const stream = counting.remote(1);
    assert.match(String(stream), /^ObjectRefGenerator\([0-9a-f]{28}\)$/);
    assert.equal(stream.completed.id, /\((.*)\)/.exec(String(stream))?.[1]);
    assert.ok(address.length > 0);
  });
}
