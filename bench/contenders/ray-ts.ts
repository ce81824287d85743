// ray-ts as a contender: the tasks as remote functions, chains as refs handed on, nesting as a task that gets.
import type * as Ray from "ray-ts";
import type { ActorWork, Contender, LargeWork, Pool } from "../contender.ts";
import { addOne, burn, lookAt, made, pagesOf, whoAmI } from "../tasks.ts";
import { mustEqual } from "../row.ts";

export const rayTs: Contender = {
  name: "ray-ts",
  settings: "defaults",
  async load() {
    const ray = await import("ray-ts");
    return async (workers) => {
      await ray.init({ numCpus: workers, hints: false });
      return open(ray);
    };
  },
};

function open(ray: typeof Ray): Pool {
  const tasks = { addOne: ray.remote(addOne), burn: ray.remote(burn), whoAmI: ray.remote(whoAmI) };
  const inner = tasks.addOne;
  const outer = ray.remote(async (x: number): Promise<number> => ray.get(inner.remote(x)));
  const sumOf = async (refs: readonly Ray.ObjectRef<number>[]): Promise<number> => {
    const values = await ray.get(refs);
    return values.reduce((sum, each) => sum + each, 0);
  };
  return {
    call: (task, x) => ray.get(tasks[task].remote(x)),
    callAll: (task, count) => sumOf(Array.from({ length: count }, (_, index) => tasks[task].remote(index))),
    chain(length) {
      let last = inner.remote(0);
      for (let link = 1; link < length; link++) last = inner.remote(last);
      return ray.get(last);
    },
    actor: actorWork(ray),
    large: largeWork(ray),
    nested: (count) => sumOf(Array.from({ length: count }, (_, index) => outer.remote(index))),
    close: () => ray.shutdown(),
  };
}

class Counter {
  #count = 0;

  add(): number {
    this.#count += 1;
    return this.#count;
  }

  clear(): number {
    this.#count = 0;
    return this.#count;
  }
}

function actorWork(ray: typeof Ray): ActorWork {
  const remoteCounter = ray.remote(Counter);
  let open: Ray.ActorHandle<Counter> | undefined;
  const counter = (): Ray.ActorHandle<Counter> => (open ??= remoteCounter.remote());
  return {
    call: () => ray.get(counter().add.remote()),
    async callAll(count) {
      await ray.get(counter().clear.remote());
      const values = await ray.get(Array.from({ length: count }, () => counter().add.remote()));
      return values.at(-1) ?? 0;
    },
    async make() {
      using fresh = remoteCounter.remote();
      return await ray.get(fresh.add.remote());
    },
    async makeAll(count) {
      const crowd = Array.from({ length: count }, () => remoteCounter.remote());
      const values = await ray.get(crowd.map((each) => each.add.remote()));
      for (const each of crowd) each[Symbol.dispose]();
      return values.reduce((sum, value) => sum + value, 0);
    },
  };
}

function largeWork(ray: typeof Ray): LargeWork {
  const look = ray.remote(lookAt);
  const make = ray.remote(made);
  // Different ones each time: what is stored already is not stored again.
  let first = 0;
  const another = (bytes: number): Uint8Array => {
    const array = made(bytes);
    new DataView(array.buffer).setFloat64(1, (first += 1));
    return array;
  };
  return {
    put(bytes) {
      const array = another(bytes);
      const started = performance.now();
      using _ref = ray.put(array);
      return performance.now() - started;
    },
    async get(bytes) {
      using ref = ray.put(another(bytes));
      const started = performance.now();
      await ray.get(ref);
      return performance.now() - started;
    },
    async pass(bytes, calls) {
      const array = another(bytes);
      const started = performance.now();
      const sums = await ray.get(Array.from({ length: calls }, () => look.remote(array)));
      const took = performance.now() - started;
      for (const sum of sums) mustEqual(sum, pagesOf(bytes), "the pages that a call has seen");
      return took;
    },
    async give(bytes) {
      const started = performance.now();
      const sum = lookAt(await ray.get(make.remote(bytes)));
      const took = performance.now() - started;
      mustEqual(sum, pagesOf(bytes), "the pages that a call gave");
      return took;
    },
  };
}
