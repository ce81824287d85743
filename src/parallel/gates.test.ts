// Semaphore, Event and Barrier, in this process.
import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import * as ray from "../index.ts";
import { Queue } from "./queue.ts";
import { Barrier, Event, Semaphore } from "./gates.ts";

before(() => ray.init({ address: "inline", numCpus: 1 }));
after(() => ray.shutdown());

it("lets so many hold a semaphore at once, in the order in which they came", async () => {
  const semaphore = new Semaphore(2);
  const first = await semaphore.acquire();
  await semaphore.acquire();
  await assert.rejects(semaphore.acquire({ timeoutMs: 1 }), /was not free within 1 ms/);
  const order: number[] = [];
  const waiting = [1, 2].map(async (number) => {
    await semaphore.acquire();
    order.push(number);
  });
  while ((await ray.get(semaphore.actor.waiting.remote())) < 2) await ray.sleep(1);
  first[Symbol.dispose]();
  // What is given back twice counts once.
  first[Symbol.dispose]();
  await waiting[0];
  await assert.rejects(semaphore.acquire({ timeoutMs: 1 }), ray.GetTimeoutError);
  semaphore.release();
  await Promise.all(waiting);
  assert.deepEqual(order, [1, 2]);
});

it("takes back what a call that is cancelled gives back at its end", async () => {
  const semaphore = new Semaphore(1);
  const holder = ray.remote(
    async (given: Semaphore) => {
      using _ = await given.acquire();
      await ray.sleep(Infinity);
    },
    { numCpus: 0 },
  );
  const held = holder.remote(semaphore);
  for (let free = true; free;)
    await semaphore.acquire({ timeoutMs: 1 }).then(
      (slot) => slot[Symbol.dispose](),
      () => (free = false),
    );
  await ray.cancel(held);
  await semaphore.acquire();
});

it("wakes all that wait for an event", async () => {
  const event = new Event();
  const waits = ray.remote(
    async (given: Event) => {
      await given.wait();
      return true;
    },
    { numCpus: 0 },
  );
  const calls = [waits.remote(event), waits.remote(event)];
  assert.equal(await event.isSet(), false);
  await event.set();
  assert.deepEqual(await ray.get(calls), [true, true]);
  await event.wait();
  await event.clear();
  await assert.rejects(event.wait({ timeoutMs: 1 }), /was not set within 1 ms/);
});

it("holds a barrier until all have arrived, again and again", async () => {
  const barrier = new Barrier(2);
  for (let round = 0; round < 2; round += 1) {
    await assert.rejects(barrier.wait({ timeoutMs: 1 }), /Not all of the 2 parties arrived within 1 ms/);
    await Promise.all([barrier.wait(), barrier.wait()]);
  }
});

it("refuses options that there are not in the name of what was made, or waits for ever", async () => {
  const wrong = { colour: 1 } as object;
  const made = {
    Queue: () => new Queue(0, wrong),
    Event: () => new Event(wrong),
    Barrier: () => new Barrier(1, wrong),
  };
  for (const [name, make] of Object.entries({ ...made, Semaphore: () => new Semaphore(1, wrong) }))
    assert.throws(make, {
      name: "TypeError",
      message: new RegExp(`^new ${name}\\(\\) has no option colour\\. It takes `),
      stack: /^[^\n]*\n {4}at [^\n]*gates\.test\./,
    });
  assert.throws(
    () => new Event({ concurrencyGroups: { a: 1 } }),
    /^TypeError: new Event\(\) has no option concurrencyGroups\./,
  );
  const event = new Event();
  await assert.rejects(
    event.wait({ timeout: 5 } as object),
    /^TypeError: wait\(\) has no option timeout\. Did you mean/,
  );
  await assert.rejects(event.wait({ time: 5 } as object), /has no option time\. Did you mean timeoutMs\?/);
  await assert.rejects(
    event.wait(new Map([["timeoutMs", 5]]) as object),
    /^TypeError: wait\(\) takes its options as a plain object, but got an instance of Map\./,
  );
  await assert.rejects(event.wait([5] as object), /takes an object of options last, but got an array\./);
  await assert.rejects(event.wait(5 as never), /^TypeError: wait\(\) takes an object of options last, but got 5\./);
});

it("refuses counts that are none", () => {
  assert.throws(() => new Semaphore(0), {
    message: /takes a whole number from 1 on/,
    stack: /^[^\n]*\n {4}at [^\n]*gates\.test\./,
  });
  assert.throws(() => new Barrier(1.5), /takes a whole number from 1 on/);
});
