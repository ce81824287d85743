// Actors whose processes are killed while they are called: what was begun is counted by the actor itself, in a file.
import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import * as ray from "#src/index.js";
import { delay } from "#src/std/clock.js";
import { SeededRandom } from "#src/std/random.js";
import { allProcesses } from "../harness/processes.ts";
import { withSession } from "../harness/session.ts";

const CALLS = 1_500;
const SEED = 5;
/** A crash costs the start of a process: about so many kills, spread over the calls. */
const KILLS = 12;

/** Writes down every call as it begins. */
class Diary {
  readonly #file: string;
  #steps = 0;

  constructor(folder: string) {
    this.#file = path.join(folder, "calls");
    writeFileSync(path.join(folder, "pid"), String(process.pid));
  }

  note(call: number): number {
    appendFileSync(this.#file, `${call}\n`);
    this.#steps += 1;
    return call;
  }

  async noteSlowly(call: number): Promise<number> {
    this.note(call);
    await ray.sleep(1);
    return call;
  }

  steps(): number {
    return this.#steps;
  }

  pid(): number {
    return process.pid;
  }
}
const RemoteDiary = ray.remote(Diary, { numCpus: 0 });

interface Book {
  readonly folder: string;
  /** By call, how often it was begun, in the order in which they were begun first. */
  read(): Map<number, number>;
  pid(): number;
}

async function withBook(body: (book: Book) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "ray-ts-test-"));
  const read = (): Map<number, number> => {
    const begun = new Map<number, number>();
    for (const line of readFileSync(path.join(folder, "calls"), "utf8").split("\n"))
      if (line !== "") begun.set(Number(line), (begun.get(Number(line)) ?? 0) + 1);
    return begun;
  };
  try {
    await body({ folder, read, pid: () => Number(readFileSync(path.join(folder, "pid"), "utf8")) });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Submits calls in waves, and kills the process of the actor in some of them. */
async function underFire(book: Book, call: (number: number) => ray.ObjectRef<number>): Promise<unknown[]> {
  const random = new SeededRandom(SEED);
  const outcomes: unknown[] = [];
  const wave = CALLS / KILLS;
  for (let first = 0; first < CALLS; first += wave) {
    const refs = Array.from({ length: wave }, (_, index) => call(first + index));
    const settled = refs.map((ref) => ray.get(ref).catch((error: unknown) => error));
    await random.pick(settled);
    kill(book.pid());
    outcomes.push(...(await Promise.all(settled)));
  }
  return outcomes;
}

function isAlive(pid: number): boolean {
  return allProcesses().some((seen) => seen.pid === pid);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // The one before it has not been replaced yet.
  }
}

for (const method of ["note", "noteSlowly"] as const) {
  test(`calls of an actor that is killed and started again begin once at most: ${method}`, () =>
    withSession({}, () =>
      withBook(async (book) => {
        const diary = RemoteDiary.options({ maxRestarts: -1 }).remote(book.folder);
        const outcomes = await underFire(book, (number) => diary[method].remote(number));
        const begun = book.read();
        assert.deepEqual(
          [...begun.keys()],
          [...begun.keys()].toSorted((one, other) => one - other),
          "in order",
        );
        for (const [number, outcome] of outcomes.entries()) {
          const times = begun.get(number) ?? 0;
          if (outcome === number) assert.equal(times, 1, `call ${number} gave its result`);
          else {
            assert.ok(outcome instanceof ray.ActorUnavailableError, String(outcome));
            assert.ok(times <= 1, `call ${number} failed, and was begun ${times} times`);
          }
        }
        const failed = outcomes.filter((outcome) => outcome instanceof Error).length;
        assert.ok(failed <= KILLS, `${failed} calls failed: one that had not begun waits for the next process`);
        diary[Symbol.dispose]();
      }),
    ));
}

test("calls that may be tried again all come to their results, and begin once at least", () =>
  withSession({}, () =>
    withBook(async (book) => {
      const diary = RemoteDiary.options({ maxRestarts: -1, maxTaskRetries: -1 }).remote(book.folder);
      const outcomes = await underFire(book, (number) => diary.noteSlowly.remote(number));
      assert.deepEqual(outcomes, [...outcomes.keys()]);
      const begun = book.read();
      assert.deepEqual([...begun.keys()], [...outcomes.keys()], "in order");
      const again = [...begun.values()].filter((times) => times > 1).length;
      assert.ok(again <= KILLS, `${again} calls were begun again`);
      assert.ok((await ray.get(diary.steps.remote())) < CALLS, "its state went with its processes");
      diary[Symbol.dispose]();
    }),
  ));

test("an actor without restarts takes its calls along, and nobody else", () =>
  withSession({}, () =>
    withBook(async (book) => {
      const [victim, other] = [RemoteDiary.remote(book.folder), RemoteDiary.remote(book.folder)];
      const pid = await ray.get(victim.pid.remote());
      const calls = Array.from({ length: 100 }, (_, number) => victim.noteSlowly.remote(number));
      await ray.get(calls[5] as ray.ObjectRef<number>);
      kill(pid);
      const outcomes = await Promise.all(calls.map((call) => ray.get(call).catch((error: unknown) => error)));
      const last = outcomes.at(-1);
      assert.ok(last instanceof ray.ActorDiedError, String(last));
      assert.deepEqual([last.exitCode, last.signal], [null, "SIGKILL"]);
      assert.match(
        last.message,
        new RegExp(`Actor\\(Diary, [0-9a-f]+\\) has crashed: its process ${pid} was ended by SIGKILL`),
      );
      assert.equal(await ray.get(other.note.remote(1_000)), 1_000);
      victim[Symbol.dispose]();
      other[Symbol.dispose]();
    }),
  ));

test("an actor ends with the process that made it, and gives back what it had", () =>
  withSession({ options: { numCpus: 2, resources: { desk: 1 } } }, () =>
    withBook(async ({ folder }) => {
      const make = ray.remote(
        async (where: string) => {
          const diary = RemoteDiary.options({ resources: { desk: 1 } }).remote(where);
          return { diary, pids: [process.pid, await ray.get(diary.pid.remote())] };
        },
        { maxRetries: 0 },
      );
      const { diary, pids } = await ray.get(make.remote(folder));
      const [maker, actor] = pids as [number, number];
      assert.equal((await ray.availableResources())["desk"], undefined);
      kill(maker);
      // The news of the death is on its way.
      let error = "";
      while (error === "") error = await ray.get(diary.pid.remote()).then(() => "", String);
      assert.match(error, /^ActorDiedError: .* went with the process that had made it/);
      while (isAlive(actor) || (await ray.availableResources())["desk"] === undefined) await delay(5);
      diary[Symbol.dispose]();
    }),
  ));

test("a process ends when its actor has no handle left, and when it is killed", () =>
  withSession({}, () =>
    withBook(async ({ folder }) => {
      const [dropped, killed] = [RemoteDiary.remote(folder), RemoteDiary.remote(folder)];
      const pids = await ray.get([dropped.pid.remote(), killed.pid.remote()]);
      dropped[Symbol.dispose]();
      await ray.kill(killed);
      while (pids.some(isAlive)) await delay(5);
      killed[Symbol.dispose]();
    }),
  ));
