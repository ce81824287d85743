// The suite of cases in every environment and on every Node: what users' own tools do to functions before we see them.
//
//   node build/test/matrix/main.js [option…]
//     --environment WORD   only environments whose name contains the word; may be repeated
//     --node 20,24         only these versions; --node current for the running one
//     --only WORD,…        only cases whose name contains one of the words
//     --adapter codec|ray  the bare codec, or the public API (default: RAY_TS_SUITE_ADAPTER, else codec)
//     --jobs N             processes at once (default: the number of CPUs)
import { rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { environments } from "./environments.js";
import type { Environment } from "./environments.js";
import { launches } from "./launch.js";
import type { CaseResult, Node } from "./launch.js";
import { currentMajor, nodeBinary } from "./nodes.js";
import { newPlace, prepare } from "./prepare.js";
import type { Adapter } from "./prepare.js";
import { failures, needless, table } from "./report.js";
import type { Cell } from "./report.js";
import { repository } from "./sources.js";

const { values } = parseArgs({
  options: {
    environment: { type: "string", multiple: true, default: [] },
    node: { type: "string", default: "20,22,24,26" },
    only: { type: "string" },
    adapter: { type: "string", default: process.env["RAY_TS_SUITE_ADAPTER"] ?? "codec" },
    jobs: { type: "string", default: String(availableParallelism()) },
  },
});

function chosenAdapter(name: string): Adapter {
  if (name === "codec" || name === "ray" || name === "inline") return name;
  throw new Error(`expected --adapter codec, ray or inline, got ${name}`);
}

async function chosenNodes(): Promise<Node[]> {
  const majors = values.node.split(",").map((text) => (text === "current" ? currentMajor : Number(text)));
  const cache = path.join(repository, "node_modules/.cache/ray-ts");
  const nodes: Node[] = [];
  for (const major of majors) nodes.push({ major, binary: await nodeBinary(major, cache) });
  return nodes;
}

const isChosen = ({ name }: Environment): boolean =>
  values.environment.length === 0 || values.environment.some((word) => name.toLowerCase().includes(word.toLowerCase()));

/** Runs the jobs in order, so many at once. */
async function runJobs(jobs: readonly (() => Promise<void>)[], atOnce: number): Promise<void> {
  const rest = jobs.values();
  const lane = async (): Promise<void> => {
    for (const job of rest) await job();
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}

async function main(): Promise<void> {
  const started = performance.now();
  const nodes = await chosenNodes();
  const place = newPlace();
  const cells: (Cell & { results: CaseResult[] })[] = [];
  const jobs: (() => Promise<void>)[] = [];
  for (const environment of environments.filter(isChosen)) {
    const here = nodes.filter(({ major }) => environment.nodes.includes(major));
    if (here.length === 0) continue;
    const prepared = await prepare(environment, chosenAdapter(values.adapter), place);
    for (const node of here) {
      const { excused } = environment;
      const cell = { environment: environment.name, major: node.major, excused, results: [] as CaseResult[] };
      cells.push(cell);
      for (const launch of launches(prepared, node, values.only)) {
        jobs.push(async () => void cell.results.push(...(await launch())));
      }
    }
  }
  await runJobs(jobs, Number(values.jobs));
  const report = path.join(repository, "build/matrix/report.json");
  const told = cells.map(({ environment, major, results }) => ({ environment, major, results }));
  writeFileSync(report, JSON.stringify(told, undefined, 1));
  console.log(table(cells));
  const failed = failures(cells);
  if (failed !== "") console.log(`\n${failed}`);
  for (const line of needless(cells)) console.log(`\nexcuse not needed: ${line}`);
  console.log(`\n${jobs.length} programs in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  if (failed === "") {
    rmSync(place, { recursive: true, force: true });
    return;
  }
  console.log(`everything that failed: ${path.relative(".", report)}; what ran: ${path.relative(".", place)}`);
  process.exitCode = 1;
}

await main();
