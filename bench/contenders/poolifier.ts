// Poolifier as a contender, on threads.
import { once } from "node:events";
import { poolOfPromises, workerFile, type Contender } from "../contender.ts";

export const poolifier: Contender = {
  name: "poolifier",
  settings: "FixedThreadPool",
  async load() {
    const { FixedThreadPool, PoolEvents } = await import("poolifier");
    return async (workers) => {
      const pool = new FixedThreadPool<number, number>(workers, workerFile("workers/poolifier.js"));
      if (pool.emitter !== undefined && !pool.info.ready) await once(pool.emitter, PoolEvents.ready);
      return poolOfPromises(
        (task, x) => pool.execute(x, task),
        () => pool.destroy(),
      );
    };
  },
};
