// The one table: medians with the best round in parentheses, and how many times better ours is than each other.
import type { Cell, Line } from "./run.ts";
import { median } from "./statistics.ts";

/** Rows whose size is no number of calls. */
const WITHOUT_COUNT: ReadonlySet<string> = new Set(["start", "memory", "put", "get", "pass", "same", "give"]);

export function best({ better }: Pick<Line, "better">, samples: readonly number[]): number {
  return better === "lower" ? Math.min(...samples) : Math.max(...samples);
}

/** How many times better the first is than the second; below 1 it is worse. */
export function advantage({ better }: Pick<Line, "better">, ours: number, theirs: number): number {
  return better === "lower" ? theirs / ours : ours / theirs;
}

export function table(lines: readonly Line[]): string {
  const [first] = lines;
  if (first === undefined) return "nothing was measured";
  const head = ["", ...first.cells.flatMap(({ contender }, index) => (index === 0 ? [contender] : [contender, "×"]))];
  const body = lines.map((line) => [titleOf(line), ...line.cells.flatMap((cell, index) => texts(line, cell, index))]);
  const widths = head.map((_, column) => Math.max(...[head, ...body].map((row) => row[column]?.length ?? 0)));
  const draw = (row: readonly string[]): string =>
    row
      .map((text, column) => (column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0)))
      .join("  ");
  const rule = "─".repeat(widths.reduce((sum, width) => sum + width + 2, -2));
  return [draw(head), rule, ...body.map(draw)].join("\n");
}

function titleOf({ label, unit, row, size }: Line): string {
  const count = WITHOUT_COUNT.has(row) ? "" : `, ${size.toLocaleString("en")}`;
  return `${label}${count} [${unit}]`;
}

function texts(line: Line, cell: Cell, index: number): string[] {
  const value = valueOf(line, cell);
  if (index === 0) return [value];
  const ours = line.cells[0]?.samples ?? [];
  if (ours.length === 0 || cell.samples.length === 0) return [value, ""];
  const times = advantage(line, median(ours), median(cell.samples));
  return [value, times.toFixed(times < 1 ? 2 : 1)];
}

function valueOf(line: Line, { samples, failure }: Cell): string {
  if (failure !== undefined) return "failed";
  if (samples.length === 0) return "–";
  return `${number(median(samples))} (${number(best(line, samples))})`;
}

/** Three digits that matter are more than the machine gives. */
function number(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString("en");
  return value.toFixed(value >= 10 ? 1 : 2);
}
