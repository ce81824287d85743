// Runs rows × contenders: everybody warm first, then round after round, everybody once in each, a different one first every time.
import type { Contender, Pool } from "./contender.ts";
import { collectGarbage } from "#src/std/garbage.js";
import type { Effort, Metric, PoolRow, Row } from "./row.ts";

/** One contender on one metric. A sample for each round; none: cannot do it, or failed. */
export interface Cell {
  readonly contender: string;
  readonly samples: number[];
  failure?: string;
}

export interface Line extends Metric {
  readonly row: string;
  readonly size: number;
  readonly cells: readonly Cell[];
}

export interface Plan {
  readonly rows: readonly Row[];
  readonly contenders: readonly Contender[];
  readonly workers: number;
  readonly quick: boolean;
  report(progress: string): void;
}

/** A measurement that takes longer has failed. The slowest one of a healthy run takes about two seconds. */
const measurementMsMax = 20_000;

export async function run(plan: Plan): Promise<Line[]> {
  const pools = new Map<string, Pool>();
  const lines: Line[] = [];
  try {
    for (const row of plan.rows) {
      plan.report(row.name);
      const effort = plan.quick ? row.quick : row.full;
      const linesOfRow = emptyLines(plan, row, effort);
      if (row.on === "pool") await warmUp(plan, row, pools, linesOfRow);
      await measure(plan, row, effort, pools, linesOfRow);
      lines.push(...linesOfRow);
    }
  } finally {
    for (const pool of pools.values()) await within(measurementMsMax, pool.close()).catch(() => {});
  }
  return lines;
}

function emptyLines(plan: Plan, row: Row, { size }: Effort): Line[] {
  return row.metrics.map((metric) => {
    const cells = plan.contenders.map(({ name }) => ({ contender: name, samples: [] }));
    return { ...metric, row: row.name, size, cells };
  });
}

async function warmUp(plan: Plan, row: PoolRow, pools: Map<string, Pool>, lines: readonly Line[]): Promise<void> {
  for (const contender of plan.contenders) {
    await attempt(contender, lines, async () => {
      const pool = pools.get(contender.name) ?? (await (await contender.load())(plan.workers));
      pools.set(contender.name, pool);
      await row.measure(pool, row.warmUp);
      return undefined;
    });
  }
}

async function measure(
  plan: Plan,
  row: Row,
  effort: Effort,
  pools: Map<string, Pool>,
  lines: readonly Line[],
): Promise<void> {
  for (let round = 0; round < effort.rounds; round++) {
    for (const contender of rotated(plan.contenders, round)) {
      // So that nobody pays for the garbage of whoever was measured before.
      collectGarbage();
      await attempt(contender, lines, async () => {
        if (row.on === "process") return row.measure(contender, effort.size);
        const pool = pools.get(contender.name);
        return pool === undefined ? undefined : row.measure(pool, effort.size);
      });
    }
  }
}

/** Does not come back to a contender that failed in this row. */
async function attempt(
  { name }: Contender,
  lines: readonly Line[],
  work: () => Promise<readonly number[] | undefined>,
): Promise<void> {
  const cells = lines.flatMap((line) => line.cells.filter(({ contender }) => contender === name));
  if (cells.some(({ failure }) => failure !== undefined)) return;
  try {
    const numbers = await within(measurementMsMax, work());
    for (const [index, cell] of cells.entries()) if (numbers?.[index] !== undefined) cell.samples.push(numbers[index]);
  } catch (error) {
    for (const cell of cells) cell.failure = error instanceof Error ? error.message : String(error);
  }
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const at = by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
