// A storm: workers are killed at random, ten a second, under thousands of calls. Every result is right, comes once, and nothing is left.
import assert from "node:assert/strict";
import { test } from "node:test";
import { asCompleted, availableResources, get, getRuntimeContext, remote, sleep, type ObjectRef } from "#src/index.js";
import { delay, monotonicMs } from "#src/std/clock.js";
import { SeededRandom } from "#src/std/random.js";
import { sessionsOf, workersOf, type Trace } from "../harness/processes.ts";
import { withSession } from "../harness/session.ts";

const SEED = 20_000;
const TASKS = 20_000;
const CPUS = 8;
/** Large enough that a worker is killed while it writes one, now and then. */
const BLOCK_BYTES = 100_000;
/** Where workers start more slowly than they are killed, nothing would ever be done: so much must be, from one kill to the next. */
const DONE_BETWEEN_KILLS = 200;

/** Without a single kill's worth of results for so long, on a machine however busy, the rest will never come. */
const STUCK_MS = 60_000;

/** What comes back, and which attempt has made it. */
type Made<T> = readonly [value: T, attempt: number];

const forever = { maxRetries: -1 } as const;

/** Most calls work without looking up; more than half of the test would else go into waking up for timers. */
const leaf = remote(function leaf(value: number, ms: number): Made<number> {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  return [value, getRuntimeContext().attempt];
}, forever);

const parent = remote(async function parent(value: number, children: number): Promise<Made<number>> {
  const made = await get(Array.from({ length: children }, (_, index) => leaf.remote(value + index, 1)));
  return [made.reduce((sum, [each]) => sum + each, 0), getRuntimeContext().attempt];
}, forever);

const join = remote(async function join(left: Made<number>, right: Made<number>): Promise<Made<number>> {
  await sleep(1);
  return [(left[0] + right[0]) % 1_000_003, getRuntimeContext().attempt];
}, forever);

const block = remote(async function block(value: number, bytes: number): Promise<Made<Uint8Array>> {
  await sleep(2);
  return [new Uint8Array(bytes).fill(value), getRuntimeContext().attempt];
}, forever);

const weigh = remote(async function weigh([bytes]: Made<Uint8Array>): Promise<Made<number>> {
  await sleep(1);
  return [bytes.reduce((sum, byte) => sum + byte, 0), getRuntimeContext().attempt];
}, forever);

/** One call and what must come of it. */
interface Expected {
  readonly ref: ObjectRef<Made<number>>;
  readonly value: number;
}

/** The call of one number, of a kind that the seed has drawn; some take what earlier ones will have made. */
function submit(index: number, earlier: readonly Expected[], random: SeededRandom): Expected {
  const kind = random.below(100);
  if (kind < 15 && earlier.length > 0) {
    const recent = earlier.slice(-200);
    const [left, right] = [random.pick(recent), random.pick(recent)];
    return { ref: join.remote(left.ref, right.ref), value: (left.value + right.value) % 1_000_003 };
  }
  if (kind < 25) {
    const children = random.between(1, 3);
    const value = children * index + (children * (children - 1)) / 2;
    return { ref: parent.remote(index, children), value };
  }
  if (kind < 27) {
    const byte = random.below(256);
    return { ref: weigh.remote(block.remote(byte, BLOCK_BYTES)), value: byte * BLOCK_BYTES };
  }
  return { ref: leaf.remote(index, random.between(1, 3)), value: index };
}

class Storm {
  readonly #left: Map<ObjectRef<Made<number>>, number>;
  #over = false;
  /** Results that were made by a later attempt than the first. */
  again = 0;
  killed = 0;

  constructor(calls: readonly Expected[]) {
    this.#left = new Map(calls.map(({ ref, value }) => [ref, value]));
  }

  async collect(): Promise<void> {
    try {
      for await (const ref of asCompleted([...this.#left.keys()])) {
        const [value, attempt] = await get(ref);
        assert.equal(value, this.#left.get(ref), "a result is right, and comes once");
        this.#left.delete(ref);
        if (attempt > 1) this.again += 1;
      }
      assert.equal(this.#left.size, 0, "every result came");
    } finally {
      this.#over = true;
    }
  }

  /** Kills whichever worker the seed says, at whatever it does: run, wait, send, or start. */
  async rage(trace: Trace, random: SeededRandom): Promise<void> {
    let before = { left: this.#left.size, atMs: monotonicMs() };
    while (!this.#over) {
      await delay(random.between(50, 150));
      // Says what is pending, and where it is stuck.
      if (monotonicMs() - before.atMs > STUCK_MS) await get([...this.#left.keys()], { timeoutMs: 0 });
      if (before.left - this.#left.size < DONE_BETWEEN_KILLS) continue;
      before = { left: this.#left.size, atMs: monotonicMs() };
      const workers = workersOf(trace);
      if (workers.length > 0) this.#kill(random.pick(workers).pid);
    }
  }

  #kill(pid: number): void {
    try {
      process.kill(pid, "SIGKILL");
      this.killed += 1;
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, "ESRCH", "it had just ended by itself");
    }
  }
}

test("calls notice nothing of workers that are killed all the time, whatever they wait for", async (t) => {
  await withSession({ options: { numCpus: CPUS, logToDriver: false, hints: false } }, async () => {
    const [trace] = sessionsOf(process.pid);
    assert(trace !== undefined);
    const random = new SeededRandom(SEED);
    const calls: Expected[] = [];
    while (calls.length < TASKS) calls.push(submit(calls.length, calls, random));

    const storm = new Storm(calls);
    await Promise.all([storm.collect(), storm.rage(trace, random)]);
    t.diagnostic(`${storm.killed} workers killed, ${storm.again} of ${TASKS} results by a later attempt`);
    assert(storm.killed >= 10, `only ${storm.killed} workers were killed`);
    assert(storm.again > 0, "no call was hit");

    while ((await availableResources())["CPU"] !== CPUS) await delay(10);
    while (workersOf(trace).length !== CPUS) await delay(20);
  });
});
