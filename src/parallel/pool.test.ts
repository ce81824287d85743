// ActorPool, in this process.
import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import * as ray from "../index.ts";
import { ActorPool } from "./pool.ts";

class Worker {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  async work(value: number, ms: number = 0): Promise<string> {
    await ray.sleep(ms);
    if (value < 0) throw new RangeError("negative");
    return `${this.name}${value}`;
  }

  end(value: number): string {
    if (this.name !== "d") ray.exitActor();
    return `${this.name}${value}`;
  }
}
const RemoteWorker = ray.remote(Worker, { numCpus: 0 });
const make = (...names: string[]): ray.ActorHandle<Worker>[] => names.map((name) => RemoteWorker.remote(name));

/** Everybody here knows it. */
async function killed(actor: ray.ActorHandle<Worker>): Promise<void> {
  await ray.kill(actor);
  await assert.rejects(ray.get(actor.work.remote(0)), ray.ActorDiedError);
}

before(() => ray.init({ address: "inline", numCpus: 2 }));
after(() => ray.shutdown());

it("maps in order, and as results are ready", async () => {
  const pool = new ActorPool(make("", ""));
  const ordered: string[] = [];
  for await (const result of pool.map((actor, value) => actor.work.remote(value, 30 - 10 * value), [0, 1, 2]))
    ordered.push(result);
  assert.deepEqual(ordered, ["0", "1", "2"]);
  const ready: string[] = [];
  for await (const result of pool.mapUnordered((actor, value) => actor.work.remote(value, value), [200, 1]))
    ready.push(result);
  assert.deepEqual(ready, ["1", "200"]);
});

it("gives each actor one call at a time", async () => {
  const pool = new ActorPool(make("a", "b"));
  for (const value of [1, 2, 3]) pool.submit((actor, given) => actor.work.remote(given), value);
  assert.equal(pool.hasFree(), false);
  assert.equal(pool.popIdle(), undefined);
  assert.deepEqual([await pool.getNext(), await pool.getNext()], ["a1", "b2"]);
  assert.match(String(await pool.getNextUnordered()), /^[ab]3$/);
  assert.equal(pool.hasNext(), false);
  await assert.rejects(pool.getNext(), /^RangeError: There is no more work/);
});

it("says what its function should give", async () => {
  const pool = new ActorPool(make("a"));
  for (const [wrong, got] of [
    [() => undefined, "nothing"],
    [() => 7, "a number"],
    [async () => "late", "a promise"],
  ] as const) {
    pool.submit(wrong as never, 1);
    await assert.rejects(pool.getNext(), new RegExp(`gives the ref of a call, .* but this one gave ${got}\\.`));
  }
  pool.submit((actor) => actor.work.remote(2), 2);
  assert.equal(await pool.getNext(), "a2");
});

it("tells the errors of calls where their results are asked for, and goes on", async () => {
  const pool = new ActorPool(make("a"));
  pool.submit((actor, value) => actor.work.remote(value), -1);
  pool.submit((actor, value) => actor.work.remote(value), 1);
  await assert.rejects(pool.getNext(), RangeError);
  assert.equal(await pool.getNext(), "a1");
});

it("waits no longer than it may, and can be asked again", async () => {
  const pool = new ActorPool(make("a"));
  pool.submit((actor, value) => actor.work.remote(value, 200), 1);
  await assert.rejects(pool.getNext({ timeoutMs: 1 }), ray.GetTimeoutError);
  await assert.rejects(pool.getNextUnordered({ timeoutMs: 1 }), ray.GetTimeoutError);
  assert.equal(await pool.getNextUnordered(), "a1");
});

it("goes on without those that have died, or with others in their places", async () => {
  const [first, second] = make("a", "b") as [ray.ActorHandle<Worker>, ray.ActorHandle<Worker>];
  const pool = new ActorPool([first, second]);
  pool.submit((actor, value) => actor.end.remote(value), 1);
  for (const value of [2, 3]) pool.submit((actor, given) => actor.work.remote(given), value);
  await assert.rejects(pool.getNext(), { name: "ActorDiedError", begun: true });
  assert.deepEqual([await pool.getNext(), await pool.getNext()], ["b2", "b3"]);
  await killed(second);
  pool.submit((actor, value) => actor.work.remote(value), 4);
  await assert.rejects(pool.getNext(), { name: "ActorDiedError", begun: false, message: /^All actors .* are dead/ });
  const [mortal] = make("c") as [ray.ActorHandle<Worker>];
  const replaced = new ActorPool([mortal], { replace: () => make("d")[0] as ray.ActorHandle<Worker> });
  for (const value of [1, 2]) replaced.submit((actor, given) => actor.end.remote(given), value);
  await assert.rejects(replaced.getNext(), ray.ActorDiedError);
  assert.equal(await replaced.getNext(), "d2");
});

it("gives a call that a dead one did not run to the next, in its turn", async () => {
  const actors = make("a", "b", "c");
  const pool = new ActorPool(actors);
  for (const actor of actors.slice(0, 2)) await killed(actor);
  for (const value of [1, 2, 3]) pool.submit((actor, given) => actor.work.remote(given), value);
  assert.deepEqual([await pool.getNext(), await pool.getNext(), await pool.getNext()], ["c1", "c2", "c3"]);
});

it("does not replace without end those that are never made", async () => {
  const Broken = ray.remote(
    class extends Worker {
      constructor(name: string) {
        super(name);
        throw new RangeError("never made");
      }
    },
    { numCpus: 0 },
  );
  const [mortal] = make("a") as [ray.ActorHandle<Worker>];
  await killed(mortal);
  const pool = new ActorPool([mortal], { replace: () => Broken.remote("b") });
  pool.submit((actor, value) => actor.work.remote(value), 1);
  await assert.rejects(pool.getNext(), { name: "ActorDiedError", message: /never made/ });
});

it("says of work that it did not run, where no actor is left to do it", async () => {
  const [mortal] = make("a") as [ray.ActorHandle<Worker>];
  const pool = new ActorPool([mortal]);
  for (const value of [1, 2]) pool.submit((actor, given) => actor.end.remote(given), value);
  const death = await pool.getNext().catch((error: unknown) => error);
  await assert.rejects(pool.getNext(), (error) => {
    assert.ok(error instanceof ray.ActorDiedError && death instanceof ray.ActorDiedError);
    assert.match(
      error.message,
      /^All actors of the ActorPool are dead: this work did not run\.\n +the last of them:\n +\| Actor/,
    );
    assert.equal(error.actorId, death.actorId);
    assert.equal(error.cause, death);
    return true;
  });
});

it("says why an actor could not be replaced, to the work that waits for one", async () => {
  const [one, other] = make("a", "b") as [ray.ActorHandle<Worker>, ray.ActorHandle<Worker>];
  const failing = (): never => {
    throw new RangeError("no more machines");
  };
  for (const [actor, replace, why] of [
    [one, failing, /could not be replaced:\n +\| no more machines/],
    [other, async () => make("c")[0], /could not be replaced:\n +\| The replace of an ActorPool gives an actor: pass/],
  ] as const) {
    const pool = new ActorPool([actor], { replace: replace as () => ray.ActorHandle<Worker> });
    await ray.kill(actor);
    for (const value of [1, 2]) pool.submit((each, given) => each.work.remote(given), value);
    await assert.rejects(pool.getNext(), ray.ActorDiedError);
    await assert.rejects(pool.getNext(), why);
  }
});

it("gives each who asks a result of his own", async () => {
  const pool = new ActorPool(make("", ""));
  const submit = (...values: number[]): void => {
    for (const value of values) pool.submit((actor, given) => actor.work.remote(given), value);
  };
  submit(0, 1, 2, 3);
  const asked = [0, 1, 2, 3].map(() => pool.getNext());
  assert.equal(pool.hasNext(), false);
  await assert.rejects(pool.getNext(), RangeError);
  assert.deepEqual(await Promise.all(asked), ["0", "1", "2", "3"]);
  submit(4, 5, 6);
  const unordered = [pool.getNextUnordered(), pool.getNextUnordered()];
  const earliest = pool.getNext();
  await assert.rejects(pool.getNextUnordered(), RangeError);
  assert.deepEqual(
    (await Promise.all([...unordered, earliest])).map(String).toSorted((one, other) => one.localeCompare(other)),
    ["4", "5", "6"],
  );
});

it("asks again for what did not come in time", async () => {
  const pool = new ActorPool(make("a"));
  for (const value of [1, 2]) pool.submit((actor, given) => actor.work.remote(given, 50), value);
  await assert.rejects(pool.getNext({ timeoutMs: 1 }), ray.GetTimeoutError);
  assert.deepEqual(await Promise.all([pool.getNext(), pool.getNext()]), ["a1", "a2"]);
  pool.submit((actor, given) => actor.work.remote(given, 50), 3);
  await assert.rejects(pool.getNext({ timeoutMs: 1 }), ray.GetTimeoutError);
  assert.equal(await pool.getNextUnordered(), "a3");
});

it("keeps the results of its maps apart", async () => {
  const pool = new ActorPool(make("", ""));
  const read = async (values: number[], way: "map" | "mapUnordered"): Promise<string[]> => {
    const results: string[] = [];
    for await (const result of pool[way]((actor, value) => actor.work.remote(value), values)) results.push(result);
    return results.toSorted((one, other) => one.localeCompare(other));
  };
  const [one, other, third] = await Promise.all([
    read([1, 2, 3, 4, 5], "map"),
    read([6, 7, 8], "map"),
    read([9], "mapUnordered"),
  ]);
  assert.deepEqual([one, other, third], [["1", "2", "3", "4", "5"], ["6", "7", "8"], ["9"]]);
});

it("forgets for a map what nobody has asked for, and tells whoever waits for any of it", async () => {
  const pool = new ActorPool(make("a"));
  for (const value of [1, 2, 3]) pool.submit((actor, given) => actor.work.remote(given), value);
  const asked = Promise.all([pool.getNext(), pool.getNext()]);
  const any = assert.rejects(pool.getNextUnordered(), /^TaskCancelledError: This work of the ActorPool did not run/);
  for await (const result of pool.map((actor, value) => actor.work.remote(value), [4])) assert.equal(result, "a4");
  assert.deepEqual(await asked, ["a1", "a2"]);
  await any;
});

it("forgets earlier work that nobody has asked for when it maps", async () => {
  const pool = new ActorPool(make("a"));
  pool.submit((actor, value) => actor.work.remote(value), 1);
  const results: string[] = [];
  for await (const result of pool.map((actor, value) => actor.work.remote(value), [2])) results.push(result);
  assert.deepEqual(results, ["a2"]);
});

it("keeps work for whoever is put in when all have been taken out", async () => {
  const pool = new ActorPool(make("a"));
  assert.notEqual(pool.popIdle(), undefined);
  pool.submit((actor, value) => actor.work.remote(value), 1);
  await assert.rejects(pool.getNext({ timeoutMs: 1 }), ray.GetTimeoutError);
  for (const actor of make("b")) pool.push(actor);
  assert.equal(await pool.getNext(), "b1");
});

it("refuses what is no actor, and one that it has", async () => {
  assert.throws(() => new ActorPool([]), /takes an array of actors/);
  assert.throws(() => new ActorPool([5 as never]), /made of actors/);
  const [actor] = make("a") as [ray.ActorHandle<Worker>];
  assert.throws(() => new ActorPool([actor, actor]), /in the pool already/);
  const pool = new ActorPool([actor]);
  pool.submit((each, value) => each.work.remote(value), 1);
  assert.throws(() => pool.push(actor), /in the pool already/, "and busy");
  assert.equal(await pool.getNext(), "a1");
  assert.throws(() => pool.submit(5 as never, 1), /takes a function first/);
  assert.throws(() => pool.map((each, value: number) => each.work.remote(value), 5 as never), /take an iterable/);
  assert.throws(() => new ActorPool([actor], { replac: make } as object), /no option replac\. Did you mean replace\?/);
  await assert.rejects(pool.getNext({ timeout: 5 } as object), /no option timeout\. Did you mean timeoutMs\?/);
});
