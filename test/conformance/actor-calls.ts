// Calls of actors: order, how many at once, groups, limits, retries, cancels and time limits.
import assert from "node:assert/strict";
import { it } from "node:test";
import {
  cancel,
  get,
  getRuntimeContext,
  PendingCallsLimitError,
  remote,
  sleep,
  TaskCancelledError,
  TaskTimeoutError,
  type ActorHandle,
} from "ray-ts";
import { gateFolder, isOpen, meet, openGate, pass, roomIn } from "./gate.ts";

/** Writes down what it does, and waits at gates. */
class Log {
  readonly #lines: string[] = [];
  #inside = 0;
  #most = 0;

  add(line: string, _after?: unknown): void {
    this.#lines.push(line);
  }

  async wait(folder: string, gate: string): Promise<void> {
    this.#inside += 1;
    this.#most = Math.max(this.#most, this.#inside);
    openGate(folder, `${gate}-begun`);
    await pass(folder, gate);
    this.#lines.push(gate);
    this.#inside -= 1;
  }

  async meet(folder: string, party: string, member: number, size: number): Promise<void> {
    await meet(folder, party, member, size);
  }

  async until(folder: string): Promise<void> {
    openGate(folder, "until-begun");
    const { signal } = getRuntimeContext();
    try {
      await sleep(Infinity);
    } finally {
      openGate(folder, signal.aborted ? "until-aborted" : "until-ended");
    }
  }

  async *stream(folder: string): AsyncGenerator<number> {
    try {
      for (let item = 0; ; item += 1) yield item;
    } finally {
      openGate(folder, "stream-ended");
      await Promise.resolve();
    }
  }

  read(): { lines: string[]; most: number } {
    return { lines: [...this.#lines], most: this.#most };
  }
}

class Flaky {
  #tries = 0;

  try(failures: number): number {
    this.#tries += 1;
    if (this.#tries <= failures) throw new RangeError(`try ${this.#tries}`);
    return this.#tries;
  }
}

const Logs = remote(Log);

export function actorCalls(): void {
  const folders = gateFolder();

  it("runs one call at a time, in the order of submission, even when methods are async", async () => {
    const folder = roomIn(folders);
    const log = Logs.remote();
    const waits = ["a", "b", "c"].map((gate) => log.wait.remote(folder, gate));
    await pass(folder, "a-begun");
    for (const gate of ["c", "b", "a"]) openGate(folder, gate);
    await get(waits);
    assert.deepEqual(await get(log.read.remote()), { lines: ["a", "b", "c"], most: 1 });
  });

  it("keeps the order when an earlier call waits for its argument", async () => {
    const folder = roomIn(folders);
    const log = Logs.remote();
    const slow = remote(async () => pass(folder, "argument")).remote();
    const first = log.add.remote("first", slow);
    const second = log.add.remote("second");
    const other = remote(async (handle: ActorHandle<Log>) => get(handle.add.remote("another caller's")));
    await get(other.remote(log));
    openGate(folder, "argument");
    await get([first, second]);
    assert.deepEqual((await get(log.read.remote())).lines, ["another caller's", "first", "second"]);
  });

  it("goes on when a call before was cancelled while it waited for its argument", async () => {
    const folder = roomIn(folders);
    const log = Logs.remote();
    const slow = remote(async () => pass(folder, "never")).remote();
    const first = log.add.remote("first", slow);
    const second = log.add.remote("second");
    await cancel(first);
    await get(second);
    assert.deepEqual((await get(log.read.remote())).lines, ["second"]);
    await assert.rejects(get(first), TaskCancelledError);
    await cancel(slow);
  });

  it("goes on when an argument failed", async () => {
    const log = Logs.remote();
    const fails = remote((): number => {
      throw new RangeError("no argument");
    }).remote();
    const first = log.add.remote("first", fails);
    await get(log.add.remote("second"));
    await assert.rejects(get(first), /no argument[^]*argument of task Log\.add/);
  });

  it("runs as many at once as maxConcurrency allows", async () => {
    const folder = roomIn(folders);
    const log = Logs.options({ maxConcurrency: 3 }).remote();
    await get([0, 1, 2].map((member) => log.meet.remote(folder, "three", member, 3)));
  });

  it("counts groups by themselves", async () => {
    const folder = roomIn(folders);
    const log = Logs.options({ concurrencyGroups: { io: 2 }, methods: { meet: { concurrencyGroup: "io" } } }).remote();
    const waiting = log.wait.remote(folder, "slow");
    await get([0, 1].map((member) => log.meet.remote(folder, "two", member, 2)));
    await get(log.add.options({ concurrencyGroup: "io" }).remote("beside"));
    openGate(folder, "slow");
    await get(waiting);
    assert.deepEqual((await get(log.read.remote())).lines, ["beside", "slow"]);
  });

  it("refuses more unfinished calls than maxPendingCalls", async () => {
    const folder = roomIn(folders);
    const log = Logs.options({ maxPendingCalls: 2 }).remote();
    const refs = [log.wait.remote(folder, "pending"), log.add.remote("x")];
    assert.throws(
      () => log.add.remote("y"),
      (error: unknown) =>
        error instanceof PendingCallsLimitError && /Log\.add.*2 calls.*maxPendingCalls/.test(error.message),
    );
    openGate(folder, "pending");
    await get(refs);
    await get(log.add.remote("z"));
  });

  it("tries again what retryExceptions names, as the options of call, method and actor say", async () => {
    const flaky = remote(Flaky, { maxTaskRetries: 1, methods: { try: { retryExceptions: [RangeError] } } });
    assert.equal(await get(flaky.remote().try.remote(1)), 2);
    await assert.rejects(get(flaky.remote().try.remote(2)), /try 2/);
    assert.equal(await get(flaky.remote().try.options({ maxTaskRetries: 3 }).remote(3)), 4);
    await assert.rejects(get(flaky.remote().try.options({ retryExceptions: false }).remote(1)), /try 1/);
    const judged = flaky.options({ methods: { try: { retryExceptions: (error) => /try 1/.test(String(error)) } } });
    assert.equal(await get(judged.remote().try.remote(1)), 2);
    const viaTask = remote(async (handle: ActorHandle<Flaky>) => get(handle.try.remote(1)));
    assert.equal(await get(viaTask.remote(judged.remote())), 2);
  });

  it("cancels calls that wait, and tells those that run", async () => {
    const folder = roomIn(folders);
    const log = Logs.remote();
    const running = log.until.remote(folder);
    const queued = log.add.remote("never");
    await pass(folder, "until-begun");
    await cancel(queued, { reason: "not needed" });
    await assert.rejects(get(queued), /Log\.add was cancelled.*not needed/);
    await cancel(running);
    await assert.rejects(get(running), TaskCancelledError);
    await pass(folder, "until-aborted");
    assert.deepEqual((await get(log.read.remote())).lines, []);
  });

  it("cancels thousands of queued calls at once", async () => {
    const folder = roomIn(folders);
    const log = Logs.remote();
    const running = log.wait.remote(folder, "first");
    const queued = Array.from({ length: 2_500 }, () => log.add.remote("never"));
    await Promise.all(queued.map((ref) => cancel(ref)));
    openGate(folder, "first");
    await get(running);
    assert.deepEqual((await get(log.read.remote())).lines, ["first"]);
    for (const ref of queued.slice(0, 3)) await assert.rejects(get(ref), TaskCancelledError);
  });

  it("ends calls that take longer than they may, and keeps the actor", async () => {
    const folder = roomIn(folders);
    const log = Logs.remote();
    await assert.rejects(get(log.until.options({ timeoutMs: 20 }).remote(folder)), TaskTimeoutError);
    await get(log.add.remote("after"));
    assert.ok(!isOpen(folder, "until-ended"));
  });

  it("obeys a signal", async () => {
    const folder = roomIn(folders);
    const log = Logs.remote();
    const controller = new AbortController();
    const ref = log.until.options({ signal: controller.signal }).remote(folder);
    await pass(folder, "until-begun");
    controller.abort("enough");
    await assert.rejects(get(ref), /cancelled by its signal: enough/);
    await get(log.add.remote("after"));
  });

  it("ends a stream whose reader leaves", async () => {
    const folder = roomIn(folders);
    const log = Logs.remote();
    for await (const item of log.stream.remote(folder).values()) if (item === 3) break;
    await pass(folder, "stream-ended");
    await get(log.add.remote("after"));
  });

  it("says of a call that is out of time whether it waited for its actor, or behind another call", async () => {
    const folder = roomIn(folders);
    const argument = remote(() => pass(folder, "argument"), { numCpus: 0 }).remote();
    class Late {
      #after: unknown;
      constructor(after: unknown) {
        this.#after = after;
      }
      after(): unknown {
        return this.#after;
      }
    }
    const late = remote(Late).remote(argument);
    await assert.rejects(
      get(late.after.options({ timeoutMs: 1 }).remote()),
      /it was waiting for its actor to be there\./,
    );
    openGate(folder, "argument");
    const log = Logs.remote();
    const runs = log.wait.remote(folder, "runs");
    await pass(folder, "runs-begun");
    await assert.rejects(
      get(log.add.options({ timeoutMs: 1 }).remote("")),
      /it was waiting at its actor, behind other calls/,
    );
    openGate(folder, "runs");
    await get(runs);
  });

  it("does not say of a call behind those of others that it runs", async () => {
    const folder = roomIn(folders);
    const log = Logs.remote();
    // This process knows where it lives.
    await get(log.read.remote());
    const other = remote((of: ActorHandle<Log>) => get(of.wait.remote(folder, "held")), { numCpus: 0 }).remote(log);
    await pass(folder, "held-begun");
    const behind = log.add.remote("behind");
    await assert.rejects(get(behind, { timeoutMs: 1 }), (error) => {
      assert.match(
        String(error),
        /Log\.add, [0-9a-f]+: (running, or next at its actor|waiting at its actor, behind other calls)/,
      );
      return true;
    });
    openGate(folder, "held");
    await get([other, behind]);
  });

  it("takes very many calls", async () => {
    const log = Logs.remote();
    await get(Array.from({ length: 2_000 }, (_, index) => log.add.remote(String(index))));
    const { lines } = await get(log.read.remote());
    assert.deepEqual(
      lines,
      Array.from({ length: 2_000 }, (_, index) => String(index)),
    );
  });

  it("waits in its methods for other actors and tasks", async () => {
    class Asker {
      async ask(handle: ActorHandle<Log>): Promise<number> {
        await get(handle.add.remote("asked"));
        return (await get(handle.read.remote())).lines.length;
      }
    }
    const log = Logs.remote();
    const askers = [0, 1, 2].map(() => remote(Asker, { numCpus: 0 }).remote());
    const counts = await get(askers.map((asker) => asker.ask.remote(log)));
    assert.equal(Math.max(...counts), 3);
  });
}
