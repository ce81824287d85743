// The command line of the simulation: many seeds, or one seed told in full.
import { parseArgs } from "node:util";
import { merge, tellCoverage, type Coverage } from "./coverage.ts";
import { mutationNames } from "./mutation.ts";
import type { ProfileLimits } from "./profile.ts";
import { runSeed, type RunOptions } from "./run.ts";
import { shrink } from "./shrink.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "200" },
    seed: { type: "string" },
    first: { type: "string", default: "1" },
    events: { type: "string", default: "5000" },
    check: { type: "string", default: "16" },
    drivers: { type: "string" },
    mutation: { type: "string" },
    faults: { type: "boolean", default: true },
    actors: { type: "boolean", default: false },
    /** For each failure, look for a smaller story that breaks the same invariant. */
    shrink: { type: "boolean", default: false },
    trace: { type: "boolean", default: false },
    /** How many failing seeds to tell of before giving up. */
    failures: { type: "string", default: "1" },
  },
  allowNegative: true,
});

const print = (line: string): void => void process.stdout.write(`${line}\n`);

function main(): number {
  const one = values.seed !== undefined;
  const first = Number(values.seed ?? values.first);
  const last = one ? first : first + Number(values.seeds) - 1;
  const coverage: Coverage = new Map();
  let events = 0;
  let failed = 0;
  for (let seed = first; seed <= last; seed += 1) {
    const options = optionsFor(seed);
    const result = runSeed(options);
    events += result.events;
    merge(coverage, result.coverage);
    if (result.failure === undefined) continue;
    failed += 1;
    const smaller = values.shrink ? shrink(options, result) : undefined;
    print((smaller ?? result).failure?.report ?? "");
    if (failed >= Number(values.failures)) break;
  }
  print(`${last - first + 1} seeds, ${events} events, ${failed} failed`);
  for (const line of tellCoverage(coverage)) print(line);
  return failed === 0 ? 0 : 1;
}

function optionsFor(seed: number): RunOptions {
  const limits: ProfileLimits = {
    faults: values.faults,
    actors: values.actors,
    ...(values.drivers === undefined ? {} : { driversMax: Number(values.drivers) }),
  };
  const mutation = mutationNames.find((name) => name === values.mutation);
  return {
    seed,
    events: Number(values.events),
    checkEvery: Number(values.check),
    limits,
    ...(mutation === undefined ? {} : { mutation }),
    ...(values.trace ? { live: print } : {}),
  };
}

process.exitCode = main();
