// Piscina with large arrays, in the three ways there are between threads: copied, moved, and in memory that all share.
import type { Piscina } from "piscina";
import type { Contender, LargeWork } from "../contender.ts";
import { poolOfPromises, workerFile } from "../contender.ts";
import { mustEqual } from "../row.ts";
import { lookAt, made, pagesOf } from "../tasks.ts";

type Way = "copied" | "moved" | "shared";
type AnyPool = Piscina<unknown, unknown>;

export const piscinaLarge: readonly Contender[] = (["copied", "moved", "shared"] as const).map(contender);

function contender(way: Way): Contender {
  return {
    name: `piscina, ${way}`,
    settings: "fixed size",
    async load() {
      const { Piscina } = await import("piscina");
      return async (workers) => {
        const filename = workerFile("workers/piscina-large.js");
        const pool: AnyPool = new Piscina({ filename, minThreads: workers, maxThreads: workers });
        return poolOfPromises(
          (task, x) => pool.run(x, { name: task }) as Promise<number>,
          () => pool.destroy(),
          largeWork(pool, way),
        );
      };
    },
  };
}

function largeWork(pool: AnyPool, way: Way): LargeWork {
  return {
    async pass(bytes, calls) {
      const array = made(bytes);
      const started = performance.now();
      // What was moved is gone: each call needs one of its own.
      const arrays = Array.from({ length: calls }, (_, index) =>
        way === "moved" && index > 0 ? new Uint8Array(array) : array,
      );
      const given = way === "shared" ? arrays.map(sharedOnce()) : arrays;
      const sums = await Promise.all(
        given.toReversed().map((each) =>
          pool.run(each, {
            name: "lookAt",
            ...(way === "moved" ? { transferList: [each.buffer as ArrayBuffer] } : {}),
          }),
        ),
      );
      const took = performance.now() - started;
      for (const sum of sums) mustEqual(sum as number, pagesOf(bytes), "the pages that a call has seen");
      return took;
    },
    async give(bytes) {
      const started = performance.now();
      const name = { copied: "made", moved: "madeToMove", shared: "madeShared" }[way];
      const sum = lookAt((await pool.run(bytes, { name })) as Uint8Array);
      const took = performance.now() - started;
      mustEqual(sum, pagesOf(bytes), "the pages that a call gave");
      return took;
    },
  };
}

/** Into memory that can be shared it must be copied first. */
function sharedOnce(): (array: Uint8Array) => Uint8Array {
  let shared: Uint8Array | undefined;
  return (array) => {
    if (shared === undefined) {
      shared = new Uint8Array(new SharedArrayBuffer(array.length));
      shared.set(array);
    }
    return shared;
  };
}
