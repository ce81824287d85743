// Sessions leave nothing behind in the driver itself: no handle, no listener, no ref, no unfinished call.
import assert from "node:assert/strict";
import { test } from "node:test";
import { get, put, remote, wait } from "#src/index.js";
import { delay } from "#src/std/clock.js";
import { sessionsOf, workersOf } from "../harness/processes.ts";
import { run } from "../harness/program.ts";
import { withSession } from "../harness/session.ts";

const double = remote((number: number) => number * 2);
const sum = remote((left: number, right: number) => left + right);
const failing = remote(
  () => {
    throw new Error("as it should");
  },
  { name: "failing" },
);

test("a session with finished work gives everything back", async () => {
  await withSession({}, async () => {
    const doubled = Array.from({ length: 1_000 }, (_, number) => double.remote(number));
    const total = doubled.slice(0, 100).reduce((left, right) => sum.remote(left, right));
    assert.equal(await get(total), 9_900);
    await wait(doubled, { numReturns: doubled.length });
    await assert.rejects(get(failing.remote()), /as it should/);
    assert.deepEqual(await get(put({ kept: [1, 2, 3] })), { kept: [1, 2, 3] });
  });
});

test("a session with unfinished work ends all the same", async () => {
  const endless = remote(() => new Promise<never>(() => {}));
  await withSession({ unfinished: true }, async () => {
    endless.remote();
    // Told when the session closes, which is after this returns.
    void assert.rejects(get(endless.remote()), { name: "SessionClosedError" });
    await delay(50);
  });
});

test("ten sessions, one after the other, leave no listener", async () => {
  const before = process.listenerCount("exit");
  for (let round = 0; round < 10; round += 1) {
    await withSession({ options: { numCpus: 1 } }, async () => {
      assert.equal(await get(double.remote(round)), 2 * round);
    });
  }
  assert.equal(process.listenerCount("exit"), before);
});

test("a worker that was lost is replaced, and nothing of it stays", async () => {
  const crash = remote(() => process.kill(process.pid, "SIGKILL"), { maxRetries: 0 });
  await withSession({ options: { numCpus: 2 } }, async () => {
    for (let round = 0; round < 5; round += 1)
      await assert.rejects(get(crash.remote()), { name: "WorkerCrashedError" });
    assert.equal(await get(double.remote(4)), 8);
    const [trace] = sessionsOf(process.pid);
    assert(trace !== undefined);
    for (let patience = 100; workersOf(trace).length !== 2 && patience > 0; patience -= 1) await delay(20);
    assert.equal(workersOf(trace).length, 2);
  });
});

for (const way of ["shutdown", "end"]) {
  test(`refs that are alive when the session ends are listed on request: ${way}`, async () => {
    const ended = await run("test/faults/fixtures/leaks.mjs", [way], { env: { RAY_TS_LEAKS: "1" } });
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(
      ended.stderr,
      /^ray-ts: 4 refs were alive at the end of the session\n {4}3 to values put at \S+leaks\.mjs:8:\d+ \(6\.0 MB\)\n {4}1 to what make gives, submitted at \S+leaks\.mjs:9:\d+ \(1\.0 MB\)\n$/,
    );
    const silent = await run("test/faults/fixtures/leaks.mjs", [way]);
    assert.equal(silent.stderr, "");
  });
}
