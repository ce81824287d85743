// Prints what happened: one table, then each failed case once with all the places where it fails.
import type { Excuse } from "./excuses.js";
import type { CaseResult } from "./launch.js";

export interface Cell {
  readonly environment: string;
  readonly major: number;
  readonly excused: readonly Excuse[];
  readonly results: readonly CaseResult[];
}

/** More failures than these are counted, not shown: the first ones tell where to begin. */
const shownMax = 40;
const messageLinesMax = 8;
const placesShownMax = 6;

const count = (results: readonly CaseResult[], status: CaseResult["status"]): number =>
  results.filter((result) => result.status === status).length;

function cellText(results: readonly CaseResult[]): string {
  const [passed, failed, excused] = [count(results, "passed"), count(results, "failed"), count(results, "excused")];
  return `${passed}/${failed}/${excused}`;
}

export function table(cells: readonly Cell[]): string {
  const majors = [...new Set(cells.map(({ major }) => major))].toSorted((a, b) => a - b);
  const names = [...new Set(cells.map(({ environment }) => environment))];
  const width = Math.max("environment".length, ...names.map((name) => name.length)) + 2;
  const column = 12;
  const lines = [`${"environment".padEnd(width)}${majors.map((major) => `Node ${major}`.padStart(column)).join("")}`];
  for (const name of names) {
    const row = majors.map((major) => {
      const cell = cells.find((each) => each.environment === name && each.major === major);
      return (cell === undefined ? "-" : cellText(cell.results)).padStart(column);
    });
    lines.push(name.padEnd(width) + row.join(""));
  }
  return [...lines, "", "passed/failed/excused"].join("\n");
}

function placesText(places: ReadonlyMap<string, readonly number[]>): string {
  const texts = [...places].map(([environment, majors]) => `${environment} (${majors.join(", ")})`);
  const rest = texts.length - placesShownMax;
  return texts.slice(0, placesShownMax).join("; ") + (rest > 0 ? `; and ${rest} more environments` : "");
}

/** The same case failing in many places is one failure with many places. */
export function failures(cells: readonly Cell[]): string {
  const byCase = new Map<string, { message: string; places: Map<string, number[]> }>();
  for (const { environment, major, results } of cells) {
    for (const { title, name, status, message } of results) {
      if (status !== "failed") continue;
      const key = `${title}: ${name}`;
      const known = byCase.get(key) ?? { message: message ?? "", places: new Map<string, number[]>() };
      known.places.set(environment, [...(known.places.get(environment) ?? []), major]);
      byCase.set(key, known);
    }
  }
  const all = [...byCase];
  const shown = all.slice(0, shownMax).map(([name, { message, places }]) => {
    const lines = message.split("\n").slice(0, messageLinesMax);
    return [`FAILED ${name}`, `  in ${placesText(places)}`, ...lines.map((line) => `    ${line}`)].join("\n");
  });
  if (all.length > shownMax) shown.push(`… and ${all.length - shownMax} more failing cases`);
  return shown.join("\n\n");
}

/** Excuses that excused nothing although their cases ran: what they say is not so any more. */
export function needless(cells: readonly Cell[]): string[] {
  const byEnvironment = new Map(cells.map(({ environment, excused }) => [environment, excused]));
  return [...byEnvironment].flatMap(([name, excused]) => {
    const results = cells.filter(({ environment }) => environment === name).flatMap((cell) => cell.results);
    return excused
      .filter(({ why }) => results.length > 0 && !results.some(({ message }) => message === why))
      .filter(({ cases }) => results.some((result) => cases.test(result.name)))
      .map(({ cases }) => `${name}: nothing that ${String(cases)} excuses has failed`);
  });
}
