// Results whose files in the object store are gone or damaged, under real processes: made again while whoever needs them waits.
import assert from "node:assert/strict";
import { readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import {
  cancel,
  get,
  kill,
  placementGroup,
  put,
  remote,
  removePlacementGroup,
  sleep,
  type ObjectRef,
} from "#src/index.js";
import { slot } from "#src/api/slot.js";
import { delay } from "#src/std/clock.js";
import { HEAD_BYTES, LABEL_BYTES } from "#src/local/store/layout.js";
import { objectsOf, sessionsOf } from "../harness/processes.ts";
import { withSession } from "../harness/session.ts";

const BYTES = 1_000_000;
const make = remote((value: number) => new Uint8Array(BYTES).fill(value));
const increase = remote((bytes: Uint8Array) => bytes.map((byte) => byte + 1));
const total = remote((bytes: Uint8Array) => bytes.reduce((sum, byte) => sum + byte, 0));

/** Of the session of this process and no other, when there are so many. */
async function files(count: number): Promise<string[]> {
  const [trace] = sessionsOf(process.pid);
  assert.ok(trace !== undefined);
  for (;;) {
    const found = objectsOf(trace);
    if (found.length === count) return found;
    await delay(5);
  }
}

const remove = (file: string): void => rmSync(file);
const losses: readonly [what: string, lose: (file: string) => void][] = [
  ["removed", remove],
  ["cut off", (file) => truncateSync(file, 10_000)],
  ["overwritten", (file) => writeFileSync(file, new Uint8Array(statSync(file).size))],
  [
    "overwritten behind its head",
    (file) => writeFileSync(file, readFileSync(file).fill(0xff, HEAD_BYTES, statSync(file).size - LABEL_BYTES)),
  ],
];

for (const [what, lose] of losses) {
  test(`a result whose file was ${what} is made again, for gets and for calls`, async () => {
    await withSession({}, async () => {
      const made = make.remote(7);
      await get(made);
      (await files(1)).forEach(lose);
      assert.deepEqual(await get(made), new Uint8Array(BYTES).fill(7));
      (await files(1)).forEach(lose);
      assert.equal(await get(total.remote(made)), 7 * BYTES);
      assert.deepEqual(await get([made]), [new Uint8Array(BYTES).fill(7)]);
    });
  });
}

test("a result of many small values of whose file a byte was changed is made again, and a put one is told as lost", async () => {
  const makeNames = remote(() => Array.from({ length: 100_000 }, (_, index) => `name ${index}`));
  const lastOf = remote((names: string[]) => names.at(-1));
  const change = (file: string): void => {
    const content = readFileSync(file);
    const middle = Math.floor(content.length / 2);
    content[middle] = (content[middle] as number) ^ 0xff;
    writeFileSync(file, content);
  };
  await withSession({}, async () => {
    const made = makeNames.remote();
    const before = await get(made);
    (await files(1)).forEach(change);
    assert.deepEqual(await get(made), before);
    (await files(1)).forEach(change);
    assert.equal(await get(lastOf.remote(made)), "name 99999");
    made[Symbol.dispose]();
    await files(0);
    const there = put(before);
    (await files(1)).forEach(change);
    await assert.rejects(get(there), { name: "ObjectLostError", message: /damaged.*put, at .*remaking\.test/ });
  });
});

test("it is made again once, however many wait for it", async () => {
  await withSession({}, async () => {
    const made = make.remote(3);
    await get(made);
    (await files(1)).forEach(remove);
    const values = await Promise.all(Array.from({ length: 10 }, () => get(made)));
    assert.ok(values.every((value) => value.length === BYTES && value.every((byte) => byte === 3)));
    await files(1);
  });
});

test("all results of a call are made again by one more attempt, also when they are asked for one after the other", async () => {
  const makeAll = remote(() => [0, 1, 2, 3].map((value) => new Uint8Array(BYTES).fill(value)), {
    numReturns: 4,
    maxRetries: 1,
  });
  await withSession({}, async () => {
    const made = makeAll.remote();
    await get(made);
    (await files(4)).forEach(remove);
    for (const [value, ref] of made.entries()) assert.deepEqual(await get(ref), new Uint8Array(BYTES).fill(value));
    await files(4);
  });
});

test("a chain of calls all of whose files are gone is made again, also where nobody has its links any more", async () => {
  await withSession({}, async () => {
    const links: ObjectRef<Uint8Array>[] = [make.remote(1)];
    for (let count = 0; count < 3; count += 1) links.push(increase.remote(links.at(-1) as ObjectRef<Uint8Array>));
    const last = links.at(-1) as ObjectRef<Uint8Array>;
    assert.equal((await get(last))[0], 4);
    (await files(4)).forEach(remove);
    assert.equal((await get(last))[0], 4);
    for (const link of links.splice(0, 3)) link[Symbol.dispose]();
    (await files(1)).forEach(remove);
    assert.equal((await get(last))[0], 4);
    await files(1);
  });
});

test("what a function has captured is made again for a call of it that is run once more, though nobody else has it any more", async () => {
  // The function is known, with what it has captured, as long as this test has a handle of it.
  await withSession({ unfinished: true }, async () => {
    const captured = make.remote(7);
    const uses = remote(async () => (await get(captured)).map((byte) => byte + 1));
    const made = uses.remote();
    assert.equal((await get(made))[0], 8);
    captured[Symbol.dispose]();
    (await files(2)).forEach(remove);
    assert.equal((await get(made))[0], 8);
  });
});

test("another process that cannot read it has it made again", async () => {
  // Disposed of there: a worker may not collect its garbage as long as the test lasts.
  const reads = remote(async ([ref]: [ObjectRef<Uint8Array>]) => {
    const value = await get(ref);
    ref[Symbol.dispose]();
    return value[5];
  });
  const passesOn = remote(async ([ref]: [ObjectRef<Uint8Array>]) => {
    const sum = await get(total.remote(ref));
    ref[Symbol.dispose]();
    return sum;
  });
  await withSession({ options: { numCpus: 2 } }, async () => {
    const made = make.remote(9);
    await get(made);
    (await files(1)).forEach(remove);
    assert.equal(await get(reads.remote([made])), 9);
    (await files(1)).forEach(remove);
    assert.equal(await get(passesOn.remote([made])), 9 * BYTES);
    assert.equal((await get(made))[0], 9);
  });
});

test("what may not be tried again, or not any more, says why it is lost", async () => {
  const once = remote(() => new Uint8Array(BYTES), { maxRetries: 0 });
  const twice = remote(() => new Uint8Array(BYTES), { maxRetries: 1 });
  await withSession({}, async () => {
    const first = once.remote();
    await get(first);
    (await files(1)).forEach(remove);
    const lost = { name: "ObjectReconstructionFailedError", code: "RAY_OBJECT_RECONSTRUCTION_FAILED_ERROR" };
    await assert.rejects(get(first), {
      ...lost,
      message: /task once.*maxRetries: 0.*\n.*submitted at .*remaking\.test\.ts/,
    });
    await assert.rejects(get(total.remote(first)), { name: "ObjectReconstructionFailedError" });
    const second = twice.remote();
    await get(second);
    (await files(1)).forEach(remove);
    assert.equal((await get(second)).length, BYTES);
    (await files(1)).forEach(remove);
    await assert.rejects(get(second), { ...lost, message: /task twice.*2 attempts.*maxRetries: 1/ });
    const third = increase.remote(new Uint8Array(BYTES));
    await get(third);
    (await files(1)).forEach(remove);
    await assert.rejects(get(third), { ...lost, message: /arguments were passed by value/ });
  });
});

class Shelf {
  #kept: readonly [ObjectRef<Uint8Array>] | undefined;

  put(kept: readonly [ObjectRef<Uint8Array>]): void {
    this.#kept = kept;
  }

  async first(): Promise<number | undefined> {
    return this.#kept && (await get(this.#kept[0]))[0];
  }
}
const RemoteShelf = remote(Shelf);

test("what an actor keeps is made again for it, though whoever has submitted its call has let go of it", async () => {
  await withSession({}, async () => {
    const shelf = RemoteShelf.remote();
    const made = make.remote(7);
    await get(shelf.put.remote([made]));
    made[Symbol.dispose]();
    for (let round = 0; round < 2; round += 1) {
      (await files(1)).forEach(remove);
      assert.equal(await get(shelf.first.remote()), 7);
    }
    await kill(shelf);
    await files(0);
  });
});

class Maker {
  make(value: number): Uint8Array {
    return new Uint8Array(BYTES).fill(value);
  }
}
const RemoteMaker = remote(Maker, { maxTaskRetries: -1 });

test("what was made in an actor, or a placement group, that is no more is told as lost, and why", async () => {
  await withSession({}, async () => {
    const maker = RemoteMaker.remote();
    const group = placementGroup([{ CPU: 1 }]);
    await get(group.ready());
    const placed = make.options({ schedulingStrategy: { placementGroup: group } }).remote(4);
    const made = maker.make.remote(3);
    await get([placed, made]);
    await kill(maker);
    await removePlacementGroup(group);
    (await files(2)).forEach(remove);
    const failures = await Promise.all([made, placed].map((ref) => get(ref).catch((error: unknown) => error as Error)));
    const told = failures.map((error) => error instanceof Error && [error.name, (error.cause as Error).name]);
    assert.deepEqual(told, [
      ["ObjectReconstructionFailedError", "ActorDiedError"],
      ["ObjectReconstructionFailedError", "PlacementGroupRemovedError"],
    ]);
    assert.match(String(failures[0]), /task Maker\.make.*its actor has ended.*its cause.*ray\.kill at/s);
  });
});

test("a call whose arguments are lost before it begins says what they are", async () => {
  const waits = remote(async (ms: number) => sleep(ms));
  await withSession({ options: { numCpus: 1 } }, async () => {
    const before = waits.remote(60_000);
    const sum = total.remote(new Uint8Array(BYTES));
    (await files(1)).forEach(remove);
    await cancel(before);
    await assert.rejects(get(sum), {
      name: "ObjectLostError",
      message:
        /^Task total cannot be run: its arguments, .*\n {4}submitted at .*remaking\.test\.ts:\d+:\d+\n {2}Submit it again/,
    });
  });
});

test("a value that is being made again is not lost by a cancel of its call, which had ended", async () => {
  const controller = new AbortController();
  const waits = remote(async () => sleep(Infinity));
  await withSession({ options: { numCpus: 1 } }, async () => {
    const made = make.options({ signal: controller.signal }).remote(7);
    await get(made);
    // It has the only CPU.
    const before = waits.remote();
    (await files(1)).forEach(remove);
    const again = get(made);
    while (slot.session?.backend.progress(made.id) !== "ready") await delay(5);
    await cancel(made);
    controller.abort();
    await cancel(before);
    assert.equal((await again)[0], 7);
  });
});

test("a get with a timeout waits for it no longer than that, and says what it waits for", async () => {
  const waits = remote(
    async function* () {
      yield "it has begun";
      await new Promise<never>(() => {});
    },
    { maxRetries: 0 },
  );
  const kept: unknown[] = [];
  await withSession({ options: { numCpus: 1 }, unfinished: true }, async () => {
    const made = make.remote(1);
    await get(made);
    const stream = waits.remote()[Symbol.asyncIterator]();
    kept.push(stream, await stream.next());
    (await files(1)).forEach(remove);
    await assert.rejects(get(made, { timeoutMs: 50 }), { name: "GetTimeoutError", message: /make.*submitted at/ });
  });
  assert.equal(kept.length, 2);
});
