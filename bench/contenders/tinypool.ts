// Tinypool as a contender, on threads.
import { poolOfPromises, workerFile, type Contender } from "../contender.ts";

export const tinypool: Contender = {
  name: "tinypool",
  settings: "fixed size",
  async load() {
    const { Tinypool } = await import("tinypool");
    return async (workers) => {
      const pool = new Tinypool({ filename: workerFile("tasks.js"), minThreads: workers, maxThreads: workers });
      return poolOfPromises(
        (task, x) => pool.run(x, { name: task }),
        () => pool.destroy(),
      );
    };
  },
};
