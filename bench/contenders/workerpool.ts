// Workerpool as a contender, on threads.
import { poolOfPromises, workerFile, type Contender } from "../contender.ts";

export const workerpool: Contender = {
  name: "workerpool",
  settings: "fixed size, threads",
  async load() {
    const { default: library } = await import("workerpool");
    return async (workers) => {
      const file = workerFile("workers/workerpool.js");
      const pool = library.pool(file, { workerType: "thread", minWorkers: workers, maxWorkers: workers });
      return poolOfPromises(
        async (task, x) => pool.exec(task, [x]),
        async () => {
          await pool.terminate();
        },
      );
    };
  },
};
