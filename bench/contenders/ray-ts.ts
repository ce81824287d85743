// ray-ts as a contender: the tasks as remote functions, chains as refs handed on, nesting as a task that gets.
import type * as Ray from "ray-ts";
import type { Contender, Pool } from "../contender.ts";
import { addOne, burn, whoAmI } from "../tasks.ts";

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
    nested: (count) => sumOf(Array.from({ length: count }, (_, index) => outer.remote(index))),
    close: () => ray.shutdown(),
  };
}
