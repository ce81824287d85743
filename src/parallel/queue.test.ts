// Queue, in this process.
import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import * as ray from "../index.ts";
import { Queue } from "./queue.ts";

async function placeIn(queue: Queue<number>): Promise<number> {
  const place = await ray.get(queue.actor.get.remote(undefined));
  assert.ok(typeof place === "object" && "turn" in place);
  return place.turn;
}

before(() => ray.init({ address: "inline", numCpus: 1 }));
after(() => ray.shutdown());

it("is first in, first out, for whoever has it", async () => {
  const queue = new Queue<number>(2);
  const producer = ray.remote(async (to: Queue<number>, count: number) => {
    for (let item = 0; item < count; item += 1) await to.put(item);
    await to.close();
  });
  const done = producer.remote(queue, 7);
  const items: number[] = [];
  for await (const item of queue) items.push(item);
  assert.deepEqual(items, [0, 1, 2, 3, 4, 5, 6]);
  await ray.get(done);
});

it("waits for items and for room", async () => {
  const queue = new Queue<string>(1);
  const item = queue.get();
  await queue.put("a");
  assert.equal(await item, "a");
  await queue.put("b");
  const late = queue.put("c");
  assert.equal(await queue.full(), true);
  assert.equal(await queue.get(), "b");
  await late;
  assert.equal(await queue.get(), "c");
  assert.equal(await queue.empty(), true);
});

it("lets as many go on as there are items, or room", async () => {
  const queue = new Queue<number>(3);
  const taken = Promise.all([queue.get(), queue.get(), queue.get()]);
  while ((await ray.get(queue.actor.waiting.remote())) < 3) await ray.sleep(1);
  await queue.putNowaitBatch([1, 2, 3]);
  assert.deepEqual(await taken, [1, 2, 3]);
  await queue.putNowaitBatch([4, 5, 6]);
  const puts = [7, 8, 9].map((item) => queue.put(item));
  while ((await ray.get(queue.actor.waiting.remote())) < 3) await ray.sleep(1);
  assert.deepEqual(await queue.getNowaitBatch(3), [4, 5, 6]);
  await Promise.all(puts);
  assert.deepEqual(await queue.getNowaitBatch(3), [7, 8, 9]);
});

it("says that it is empty, full, or closed, in classes of errors of their own", async () => {
  const queue = new Queue<number>(2);
  await assert.rejects(queue.getNowait(), {
    name: "QueueEmptyError",
    message: /not enough in the queue\. Wait longer/,
  });
  await assert.rejects(queue.get({ timeoutMs: 1 }), ray.QueueEmptyError);
  await queue.putNowaitBatch([1, 2]);
  await assert.rejects(queue.putNowait(3), ray.QueueFullError);
  await assert.rejects(queue.put(3, { timeoutMs: 1 }), /no room for an item in the queue within 1 ms/);
  await assert.rejects(queue.getNowaitBatch(3), ray.QueueEmptyError);
  assert.deepEqual(await queue.getNowaitBatch(2), [1, 2]);
  const waits = queue.get();
  await queue.close();
  await assert.rejects(waits, /was closed, and nothing is left/);
  await assert.rejects(queue.put(1), /was closed, and takes no more/);
});

it("loses no item to a call that is cancelled while it waits", async () => {
  const queue = new Queue<number>();
  const taker = ray.remote((from: Queue<number>) => from.get(), { numCpus: 0 });
  const cancelled = taker.remote(queue);
  while ((await ray.get(queue.actor.waiting.remote())) === 0) await ray.sleep(1);
  await ray.cancel(cancelled);
  await assert.rejects(ray.get(cancelled), ray.TaskCancelledError);
  while ((await ray.get(queue.actor.waiting.remote())) === 1) await ray.sleep(1);
  await queue.put(1);
  assert.equal(await queue.get(), 1);
});

it("has what is put back where it was, whatever comes back first", async () => {
  const queue = new Queue<string>();
  await queue.putNowaitBatch(["a", "b", "c", "d"]);
  const taken = await Promise.all([0, 1, 2].map(() => ray.get(queue.actor.get.remote(undefined))));
  for (const index of [1, 0, 2]) {
    const back = taken[index];
    assert.ok(Array.isArray(back));
    await ray.get(queue.actor.putBack.remote(back));
  }
  assert.deepEqual(await queue.getNowaitBatch(4), ["a", "b", "c", "d"]);
});

it("passes the turn on of who is called and does not come", async () => {
  const queue = new Queue<number>();
  const gone = queue.actor.wait.remote(undefined, await placeIn(queue));
  while ((await ray.get(queue.actor.waiting.remote())) < 1) await ray.sleep(1);
  const taken = queue.get();
  while ((await ray.get(queue.actor.waiting.remote())) < 2) await ray.sleep(1);
  await queue.put(1);
  assert.equal(await ray.get(gone), true);
  assert.equal(await taken, 1);
});

it("keeps the place of who was told to wait, and is not there yet", async () => {
  const queue = new Queue<number>();
  const first = await placeIn(queue);
  await queue.put(1);
  const second = queue.get();
  await queue.size();
  assert.equal(await ray.get(queue.actor.wait.remote(undefined, first)), true);
  const taken = await ray.get(queue.actor.get.remote(first));
  assert.ok(Array.isArray(taken));
  assert.equal(taken[0]?.item, 1);
  await queue.put(2);
  assert.equal(await second, 2);
});

it("gives the first item to who came first, also when others come for theirs sooner", async () => {
  const queue = new Queue<number>();
  const first = await placeIn(queue);
  const second = await placeIn(queue);
  await queue.putNowaitBatch([1, 2, 3]);
  const taken = [];
  for (const place of [undefined, second, first]) taken.push(await ray.get(queue.actor.get.remote(place)));
  assert.deepEqual(
    taken.map((entries) => (Array.isArray(entries) ? entries[0]?.item : entries)),
    [3, 2, 1],
  );
});

it("takes nothing at once that a call which waits is about to have", async () => {
  const queue = new Queue<number>();
  const first = queue.get();
  while ((await ray.get(queue.actor.waiting.remote())) === 0) await ray.sleep(1);
  const put = queue.putNowaitBatch([1, 2, 3]);
  const now = queue.getNowaitBatch(2);
  await put;
  assert.deepEqual(await now, [2, 3]);
  assert.equal(await first, 1);
  const waits = queue.get();
  while ((await ray.get(queue.actor.waiting.remote())) === 0) await ray.sleep(1);
  const [, size, none] = await Promise.allSettled([queue.put(4), queue.size(), queue.getNowait()]);
  assert.equal(size.status === "fulfilled" && size.value, 0);
  assert.ok(none.status === "rejected" && none.reason instanceof ray.QueueEmptyError);
  assert.equal(await waits, 4);
});

it("lets nobody put ahead of those who wait for room, and loses nothing that was put before it was closed", async () => {
  const queue = new Queue<number>(1);
  const puts = [0, 1, 2].map((item) => queue.put(item));
  await puts[0];
  const got = queue.getNowait();
  puts.push(queue.put(3));
  assert.equal(await got, 0);
  const items = [await queue.get(), await queue.get(), await queue.get()];
  await Promise.all(puts);
  assert.deepEqual(items, [1, 2, 3]);

  const wide = new Queue<number>();
  await Promise.all([wide.put(1), wide.put(2), wide.close()]);
  assert.deepEqual(await wide.getNowaitBatch(2), [1, 2]);
  await assert.rejects(wide.get(), ray.QueueEmptyError);
});

it("refuses sizes and limits that are none", async () => {
  assert.throws(() => new Queue(-1), /takes the most items/);
  const queue = new Queue();
  await assert.rejects(queue.get({ timeoutMs: "1" as never }), /timeoutMs should be a number/);
  await assert.rejects(queue.getNowaitBatch(-1), /takes a number of items/);
});
