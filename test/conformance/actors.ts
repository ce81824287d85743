// Actors: objects that live elsewhere, their methods, and handles that travel.
import assert from "node:assert/strict";
import { it } from "node:test";
import { inspect } from "node:util";
import { actorHandle, get, getRuntimeContext, kill, put, remote, type ActorHandle, type ObjectRef } from "ray-ts";

class Base {
  static readonly unit = "steps";
  protected count: number;

  constructor(start = 0) {
    this.count = start;
  }

  get doubled(): number {
    return this.count * 2;
  }

  inc(by = 1): number {
    return (this.count += by);
  }

  hello(): string {
    return "of the base";
  }
}

class Counter extends Base {
  #calls = 0;
  readonly arrow = (): string => "a field";

  override inc(by = 1): number {
    this.#calls += 1;
    return super.inc(by);
  }

  async later(by: number): Promise<number> {
    await Promise.resolve();
    return this.inc(by);
  }

  read(): object {
    return { count: this.count, calls: this.#calls, doubled: this.doubled, unit: Counter.unit };
  }

  *items(count: number): Generator<number> {
    for (let item = 0; item < count; item += 1) yield this.inc();
  }

  async *itemsLater(count: number): AsyncGenerator<number> {
    yield* this.items(count);
    await Promise.resolve();
  }

  pair(): [number, string] {
    return [this.count, "x"];
  }

  _hidden(): string {
    return "not so hidden";
  }

  me(): ActorHandle<Counter> {
    return getRuntimeContext().currentActor<Counter>();
  }

  where(): object {
    const { kind, actorId, actorName, taskName, wasCurrentActorReconstructed, assignedResources } = getRuntimeContext();
    return { kind, actorId, actorName, taskName, wasCurrentActorReconstructed, assignedResources };
  }
}

/** As compilers write classes for targets before ES2015. */
const Old = (function () {
  function Old(this: { n: number }, n: number): void {
    this.n = n;
  }
  Old.prototype.add = function (this: { n: number }, m: number): number {
    return (this.n += m);
  };
  return Old as never as new (n: number) => { add(m: number): number };
})();

class Keeper {
  #kept: ActorHandle<Counter> | undefined;

  keep(handles: { inner: ActorHandle<Counter> }): void {
    this.#kept = handles.inner;
  }

  async inc(): Promise<number> {
    assert.ok(this.#kept);
    return get(this.#kept.inc.remote());
  }

  give(): ActorHandle<Counter> | undefined {
    return this.#kept;
  }
}

class Renaming {
  own(): string {
    return "own";
  }

  hasOwnProperty(name: string): string {
    return `own ${name}`;
  }

  toString(): string {
    return "own";
  }
}

class Thenable {
  // oxlint-disable-next-line unicorn/no-thenable -- the subject
  then(done: (value: string) => void): void {
    done("taken for a promise");
  }

  ok(): string {
    return "ok";
  }
}

const Counters = remote(Counter);

export function actors(): void {
  it("is made of a class in a Proxy too", async () => {
    const seen = new Proxy(Base, { construct: (cls, [start]: [number]) => new cls(start + 1) });
    const actor = remote(seen).remote(1);
    assert.equal(await get(actor.inc.remote(1)), 3);
    await kill(actor);
  });

  it("keeps state between calls, in private fields too", async () => {
    const counter = Counters.remote(5);
    assert.deepEqual(await get([counter.inc.remote(), counter.inc.remote(10), counter.later.remote(1)]), [6, 16, 17]);
    assert.deepEqual(await get(counter.read.remote()), { count: 17, calls: 3, doubled: 34, unit: "steps" });
    assert.equal(await get(counter.hello.remote()), "of the base");
    assert.equal(await get(counter._hidden.remote()), "not so hidden");
  });

  it("has each its own", async () => {
    const [one, other] = [Counters.remote(1), Counters.remote(100)];
    assert.deepEqual(await get([one.inc.remote(), other.inc.remote(), one.inc.remote()]), [2, 101, 3]);
  });

  it("takes refs as arguments, also of its constructor", async () => {
    const counter = Counters.remote(put(3));
    assert.equal(await get(counter.inc.remote(counter.inc.remote(put(1)))), 8);
  });

  it("gives streams from generator methods", async () => {
    const counter = Counters.remote();
    const got: number[] = [];
    for await (const value of counter.items.remote(3).values()) got.push(value);
    for await (const ref of counter.itemsLater.remote(2)) got.push(await get(ref));
    assert.deepEqual(got, [1, 2, 3, 4, 5]);
  });

  it("gives as many refs as numReturns says", async () => {
    const counter = Counters.remote(4);
    const refs: ObjectRef<unknown>[] = [...counter.pair.options({ numReturns: 2 }).remote()];
    assert.deepEqual(await get(refs), [4, "x"]);
    assert.equal(counter.inc.options({ numReturns: 0 }).remote(), undefined);
    assert.equal(await get(counter.inc.remote()), 6);
    const both = remote(Counter, { methods: { pair: { numReturns: 2 } } }).remote(1);
    const pair: unknown = both.pair.remote();
    assert.deepEqual(await get(pair as readonly ObjectRef<unknown>[]), [1, "x"]);
  });

  it("throws what a method throws, and lives on", async () => {
    class Touchy {
      touch(text: string): string {
        if (text === "") throw new RangeError("nothing to touch");
        return text;
      }
    }
    const touchy = remote(Touchy).remote();
    await assert.rejects(get(touchy.touch.remote("")), (error: Error) => {
      assert.ok(error instanceof RangeError);
      assert.match(error.message, /Touchy\.touch threw.*nothing to touch/);
      return true;
    });
    assert.equal(await get(touchy.touch.remote("a")), "a");
  });

  it("has its methods as properties that can be taken out", async () => {
    const counter = Counters.remote();
    assert.deepEqual(Object.keys(counter).toSorted(), [
      "_hidden",
      "hello",
      "inc",
      "items",
      "itemsLater",
      "later",
      "me",
      "pair",
      "read",
      "where",
    ]);
    const { inc } = counter;
    const { remote: submit } = inc;
    assert.deepEqual(await get([inc.remote(), submit(2)]), [1, 3]);
    const viaTask = remote(async () => get(inc.remote(10)));
    assert.equal(await get(viaTask.remote()), 13);
  });

  it("is never a thenable, and says what it is", async () => {
    const counter = Counters.remote();
    const { id, className } = counter[actorHandle];
    assert.equal(Reflect.get(counter, "then"), undefined);
    assert.equal(await Promise.resolve(counter), counter);
    assert.equal(Reflect.apply(String, undefined, [counter]), `Actor(Counter, ${id})`);
    assert.equal(inspect(counter), `Actor(Counter, ${id})`);
    assert.equal(className, "Counter");
    const thenable = remote(Thenable).remote();
    assert.equal(await get(thenable.ok.remote()), "ok");
  });

  it("travels in arguments, results, closures and the state of others", async () => {
    const counter = Counters.remote();
    const { id } = counter[actorHandle];
    const use = remote(async (handles: ActorHandle<Counter>[]) =>
      get((handles[0] as ActorHandle<Counter>).inc.remote()),
    );
    assert.equal(await get(use.remote([counter])), 1);
    const closure = remote(async () => get(counter.inc.remote()));
    assert.equal(await get(closure.remote()), 2);
    const echo = remote((handle: ActorHandle<Counter>) => handle);
    const back = await get(echo.remote(counter));
    assert.equal(back[actorHandle].id, id);
    assert.equal(await get(back.inc.remote()), 3);
    const keeper = remote(Keeper).remote();
    await get(keeper.keep.remote({ inner: counter }));
    assert.equal(await get(keeper.inc.remote()), 4);
    assert.equal((await get(keeper.give.remote()))?.[actorHandle].id, id);
  });

  it("is made in tasks, and outlives them with its handle", async () => {
    const make = remote(async () => {
      const counter = Counters.remote(7);
      await get(counter.inc.remote());
      return counter;
    });
    const counter = await get(make.remote());
    assert.equal(await get(counter.inc.remote()), 9);
  });

  it("knows where it runs, and has a handle of itself", async () => {
    const counter = Counters.remote();
    const { id } = counter[actorHandle];
    assert.deepEqual(await get(counter.where.remote()), {
      kind: "actor",
      actorId: id,
      actorName: undefined,
      taskName: "Counter.where",
      wasCurrentActorReconstructed: false,
      assignedResources: {},
    });
    const me = await get(counter.me.remote());
    assert.equal(me[actorHandle].id, id);
    assert.equal(await get(me.inc.remote()), 1);
    assert.throws(() => getRuntimeContext().currentActor(), /inside an actor/);
  });

  it("has the resources that it asks for, for life", async () => {
    const counter = Counters.options({ numGpus: 1, resources: { license: 1 } }).remote();
    const { assignedResources } = (await get(counter.where.remote())) as { assignedResources: object };
    assert.deepEqual(assignedResources, { CPU: 1, GPU: 1, license: 1 });
  });

  it("may be a class that a compiler has lowered", async () => {
    const old = remote(Old).remote(1);
    assert.equal(await get(old.add.remote(2)), 3);
  });

  it("may be a map or a set of the engine", async () => {
    const shared = remote(Map<string, number>).remote([["a", 1]]);
    shared.set.options({ numReturns: 0 }).remote("b", 2);
    assert.deepEqual([await get(shared.get.remote("b")), await get(shared.has.remote("c"))], [2, false]);
    assert.equal(await get(remote(Set).remote([1, 2]).has.remote(2)), true);
  });

  it("may have methods under the names of those that all objects have", async () => {
    const actor = remote(Renaming, { numCpus: 0 }).remote();
    assert.deepEqual(await get([actor.hasOwnProperty.remote("a"), actor.toString.remote(), actor.own.remote()]), [
      "own a",
      "own",
      "own",
    ]);
  });

  it("leaves the class as it is", () => {
    assert.equal(Counters.local, Counter);
    assert.equal(new Counters.local(2).inc(), 3);
    class Derived extends Counters.local {}
    assert.equal(new Derived(2).inc(), 3);
    assert.equal(Counters.name, "Counter");
  });
}
