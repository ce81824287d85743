// Actors by name.
import assert from "node:assert/strict";
import { it } from "node:test";
import { inspect } from "node:util";
import {
  actorHandle,
  ActorAlreadyExistsError,
  ActorNotFoundError,
  get,
  getActor,
  getRuntimeContext,
  kill,
  listNamedActors,
  remote,
  type ActorHandle,
  type ObjectRef,
} from "ray-ts";

class Counter {
  #count: number;

  constructor(start = 0) {
    this.#count = start;
  }

  inc(): number {
    this.#count += 1;
    return this.#count;
  }

  *items(): Generator<number> {
    yield this.#count;
  }

  name(): string | undefined {
    return getRuntimeContext().actorName;
  }
}

const Counters = remote(Counter);

class Log {
  readonly #all: number[] = [];

  add(n: number): number {
    return this.#all.push(n);
  }

  all(): number[] {
    return this.#all;
  }

  id(): string | undefined {
    return getRuntimeContext().actorId;
  }
}

export function actorNames(): void {
  it("is found by its name, with all that its calls need", async () => {
    const made = Counters.options({ name: "found", methods: { inc: { name: "step" } } }).remote(5);
    assert.equal(await get(made.name.remote()), "found");
    const found = await getActor<Counter>("found");
    assert.equal(found[actorHandle].id, made[actorHandle].id);
    assert.equal(inspect(found), `Actor(Counter "found", ${made[actorHandle].id})`);
    assert.equal(await get(found.inc.remote()), 6);
    for await (const item of found.items.remote().values()) assert.equal(item, 6);
    const viaTask = remote(async () => get((await getActor<Counter>("found")).inc.remote()));
    assert.equal(await get(viaTask.remote()), 7);
    await kill(made);
  });

  it("is one for all who make it with getIfExists: its id, and the order of their calls", async () => {
    const Shared = remote(Log, { name: "log", getIfExists: true, numCpus: 0 });
    const handles = [Shared.remote(), Shared.remote(), Shared.remote()];
    const numbers = [...Array.from({ length: 30 }).keys()];
    const added = numbers.map((n) => handles[n % 3]?.add.remote(n)) as ObjectRef<number>[];
    assert.deepEqual(
      await get(added),
      numbers.map((n) => n + 1),
    );
    const [made, found] = handles as [ActorHandle<Log>, ActorHandle<Log>];
    const more = numbers.map((n) => handles[n % 3]?.add.remote(n)) as ObjectRef<number>[];
    await get(more);
    assert.deepEqual(await get(found.all.remote()), [...numbers, ...numbers]);
    assert.equal(new Set(handles.map((each) => each[actorHandle].id)).size, 1);
    assert.equal(await get(found.id.remote()), found[actorHandle].id);
    assert.equal(inspect(found), inspect(made));
    await kill(found);
    await assert.rejects(get(found.all.remote()), { name: "ActorDiedError", actorId: made[actorHandle].id });
  });

  it("keeps the order of calls over handles that are known and others that are being found", async () => {
    const known = remote(Log, { name: "mixed", numCpus: 0 }).remote();
    await get(known.all.remote());
    const Shared = remote(Log, { name: "mixed", getIfExists: true, numCpus: 0 });
    const numbers = [...Array.from({ length: 40 }).keys()];
    const added = numbers.map((n) => (n % 2 === 0 ? known : Shared.remote()).add.remote(n));
    await get(added);
    assert.deepEqual(await get(known.all.remote()), numbers);
    const inTask = remote(
      async (handles: ActorHandle<Log>[]) => {
        await get(numbers.map((n) => (handles[n % 3] as ActorHandle<Log>).add.remote(n)));
        const [first] = handles as [ActorHandle<Log>];
        return get(first.all.remote());
      },
      { numCpus: 0 },
    );
    const all = await get(inTask.remote([known, Shared.remote(), Shared.remote()]));
    assert.deepEqual(all, [...numbers, ...numbers]);
    await kill(known);
  });

  it("arrives with its one id, also by a handle that getIfExists has found", async () => {
    const known = remote(Log, { name: "travelled", numCpus: 0 }).remote();
    const found = remote(Log, { name: "travelled", getIfExists: true, numCpus: 0 }).remote();
    const id = await get(found.id.remote());
    const idsOf = remote((...handles: ActorHandle<Log>[]) => handles.map((each) => each[actorHandle].id), {
      numCpus: 0,
    });
    assert.deepEqual(await get(idsOf.remote(known, found)), [id, id]);
    const kept = remote(() => found[actorHandle].id, { numCpus: 0 });
    assert.equal(await get(kept.remote()), id);
    await kill(known);
  });

  it("is made anew with getIfExists as soon as it is killed", async () => {
    const Shared = remote(Log, { name: "again", getIfExists: true, numCpus: 0 });
    const first = Shared.remote();
    await get(first.add.remote(1));
    const killed = kill(first);
    const second = Shared.remote();
    assert.deepEqual(await get(second.all.remote()), []);
    await killed;
    await kill(second);
  });

  it("is killed with all handles that were made before, and anew by those made after", async () => {
    const Shared = remote(Log, { name: "before", getIfExists: true, numCpus: 0 });
    const [first, second] = [Shared.remote(), Shared.remote()];
    const before = [first.add.remote(1), second.add.remote(2)];
    const killed = kill(first);
    const third = Shared.remote();
    const after = third.add.remote(3);
    await Promise.all(before.map((ref) => assert.rejects(get(ref), { name: "ActorDiedError", begun: false })));
    assert.equal(await get(after), 1);
    await killed;
    await kill(third);
  });

  it("is kept alive by the handle that getActor gives", async () => {
    const made = Counters.options({ name: "kept" }).remote();
    await get(made.inc.remote());
    const found = await getActor<Counter>("kept");
    made[Symbol.dispose]();
    assert.equal(await get(found.inc.remote()), 2);
    await kill(found);
  });

  it("names near matches when there is none", async () => {
    const made = Counters.options({ name: "trainer" }).remote();
    await get(made.inc.remote());
    await assert.rejects(getActor("trainr"), (error: unknown) => {
      assert.ok(error instanceof ActorNotFoundError, String(error));
      assert.match(error.message, /"trainr"[^]*Did you mean "trainer"\?/);
      return true;
    });
    await kill(made);
    await assert.rejects(getActor("trainer"), ActorNotFoundError);
  });

  it("holds its name alone, until it ends", async () => {
    const first = Counters.options({ name: "taken" }).remote();
    await get(first.inc.remote());
    const second = Counters.options({ name: "taken" }).remote();
    await assert.rejects(get(second.inc.remote()), (error: unknown) => {
      assert.ok(error instanceof ActorAlreadyExistsError, String(error));
      assert.match(error.message, /"taken".*already[^]*getIfExists/);
      return true;
    });
    assert.equal(await get(first.inc.remote()), 2);
    await kill(first);
    const third = Counters.options({ name: "taken" }).remote();
    assert.equal(await get(third.inc.remote()), 1);
    await kill(third);
  });

  it("is shared with getIfExists, however many want it at once", async () => {
    const shared = Counters.options({ name: "shared", getIfExists: true });
    const want = remote(async (start: number) => get(shared.remote(start * 1_000).inc.remote()), { numCpus: 0 });
    const first = shared.remote(0);
    await get(first.inc.remote());
    const counts = await get([1, 2, 3, 4].map((start) => want.remote(start)));
    assert.deepEqual(
      counts.toSorted((a, b) => a - b),
      [2, 3, 4, 5],
    );
    await kill(first);
  });

  it("is listed, in its namespace or in all", async () => {
    const { namespace } = getRuntimeContext();
    const here = Counters.options({ name: "listed" }).remote();
    const there = Counters.options({ name: "listed", namespace: "elsewhere" }).remote();
    await get([here.inc.remote(), there.inc.remote()]);
    assert.deepEqual(await listNamedActors(), [{ name: "listed", namespace }]);
    const all = await listNamedActors({ allNamespaces: true });
    assert.deepEqual(all.map((each) => each.namespace).toSorted(), [namespace, "elsewhere"].toSorted());
    const found: ActorHandle<Counter> = await getActor<Counter>("listed", { namespace: "elsewhere" });
    assert.equal(found[actorHandle].id, there[actorHandle].id);
    await Promise.all([kill(here), kill(there)]);
    assert.deepEqual(await listNamedActors({ allNamespaces: true }), []);
  });

  it("lives detached, without any handle", async () => {
    const detached = Counters.options({ name: "detached", lifetime: "detached" }).remote(1);
    await get(detached.inc.remote());
    detached[Symbol.dispose]();
    const found = await getActor<Counter>("detached");
    assert.equal(await get(found.inc.remote()), 3);
    await kill(found);
  });
}
