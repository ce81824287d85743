// The rows that need a fresh process for each sample: how long a pool takes to be there, and what it weighs.
import { setTimeout as sleep } from "node:timers/promises";
import type { Contender } from "./contender.ts";
import { memoryOf, processTree, type Memory } from "./machine.ts";
import { openElsewhere } from "./opened.ts";
import type { ProcessRow } from "./row.ts";

const start: ProcessRow = {
  name: "start",
  on: "process",
  metrics: [{ label: "4 workers: until each gave a result", unit: "ms", better: "lower" }],
  full: { size: 4, rounds: 5 },
  quick: { size: 4, rounds: 1 },
  async measure(contender, workers) {
    const opened = await openElsewhere(contender.name, workers);
    await opened.end();
    return [opened.startMs];
  },
};

/** Two sizes, so that the slope gives the weight of one worker without that of the session. */
const [few, many] = [2, 4] as const;

const memory: ProcessRow = {
  name: "memory",
  on: "process",
  metrics: [
    { label: `idle with ${few} workers: proportional`, unit: "MB", better: "lower" },
    { label: `idle with ${few} workers: resident`, unit: "MB", better: "lower" },
    { label: "each further worker: proportional", unit: "MB", better: "lower" },
    { label: "each further worker: resident", unit: "MB", better: "lower" },
  ],
  full: { size: 500, rounds: 2 },
  quick: { size: 200, rounds: 1 },
  async measure(contender, settleMs) {
    const small = await weigh(contender, few, settleMs);
    const large = await weigh(contender, many, settleMs);
    const each = (key: keyof Memory): number => (large[key] - small[key]) / (many - few);
    return [small.proportional, small.resident, each("proportional"), each("resident")];
  },
};

/** Of the process that opened the pool and all that it started, in MB. */
async function weigh(contender: Contender, workers: number, settleMs: number): Promise<Memory> {
  const opened = await openElsewhere(contender.name, workers);
  try {
    await sleep(settleMs);
    const total = { proportional: 0, resident: 0 };
    for (const pid of processTree(opened.pid)) {
      const { proportional, resident } = memoryOf(pid);
      total.proportional += proportional;
      total.resident += resident;
    }
    return total;
  } finally {
    await opened.end();
  }
}

export const processRows: readonly ProcessRow[] = [start, memory];
