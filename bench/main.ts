// npm run bench: ray-ts beside the JavaScript pools, in one run of one process. How to read it: bench/README.md.
//
//   --quick          a smoke test of half a minute instead of a measurement
//   --only ROW       this row alone; may be given several times
//   --workers N      workers of each pool (default: the number of processors, at least 2)
//   --json FILE      all samples as well
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { contenders, largeContenders } from "./contenders.ts";
import { largeRows } from "./large-rows.ts";
import { watchOthers } from "./machine.ts";
import { poolRows } from "./pool-rows.ts";
import { processRows } from "./process-rows.ts";
import type { Row } from "./row.ts";
import { run, type Line } from "./run.ts";
import { table } from "./table.ts";

const smallRows: readonly Row[] = [...poolRows, ...processRows];
const allRows: readonly Row[] = [...smallRows, ...largeRows];

/** More than this of other people's work, and the numbers say as much about it as about us. */
const foreignShareMax = 0.05;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
      workers: { type: "string", default: String(Math.max(2, availableParallelism())) },
      json: { type: "string" },
    },
  });
  const { quick, only, json } = values;
  const workers = Number(values.workers);
  if (!Number.isInteger(workers) || workers < 1)
    throw new TypeError(`--workers: expected a whole number, got ${values.workers}`);
  const idleMs = quick ? 300 : 2000;
  const before = await othersWhileIdle(idleMs);
  const others = watchOthers();
  const plan = { workers, quick, report };
  const small = await run({ ...plan, rows: chosen(smallRows, only), contenders });
  const large = await run({ ...plan, rows: chosen(largeRows, only), contenders: largeContenders });
  report("");
  const foreign = { before, during: others(), after: await othersWhileIdle(idleMs) };
  const machine = { processor: cpus()[0]?.model ?? "unknown", processors: cpus().length, node: process.version };
  console.log(
    `${machine.processors} × ${machine.processor}, Node ${machine.node}, ${workers} workers each${quick ? ", quick" : ""}`,
  );
  for (const lines of [small, large]) if (lines.length > 0) console.log(`\n${table(lines)}`);
  console.log("");
  console.log("Median (best round). ×: how many times better ray-ts is by the medians; below 1 it is worse.");
  console.log(loadText(foreign));
  const lines = [...small, ...large];
  const failures = failuresOf(lines);
  for (const failure of failures) console.log(failure);
  if (json !== undefined)
    writeFileSync(json, `${JSON.stringify({ machine, workers, quick, foreign, lines }, undefined, 2)}\n`);
  if (failures.length > 0) process.exitCode = 1;
}

function chosen(rows: readonly Row[], only: readonly string[]): readonly Row[] {
  const unknown = only.find((name) => !allRows.some((row) => row.name === name));
  const known = allRows.map(({ name }) => name).join(", ");
  if (unknown !== undefined) throw new TypeError(`--only: expected one of ${known}, got ${unknown}`);
  return only.length === 0 ? rows : rows.filter(({ name }) => only.includes(name));
}

/** On a terminal only, and gone when the table comes. */
function report(progress: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${progress}`);
}

function share(value: number | undefined): string {
  return value === undefined ? "not known" : `${(value * 100).toFixed(1)} %`;
}

interface Foreign {
  readonly before: number | undefined;
  readonly during: number | undefined;
  readonly after: number | undefined;
}

function loadText({ before, during, after }: Foreign): string {
  const tooBusy = [before, during, after].some((value) => value !== undefined && value > foreignShareMax);
  const warning = tooBusy ? " THE MACHINE WAS BUSY WITH OTHER THINGS: do not quote these numbers." : "";
  return `Foreign load: ${share(before)} before, ${share(during)} during, ${share(after)} after.${warning}`;
}

async function othersWhileIdle(ms: number): Promise<number | undefined> {
  const others = watchOthers();
  await sleep(ms);
  return others();
}

function failuresOf(lines: readonly Line[]): string[] {
  const texts = lines.flatMap(({ row, cells }) =>
    cells.flatMap(({ contender, failure }) =>
      failure === undefined ? [] : [`${row}, ${contender}: failed: ${failure}`],
    ),
  );
  return [...new Set(texts)];
}

await main();
// Some pools keep a process alive though they were closed.
process.exit();
