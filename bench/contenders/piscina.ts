// Piscina as a contender, twice: as it comes, and with many tasks given to each thread, which is how it is fastest in bursts.
import { poolOfPromises, workerFile, type Contender } from "../contender.ts";

export const piscina: Contender = contender("piscina", 1);
export const piscina64: Contender = contender("piscina ×64", 64);

function contender(name: string, concurrentTasksPerWorker: number): Contender {
  return {
    name,
    settings:
      concurrentTasksPerWorker === 1
        ? "fixed size"
        : `fixed size, concurrentTasksPerWorker ${concurrentTasksPerWorker}`,
    async load() {
      const { Piscina } = await import("piscina");
      return async (workers) => {
        const filename = workerFile("tasks.js");
        const pool = new Piscina<number, number>({
          filename,
          minThreads: workers,
          maxThreads: workers,
          concurrentTasksPerWorker,
        });
        return poolOfPromises(
          (task, x) => pool.run(x, { name: task }),
          () => pool.destroy(),
        );
      };
    },
  };
}
