// One seed from beginning to end, and the report when something does not hold.
import { SeededRandom } from "#src/std/random.js";
import { stories } from "./check.ts";
import { Mutation, type MutationName } from "./mutation.ts";
import type { ProfileLimits } from "./profile.ts";
import { Schedule } from "./schedule.ts";
import { shorten } from "./trace.ts";
import { Violation } from "./violation.ts";
import { World } from "./world.ts";

export interface RunOptions {
  readonly seed: number;
  readonly events: number;
  readonly checkEvery: number;
  readonly limits?: ProfileLimits;
  readonly mutation?: MutationName;
  readonly live?: (line: string) => void;
}

export interface RunResult {
  readonly seed: number;
  readonly events: number;
  readonly coverage: ReadonlyMap<string, number>;
  readonly failure: RunFailure | undefined;
  /** The mutation asked for has happened. */
  readonly mutated: boolean;
}

export interface RunFailure {
  readonly invariant: string;
  readonly event: number;
  readonly report: string;
}

const LINES_SHOWN = 40;

export function runSeed(options: RunOptions): RunResult {
  const { seed, events, checkEvery, limits = {} } = options;
  const mutation =
    options.mutation === undefined ? undefined : new Mutation(options.mutation, new SeededRandom(seed + 1));
  const world = new World(seed, limits, mutation);
  world.log.live = options.live;
  const schedule = new Schedule(world, checkEvery);
  let failure: RunFailure | undefined;
  try {
    schedule.run(events);
  } catch (error) {
    failure = tell(options, world, schedule.events, error);
  }
  return { seed, events: schedule.events, coverage: world.coverage, failure, mutated: mutation?.done ?? false };
}

function tell(options: RunOptions, world: World, event: number, error: unknown): RunFailure {
  const invariant = error instanceof Violation ? error.invariant : "the brains do not throw";
  const text =
    error instanceof Error
      ? error instanceof Violation
        ? error.message
        : (error.stack ?? error.message)
      : String(error);
  const subject = /[dw][0-9a-f]{27}/.exec(text)?.[0];
  const lines = [
    `seed ${options.seed}, event ${event}: ${shorten(text)}`,
    ...(subject === undefined
      ? []
      : [`what is known of ${shorten(subject)}:`, ...world.log.last(LINES_SHOWN, subject)]),
    "the last events:",
    ...world.log.last(LINES_SHOWN),
    "stories:",
    ...stories(world).slice(0, LINES_SHOWN).map(shorten),
    `replay: ${replay(options)}`,
  ];
  return { invariant, event, report: lines.join("\n") };
}

function replay(options: RunOptions): string {
  const { seed, events, checkEvery, limits = {}, mutation } = options;
  const parts = [`node build/test/simulation/main.js --seed ${seed} --events ${events} --check ${checkEvery} --trace`];
  if (limits.driversMax !== undefined) parts.push(`--drivers ${limits.driversMax}`);
  if (limits.faults === false) parts.push("--no-faults");
  if (limits.actors === true) parts.push("--actors");
  if (mutation !== undefined) parts.push(`--mutation "${mutation}"`);
  return parts.join(" ");
}
