// What kind of world a seed makes: calm or murderous, narrow or wide, prompt or slow. Drawn once, from the seed.
import type { NodeOffer } from "#src/domain/request.js";
import type { Env } from "#src/domain/runtime-env.js";
import { resources } from "#src/domain/resources.js";
import type { SeededRandom } from "#src/std/random.js";
import { ENVS } from "./environments.ts";

const NO_ENVS: readonly (Env | undefined)[] = [undefined, undefined, undefined];

/** Of the object store. */
interface StoreProfile {
  /** That a value is large, and how much of such may be in memory. */
  readonly largeChance: number;
  readonly storeBytesMax: number;
  /** That there is no room for one, wherever. */
  readonly fullChance: number;
  /** Of each event: that a file is lost. */
  readonly loseFile: number;
  /** Of each event: that a worker is killed that has put something into the store and has not said so. */
  readonly killMaker: number;
}

export interface Profile extends StoreProfile {
  readonly drivers: number;
  readonly node: NodeOffer;
  /** Definitions each driver makes. */
  readonly definitions: number;
  /** How deep calls call calls, and how often they do. */
  readonly depthMax: number;
  readonly nesting: number;
  /** Calls a root program may lead to, altogether. */
  readonly callsMax: number;
  /** Root programs a driver runs side by side. */
  readonly rootsMax: number;
  readonly pauseMax: number;
  readonly cpus: readonly number[];
  readonly gadgetChance: number;
  /** Of each step of a program that calls: that it makes a placement group. */
  readonly groupChance: number;
  /** Of each step of a program that calls: that it has to do with actors. */
  readonly actorChance: number;
  /** Of each event: that somebody removes a group that another has made. */
  readonly ungroup: number;
  readonly priorities: readonly number[];
  /** That calls ask for. */
  readonly envs: readonly (Env | undefined)[];
  /** That a process may run only so many calls of a program. */
  readonly limitedChance: number;
  readonly unschedulableChance: number;
  /** That a call is a stream. */
  readonly streamChance: number;
  readonly throwChance: number;
  readonly flakeChance: number;
  readonly crashChance: number;
  readonly exitChance: number;
  readonly cancelChance: number;
  /** That calls have a time of their own, and that one of those never ends by itself. */
  readonly timedChance: number;
  readonly spinChance: number;
  /** That a call is submitted with a signal that is aborted already. */
  readonly abortedChance: number;
  /** Of each event: that a signal aborts. */
  readonly abort: number;
  /** Of each event: that a worker, a driver is killed; that a driver leaves in order. */
  readonly killWorker: number;
  readonly killDriver: number;
  readonly leaveDriver: number;
  readonly killStarting: number;
  /** That the machine is short of memory. */
  readonly pressure: number;
  /** That the end of a turn writes everything to the kernel at once. */
  readonly prompt: number;
  /** That a turn ends after one input. */
  readonly shortTurns: number;
  /** That a channel is a slow one, and how often a slow one is passed over. */
  readonly slowChannels: number;
  readonly slowness: number;
  /** That a call does not begin in the turn in which it could. */
  readonly lateStarts: number;
  /** Refs of a call settle when it begins, not when it ends. */
  readonly settlesEarly: boolean;
  readonly tick: number;
  /** What calls say they took. */
  readonly micros: readonly number[];
}

/** Parts of the profile that a run may overrule, to make a failing story smaller. */
export interface ProfileLimits {
  readonly driversMax?: number;
  readonly faults?: boolean;
  /** Every world has actors. */
  readonly actors?: boolean;
}

export function drawProfile(random: SeededRandom, limits: ProfileLimits = {}): Profile {
  const faults = limits.faults ?? true;
  const rate = (rates: readonly number[]): number => {
    const drawn = random.pick(rates);
    return faults ? drawn : 0;
  };
  const cpus = random.pick([1, 1, 2, 2, 3, 4]);
  // Deep enough to make all workers wait that may wait; wide enough, without CPUs, to make all processes run that may run.
  const shape = random.pick(["usual", "usual", "usual", "usual", "deep", "wide"]);
  const drivers = random.pick([1, 1, 1, 2, 2, 3]);
  return {
    drivers: Math.min(drivers, limits.driversMax ?? drivers),
    node: {
      nodeId: "node",
      total: resources({ CPU: cpus, gadget: random.pick([0, 1, 2]), GPU: random.pick([0, 1, 2, 3]), tool: 1 }),
      labels: { zone: "a" },
    },
    definitions: random.between(1, 4),
    depthMax: shape === "deep" ? 25 : 3,
    nesting: shape === "deep" ? 0.95 : 0.45,
    callsMax: shape === "usual" ? random.pick([3, 8, 8, 20, 40]) : 60,
    rootsMax: shape === "wide" ? 4 : random.pick([1, 1, 2, 4]),
    pauseMax: random.pick([1, 3, 20]),
    cpus: shape === "wide" ? [0] : random.pick([[1], [1, 1, 1, 0.5], [0, 0.5, 1, 2], [1, 1, 0]]),
    gadgetChance: random.pick([0, 0.1, 0.3]),
    groupChance: random.pick([0, 0.1, 0.25]) * (shape === "deep" ? 0.1 : 1),
    actorChance: random.pick(limits.actors === true ? [0.3, 0.6] : [0, 0, 0.3]) * (shape === "deep" ? 0.1 : 1),
    ungroup: rate([0, 0, 0.003]),
    priorities: random.pick([[0], [0], [0, 0, 0, 1], [-1, 0, 0, 1, 5]]),
    envs: random.pick([NO_ENVS, NO_ENVS, [...NO_ENVS, ENVS.one], [...NO_ENVS, ...Object.values(ENVS)]]),
    limitedChance: random.pick([0, 0, 0.2, 0.7]),
    unschedulableChance: random.pick([0, 0.01, 0.05]),
    // Nobody waits for the end of one: a deep tree would break there.
    streamChance: random.pick([0, 0.1, 0.4]) * (shape === "deep" ? 0 : 1),
    throwChance: random.pick([0, 0.03, 0.1]),
    // As with crashes, whole trees run again.
    flakeChance: random.pick([0, 0.02, 0.06]) * (shape === "deep" ? 0.2 : 1),
    // Each crash runs whole trees again, and in a deep tree the crashes in those.
    crashChance: rate([0, 0.02, 0.06]) * (shape === "deep" ? 0.2 : 1),
    exitChance: rate([0, 0.01, 0.05]) * (shape === "deep" ? 0.2 : 1),
    // What is cut short is not seen to its end: in deep trees that would be nearly all.
    cancelChance: rate([0, 0.05, 0.2]) * (shape === "deep" ? 0.1 : 1),
    timedChance: rate([0, 0.05, 0.2]) * (shape === "deep" ? 0.1 : 1),
    spinChance: random.pick([0, 0.7]),
    abortedChance: rate([0, 0.02]) * (shape === "deep" ? 0.1 : 1),
    abort: rate([0, 0.002, 0.01]) * (shape === "deep" ? 0.1 : 1),
    ...drawDeaths(rate),
    prompt: random.pick([0, 0.5, 0.9]),
    shortTurns: random.pick([0.3, 0.9]),
    slowChannels: random.pick([0, 0.2, 0.5]),
    slowness: random.pick([0.9, 0.99]),
    lateStarts: random.pick([0, 0.3, 0.9]),
    settlesEarly: random.chance(0.5),
    tick: random.pick([0.002, 0.01, 0.05]),
    ...drawStore(random, rate, shape === "deep"),
    micros: random.pick([[5], [20, 200], [5, 50_000], [3_000, 9_000]]),
  };
}

function drawDeaths(rate: (rates: readonly number[]) => number): Deaths {
  return {
    killWorker: rate([0, 0, 0.001, 0.005, 0.015]),
    killDriver: rate([0, 0, 0.0003, 0.001]),
    leaveDriver: rate([0, 0, 0.0005]),
    killStarting: rate([0, 0, 0.05]),
    pressure: rate([0, 0, 0.001, 0.01]),
  };
}

type Deaths = Pick<Profile, "killWorker" | "killDriver" | "leaveDriver" | "killStarting" | "pressure">;

function drawStore(random: SeededRandom, rate: (rates: readonly number[]) => number, deep: boolean): StoreProfile {
  return {
    largeChance: random.pick([0, 0.2, 0.6]),
    storeBytesMax: random.pick([0, 60, 200, 10_000]),
    fullChance: rate([0, 0, 0.03]),
    // As with crashes, whole trees run again.
    loseFile: rate([0, 0, 0.01, 0.04]) * (deep ? 0.1 : 1),
    // As with crashes, whole trees run again.
    killMaker: rate([0, 0, 0.01, 0.1]) * (deep ? 0.1 : 1),
  };
}
