// A row of the benchmark: what is measured, how often, and which way is better. The numbers of one row come from one program.
import type { Contender, Pool } from "./contender.ts";

export interface Metric {
  readonly label: string;
  readonly unit: string;
  readonly better: "lower" | "higher";
}

/** How large the work is, and how often it is done. */
export interface Effort {
  readonly size: number;
  readonly rounds: number;
}

interface Measured {
  readonly name: string;
  readonly metrics: readonly Metric[];
  readonly full: Effort;
  readonly quick: Effort;
}

/** Measured on pools that stay open side by side. Gives one number for each metric, undefined where a pool cannot do it. */
export interface PoolRow extends Measured {
  readonly on: "pool";
  readonly warmUp: number;
  measure(pool: Pool, size: number): Promise<readonly number[] | undefined>;
}

/** Measured on a fresh process for each sample. */
export interface ProcessRow extends Measured {
  readonly on: "process";
  measure(contender: Contender, size: number): Promise<readonly number[]>;
}

export type Row = PoolRow | ProcessRow;

/** A fast wrong answer is worth nothing. */
export function mustEqual(actual: number, expected: number, what: string): void {
  if (actual !== expected) throw new Error(`${what}: expected ${expected}, got ${actual}`);
}

/** The sum of `x + 1` for x = 0, 1, 2 … */
export function sumOfAll(count: number): number {
  return (count * (count + 1)) / 2;
}

/** Runs the work and gives its rate per second. */
export async function rate(
  count: number,
  work: () => Promise<number>,
  expected: number,
  what: string,
): Promise<number> {
  const started = performance.now();
  const result = await work();
  const seconds = (performance.now() - started) / 1000;
  mustEqual(result, expected, what);
  return count / seconds;
}
