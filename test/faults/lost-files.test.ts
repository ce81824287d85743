// Files of results are removed and damaged while calls that take them wait, are queued, run, fail and are cancelled, some of them calls of
// actors: everything comes to its end, with what it must be or with an error that says what was lost.
import assert from "node:assert/strict";
import { rmSync, truncateSync } from "node:fs";
import { test } from "node:test";
import * as ray from "#src/index.js";
import { delay } from "#src/std/clock.js";
import { SeededRandom } from "#src/std/random.js";
import { objectsOf, sessionsOf } from "../harness/processes.ts";
import { withSession } from "../harness/session.ts";

const BYTES = 300_000;
const SEED = 11;
/** Without one end of a call in this time, the rest will never come. */
const STUCK_MS = 60_000;

const make = ray.remote((value: number) => new Uint8Array(BYTES).fill(value), { maxRetries: -1 });
const increase = ray.remote((bytes: Uint8Array) => bytes.map((byte) => byte + 1), { maxRetries: -1 });
const first = ray.remote(async (bytes: Uint8Array, ms: number) => {
  await ray.sleep(ms);
  return bytes[0] as number;
});
const once = ray.remote((bytes: Uint8Array) => bytes[0] as number, { maxRetries: 0 });
const fails = ray.remote(
  async (bytes: Uint8Array) => {
    await ray.sleep(bytes[0] as number);
    if (ray.getRuntimeContext().attempt < 3) throw new Error("once more");
    return bytes[0] as number;
  },
  { maxRetries: 5, retryExceptions: true },
);

class Reader {
  #calls = 0;

  async first(bytes: Uint8Array, ms: number): Promise<number> {
    this.#calls += 1;
    await ray.sleep(ms);
    return bytes[0] as number;
  }

  async firstOf([ref]: readonly [ray.ObjectRef<Uint8Array>]): Promise<number> {
    this.#calls += 1;
    return (await ray.get(ref))[0] as number;
  }

  async firstAfter([gate, ref]: readonly [ray.ObjectRef<void>, ray.ObjectRef<Uint8Array>]): Promise<number> {
    await ray.get(gate);
    return this.firstOf([ref]);
  }

  large(value: number): Uint8Array {
    this.#calls += 1;
    return new Uint8Array(BYTES).fill(value);
  }

  calls(): number {
    return this.#calls;
  }

  readonly #begun: string[] = [];

  note(name: string, _bytes?: Uint8Array): readonly string[] {
    this.#begun.push(name);
    return this.#begun;
  }
}
const RemoteReader = ray.remote(Reader, { numCpus: 0 });

class Holder {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  first(): number {
    return this.#bytes[0] as number;
  }
}
const RemoteHolder = ray.remote(Holder, { numCpus: 0 });

function files(): string[] {
  const [trace] = sessionsOf(process.pid);
  assert.ok(trace !== undefined);
  return objectsOf(trace);
}

/** Whoever has moved or removed it first was faster. */
function lose(file: string, cut: boolean): void {
  try {
    if (cut) truncateSync(file, 4_096);
    else rmSync(file);
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, "ENOENT");
  }
}

async function untilMade(count: number): Promise<void> {
  while (files().length < count) await delay(5);
}

test("calls of an actor wait for what was lost before they were sent, on their way, or behind another call", async () => {
  await withSession({}, async () => {
    const reader = RemoteReader.remote();
    const made = make.remote(7);
    await ray.get(made);
    await ray.get(reader.calls.remote());
    for (const cut of [false, true]) {
      const slow = reader.first.remote(made, 100);
      const queued = [reader.first.remote(made, 0), reader.first.remote(increase.remote(made), 0)];
      await untilMade(2);
      files().forEach((file) => lose(file, cut));
      assert.equal(await ray.get(slow), 7);
      assert.deepEqual(await ray.get(queued), [7, 8]);
      files().forEach((file) => lose(file, cut));
      assert.equal(await ray.get(reader.first.remote(made, 0)), 7);
    }
    assert.equal(await ray.get(reader.calls.remote()), 8);
  });
});

test("calls that are at their actor already do not overtake one whose argument is lost", async () => {
  await withSession({}, async () => {
    const reader = RemoteReader.remote();
    const gate = RemoteGate.remote();
    const made = make.remote(7);
    await ray.get([made, reader.calls.remote()]);
    const busy = reader.firstAfter.remote([gate.opened.remote(), ray.put(new Uint8Array(1))]);
    const noted = [reader.note.remote("lacks", made), reader.note.remote("next"), reader.note.remote("last")];
    files().forEach((file) => lose(file, false));
    await ray.get([gate.open.remote(), busy]);
    assert.deepEqual((await ray.get(noted)).at(-1), ["lacks", "next", "last"]);
  });
});

test("an actor whose constructor cannot read its argument is made when that was made again", async () => {
  await withSession({ options: { numCpus: 1 } }, async () => {
    const made = make.remote(7);
    await ray.get(made);
    const busy = first.remote(new Uint8Array(1), 500);
    // The actor takes its CPU for life: it is to wait for that of the call, and not the other way round.
    while (((await ray.availableResources())["CPU"] ?? 0) > 0) await delay(5);
    const holder = RemoteHolder.options({ numCpus: 1 }).remote(made);
    const call = holder.first.remote();
    await ray.sleep(50);
    files().forEach((file) => lose(file, false));
    await ray.get(busy);
    assert.equal(await ray.get(call), 7);
  });
});

test("an actor that is started again has its arguments made again, also where nobody has them any more", async () => {
  await withSession({ options: { numCpus: 1 } }, async () => {
    const RemoteCrasher = RemoteHolder.options({ maxRestarts: 3, maxTaskRetries: 0 });
    const made = make.remote(7);
    const holders = [RemoteCrasher.remote(made), RemoteCrasher.remote(increase.remote(make.remote(8)))];
    const value = ray.put(new Uint8Array(BYTES).fill(10));
    const hopeless = RemoteCrasher.remote(value);
    const firsts = (): Promise<number[]> => ray.get(holders.map((holder) => holder.first.remote()));
    assert.deepEqual([...(await firsts()), await ray.get(hopeless.first.remote())], [7, 9, 10]);
    for (let round = 0; round < 2; round += 1) {
      files().forEach((file) => lose(file, false));
      for (const holder of [...holders, hopeless]) await ray.kill(holder, { noRestart: false });
      assert.deepEqual(await firsts(), [7, 9]);
    }
    await assert.rejects(ray.get(hopeless.first.remote()), {
      name: "ActorDiedError",
      message: /could not be started again, after 1 restart.*it was put, at .*lost-files\.test\.ts:\d+/s,
    });
  });
});

test("what a constructor takes is made again first when it was lost before the actor was asked for", async () => {
  await withSession({}, async () => {
    const made = make.remote(7);
    const put = ray.put(new Uint8Array(BYTES));
    await ray.get([made, put]);
    files().forEach((file) => lose(file, false));
    assert.equal(await ray.get(RemoteHolder.remote(made).first.remote()), 7);
    await assert.rejects(ray.get(RemoteHolder.remote(put).first.remote()), {
      name: "ActorDiedError",
      message: /it was put, at .*lost-files\.test\.ts:\d+/,
    });
  });
});

test("what a method has made is made again by it, as often as it may be called again", async () => {
  await withSession({}, async () => {
    for (const maxTaskRetries of [0, 1]) {
      const reader = RemoteReader.options({ maxTaskRetries }).remote();
      const made = reader.large.remote(3);
      for (let left = maxTaskRetries; left >= 0; left -= 1) {
        assert.equal((await ray.get(made))[0], 3);
        files().forEach((file) => lose(file, false));
      }
      await assert.rejects(ray.get(made), {
        name: "ObjectReconstructionFailedError",
        message: new RegExp(`task Reader\\.large.*maxTaskRetries: ${maxTaskRetries}`),
      });
      assert.equal(await ray.get(reader.calls.remote()), maxTaskRetries + 1);
    }
  });
});

test("an actor that waits for what it has made itself, and would have to make again, is told that it cannot be", async () => {
  await withSession({}, async () => {
    for (const maxConcurrency of [1, 2]) {
      const reader = RemoteReader.options({ maxTaskRetries: 3, maxConcurrency }).remote();
      const made = reader.large.remote(3);
      await ray.get(made);
      files().forEach((file) => lose(file, false));
      const again = ray.get(reader.firstOf.remote([made]));
      if (maxConcurrency === 2) assert.equal(await again, 3);
      else
        await assert.rejects(again, {
          name: "TaskError(ObjectReconstructionFailedError)",
          message: /task Reader\.large.*its actor needs the value itself/s,
        });
    }
  });
});

class Gate {
  #open: (() => void) | undefined;

  /** Once somebody waits there. */
  async open(): Promise<void> {
    while (this.#open === undefined) await ray.sleep(1);
    this.#open();
  }

  opened(): Promise<void> {
    return new Promise((resolve) => (this.#open = resolve));
  }
}
const RemoteGate = ray.remote(Gate, { numCpus: 0, maxConcurrency: 2 });

function increaseAfter(_gate: void, bytes: Uint8Array): Uint8Array {
  return bytes.map((byte) => byte + 1);
}

/** Finds it lost, and does not wait until it was made again. */
async function seek([ref]: readonly [ray.ObjectRef<Uint8Array>]): Promise<string> {
  const error: unknown = await ray.get(ref, { timeoutMs: 50 }).catch((reason: unknown) => reason);
  return error instanceof Error ? error.name : "found";
}

for (const finder of ["its owner", "another process"]) {
  test(`an actor that waits for what it would have to make again is told so too when ${finder} has found it lost`, async () => {
    await withSession({}, async () => {
      const reader = RemoteReader.options({ maxTaskRetries: 3 }).remote();
      const gate = RemoteGate.remote();
      const made = reader.large.remote(3);
      await ray.get(made);
      const again = reader.firstAfter.remote([gate.opened.remote(), made]);
      files().forEach((file) => lose(file, false));
      const found = finder === "its owner" ? seek([made]) : ray.get(ray.remote(seek).remote([made]));
      assert.equal(await found, "GetTimeoutError");
      await ray.get(gate.open.remote());
      await assert.rejects(ray.get(again, { timeoutMs: STUCK_MS }), {
        name: "TaskError(ObjectReconstructionFailedError)",
        message: /task Reader\.large.*its actor needs the value itself/s,
      });
      // It goes on.
      assert.equal(await ray.get(reader.calls.remote()), 3);
    });
  });
}

for (const when of ["before", "while"]) {
  test(`an actor is told so of what others make of what it would have to make again, lost ${when} it waits`, async () => {
    await withSession({}, async () => {
      const reader = RemoteReader.options({ maxTaskRetries: 3 }).remote();
      const gate = RemoteGate.remote();
      const made = reader.large.remote(3);
      await ray.get(made);
      const opened = gate.opened.remote();
      const increased = ray.remote(increaseAfter, { maxRetries: -1 }).remote(opened, made);
      if (when === "before") files().forEach((file) => lose(file, false));
      const waits = reader.firstOf.remote([increased]);
      if (when === "while") files().forEach((file) => lose(file, false));
      await ray.get(gate.open.remote());
      await assert.rejects(ray.get(waits, { timeoutMs: STUCK_MS }), {
        name: "TaskError(ObjectReconstructionFailedError)",
        message: /its actor needs the value itself/,
      });
      // It goes on, and makes it.
      assert.equal((await ray.get(made))[0], 3);
    });
  });
}

test("what was put and is lost is told with its place, and captured variables with their function", async () => {
  // The functions are known, with what they have captured, as long as this test has handles of them.
  await withSession({ unfinished: true }, async () => {
    const value = ray.put(new Uint8Array(BYTES));
    const table = new Uint8Array(BYTES).fill(4);
    const source = (index: number): number => table[index] as number;
    const look = ray.remote(source);
    const called = [look.remote(0)];
    await untilMade(2);
    files().forEach((file) => lose(file, false));
    await assert.rejects(ray.get(value), { message: /it was put, at .*lost-files\.test\.ts:\d+/ });
    await assert.rejects(ray.get(called), { name: "ObjectLostError", message: /variables of task source are lost/ });
    assert.equal(await ray.get(ray.remote(source).remote(0)), 4);
  });
});

/** What a call has come to, when it could have been stopped or lost. */
const EXPECTED_ERRORS: readonly string[] = [
  "TaskCancelledError",
  "TaskTimeoutError",
  "ObjectLostError",
  "ObjectReconstructionFailedError",
  "ActorUnavailableError",
];

interface Sent {
  readonly ref: ray.ObjectRef<number>;
  readonly value: number;
  readonly mayFail: boolean;
}

function send(random: SeededRandom, made: ray.ObjectRef<Uint8Array>, value: number, readers: Readers): Sent {
  const ms = random.below(5);
  const reader = random.pick(readers);
  switch (random.below(8)) {
    case 0:
      return { ref: once.remote(made), value, mayFail: false };
    case 1:
      return { ref: fails.remote(made), value, mayFail: false };
    case 2:
      return { ref: first.remote(increase.remote(made), ms), value: value + 1, mayFail: false };
    case 3:
      return { ref: reader.first.remote(increase.remote(made), ms), value: value + 1, mayFail: false };
    case 4:
      return { ref: reader.first.remote(reader.large.remote(value), ms), value, mayFail: true };
    case 5: {
      const ofActor = random.chance(0.5);
      const ref = ofActor ? reader.first.remote(made, ms) : first.remote(made, ms);
      const force = !ofActor && random.chance(0.3);
      void delay(random.below(10)).then(() => ray.cancel(ref, { force }));
      return { ref, value, mayFail: true };
    }
    case 6:
      return { ref: first.options({ timeoutMs: 20 }).remote(made, ms), value, mayFail: true };
    default:
      return { ref: reader.first.remote(made, ms), value, mayFail: false };
  }
}
type Readers = readonly ReturnType<typeof RemoteReader.remote>[];

test("whatever is lost, every call comes to its end, and with the right value or a reason", async () => {
  const random = new SeededRandom(SEED);
  await withSession({ options: { numCpus: 3 } }, async () => {
    const readers: Readers = [
      RemoteReader.remote(),
      RemoteReader.options({ maxConcurrency: 3 }).remote(),
      RemoteReader.options({ maxTaskRetries: 2, maxRestarts: -1 }).remote(),
    ];
    let lost = 0;
    let going = true;
    const storm = (async () => {
      for (; going; await delay(3)) {
        const there = files();
        if (there.length === 0) continue;
        lose(random.pick(there), random.chance(0.3));
        lost += 1;
      }
    })();
    for (let wave = 0; wave < 20; wave += 1) {
      const value = wave + 1;
      const made = make.remote(value);
      const sent = Array.from({ length: 25 }, () => send(random, made, value, readers));
      for (const { ref, value: expected, mayFail } of sent) {
        const result = await ray.get(ref, { timeoutMs: STUCK_MS }).catch((error: unknown) => error);
        if (!(result instanceof Error)) assert.equal(result, expected);
        else assert.ok(mayFail && EXPECTED_ERRORS.includes(result.name), `${result.name}: ${result.message}`);
      }
    }
    going = false;
    await storm;
    assert.ok(lost > 50, `${lost} files lost`);
    for (const reader of readers) assert.ok((await ray.get(reader.calls.remote())) > 0);
  });
});
