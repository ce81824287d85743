// Timers: never early, cancellable, and no limit of 2^31 ms. Nothing here asserts that something was fast.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageChannel } from "node:worker_threads";
import { delay, monotonicMs, startAlarm, startTicker, startTimer, wallMs, whileProgress } from "./clock.ts";

test("delay is never early by the monotonic clock", async () => {
  const naps = Array.from({ length: 40 }, async (_, index) => {
    const ms = index / 3;
    const began = monotonicMs();
    await delay(ms);
    return monotonicMs() - began - ms;
  });
  for (const surplus of await Promise.all(naps)) assert.ok(surplus >= 0, `early by ${-surplus} ms`);
});

test("a delay beyond 2^31 ms does not fire at once", async () => {
  const fired: number[] = [];
  const timers = [2 ** 31, 2 ** 40, Infinity].map((ms) => startTimer(ms, () => fired.push(ms), { keepsAlive: false }));
  await delay(5);
  for (const timer of timers) timer.cancel();
  assert.deepEqual(fired, []);
});

test("delay rejects with the reason of its signal, before and during", async () => {
  const reason = new Error("enough");
  await assert.rejects(delay(1, AbortSignal.abort(reason)), reason);
  const controller = new AbortController();
  const nap = delay(Infinity, controller.signal);
  controller.abort(reason);
  await assert.rejects(nap, reason);
});

test("a delay has to be a number; a negative one has passed", async () => {
  await assert.rejects(delay(Number.NaN), TypeError);
  await delay(-5);
});

test("a ticker calls again until it is cancelled, also from inside", async () => {
  let calls = 0;
  await new Promise<void>((resolve) => {
    const ticker = startTicker(0, () => {
      calls++;
      if (calls < 3) return;
      ticker.cancel();
      resolve();
    });
  });
  await delay(5);
  assert.equal(calls, 3);
});

test("the wall clock is the system's", () => {
  assert.ok(Math.abs(wallMs() - new Date().getTime()) < 60_000);
});

test("whileProgress waits as long as less is left each time, and not for what stands still", async () => {
  for (const [lefts, looks] of [
    [[0], 0],
    [[5, 4, 4, 9], 2],
    [[3, 2, 1, 0, 9], 3],
  ] as const) {
    let at = 0;
    const work = (): Promise<void> => {
      at += 1;
      return new Promise(() => {});
    };
    await whileProgress(1, work, () => lefts[at] ?? 0);
    assert.equal(at, looks, String(lefts));
  }
});

test("whileProgress sees what has come while this process did not run", async () => {
  const { port1, port2 } = new MessageChannel();
  let left = 2;
  port2.on("message", () => (left -= 1));
  const blocked = new Int32Array(new SharedArrayBuffer(4));
  const work = (): Promise<void> => {
    port1.postMessage("done");
    Atomics.wait(blocked, 0, 0, 20);
    return new Promise(() => {});
  };
  await whileProgress(1, work, () => left);
  port1.close();
  assert.equal(left, 0);
});

test("an alarm lets what has come while this process was busy be heard first, and is not early", async () => {
  for (const ms of [5, 0]) {
    const { port1, port2 } = new MessageChannel();
    const told: string[] = [];
    port2.on("message", () => told.push("message"));
    const beganMs = monotonicMs();
    await new Promise<void>((resolve) => {
      const alarm = (): void => {
        told.push(monotonicMs() - beganMs < ms ? "early" : "alarm");
        resolve();
      };
      startAlarm(ms, alarm);
      port1.postMessage("done");
      while (monotonicMs() - beganMs <= ms + 5);
    });
    port1.close();
    assert.deepEqual(told, ["message", "alarm"], `${ms} ms`);
  }
});

test("what has come can cancel the alarm whose time is over", async () => {
  const { port1, port2 } = new MessageChannel();
  let rang = false;
  const alarm = startAlarm(1, () => (rang = true));
  port2.on("message", () => alarm.cancel());
  const beganMs = monotonicMs();
  port1.postMessage("done");
  while (monotonicMs() - beganMs < 5);
  await delay(5);
  port1.close();
  assert.equal(rang, false);
});
