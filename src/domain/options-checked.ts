// Looks at options the moment they are given: a bad one throws a TypeError that names it, what was expected, and what came.
import { isRevoked } from "../std/is-array.ts";
import { isInstance, isPlain, kindOf } from "../std/is-plain.ts";
import { nearest, nearestName } from "../std/nearest.ts";
import { connectionFailed } from "./failures.ts";
import { bundles, type Check } from "./option-check.ts";
import { optionTable } from "./option-table.ts";
import type { OptionKind, OptionRow, OptionsOf } from "./option-table.ts";
import { resources, type Resources } from "./resources.ts";

/** What a function that passes options on takes differently. */
export interface OtherOptions {
  /** It has these too, and has looked at them itself. */
  readonly besides?: readonly string[];
  readonly without?: readonly string[];
}

/**
 * The options that were given, without those that are undefined: so that laying them over others changes only what was meant.
 * `caller`: how the user called it, for messages: "remote(parse)", "get()".
 */
export function checkOptions<K extends OptionKind>(
  kind: K,
  options: OptionsOf[K] | undefined,
  caller: string,
  others: OtherOptions = {},
): OptionsOf[K] {
  // Checked and not believed: most who pass wrong options are not using the compiler.
  const given: unknown = options;
  if (given === undefined) return {};
  if (!isPlain(given)) {
    // What a class or a prototype has would be passed over without a word.
    const wanted = isInstance(given) ? "a plain object" : "an object";
    throw new TypeError(`${caller} takes its options as ${wanted}, but got ${shown(given)}.`);
  }
  const checked: [string, unknown][] = [];
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    checkOne(kind, name, value, caller, others);
    checked.push([name, value]);
  }
  return Object.fromEntries(checked) as OptionsOf[K];
}

/** Which kind of cluster an address means. `environment`: RAY_TS_ADDRESS, which counts when `option` is left out. */
export function clusterAt(option: string | undefined, environment: string | undefined): "local" | "inline" {
  const fromEnvironment = option === undefined && environment !== undefined && environment !== "";
  const address = fromEnvironment ? environment : (option ?? "local");
  if (address === "local" || address === "inline") return address;
  const source = fromEnvironment ? "It comes from the environment variable RAY_TS_ADDRESS. " : "";
  const near = nearest(address, ["local", "inline"]);
  throw connectionFailed({
    address,
    reason: /^(auto$|ray:\/\/|ray\+)/.test(address)
      ? "joining a running cluster is not yet available."
      : "there is no such kind of address.",
    advice: `${source}${near === undefined ? "" : `Did you mean "${near}"? `}Use "local" for a private cluster of processes, or "inline" for this process.`,
  });
}

function checkOne(kind: OptionKind, name: string, value: unknown, caller: string, others: OtherOptions): void {
  const { besides = [], without = [] } = others;
  const all: Readonly<Record<string, OptionRow>> = optionTable[kind];
  const rows = Object.fromEntries(Object.entries(all).filter(([each]) => !without.includes(each)));
  const row = Object.hasOwn(rows, name) ? rows[name] : undefined;
  if (row === undefined)
    throw new TypeError(`${caller} has no option ${name}. ${adviceFor(kind, name, rows, besides)}`);
  if (!row.ready) {
    throw new TypeError(
      `${caller}: the option ${name} is not yet available in this version of ray-ts. Leave it out. (${row.doc})`,
    );
  }
  assertGood(row.check, value, `${caller}: the option ${name}`);
}

/** What people call options after Ray's own names for them, or from other libraries, and what no spelling leads to. */
const otherNames: Readonly<Record<string, string>> = {
  retries: "maxRetries",
  attempts: "maxRetries",
  cpus: "numCpus",
  gpus: "numGpus",
  returns: "numReturns",
  timeout: "timeoutMs",
  env: "runtimeEnv",
  abortSignal: "signal",
  placementGroup: "schedulingStrategy",
  placement_group: "schedulingStrategy",
  placement_group_bundle_index: "schedulingStrategy",
  _generator_backpressure_num_objects: "backpressure",
  generator_backpressure_num_objects: "backpressure",
  include_dashboard: "dashboard",
  no_restart: "noRestart",
  max_concurrency: "maxConcurrency",
  maxRetries: "maxTaskRetries",
  concurrency: "maxConcurrency",
};

/** Whose the options are. */
const owners: Readonly<Record<OptionKind, string>> = {
  init: "init()",
  task: "remote functions",
  actor: "actors",
  method: "methods of actors",
  get: "get()",
  wait: "wait()",
  cancel: "cancel()",
  kill: "kill()",
  getActor: "getActor()",
  listNamedActors: "listNamedActors()",
  placementGroup: "placementGroup()",
};

function adviceFor(
  kind: OptionKind,
  name: string,
  rows: Readonly<Record<string, OptionRow>>,
  besides: readonly string[],
): string {
  const own = nearestName(name, besides);
  if (own !== undefined) return `Did you mean ${own}?`;
  const other = otherName(name, rows);
  if (other !== undefined) return `Did you mean ${other}?`;
  // All of them: whoever sets numCpus for a method has little use for that of init().
  const whose = Object.entries(owners)
    .filter(([each]) => each !== kind && Object.hasOwn(optionTable[each as OptionKind], name))
    .map(([, owner]) => owner);
  if (whose.length > 0) return `It is an option of ${whose.join(", of ")}.`;
  const near = nearestName(name, Object.keys(rows)) ?? otherName(nearest(name, Object.keys(otherNames)), rows);
  if (near !== undefined) return `Did you mean ${near}?`;
  const ready = Object.keys(rows).filter((key) => rows[key]?.ready === true);
  return `It takes ${[...besides, ...ready].join(", ")}.`;
}

/** The option that goes by such a name elsewhere. */
function otherName(name: string = "", rows: Readonly<Record<string, OptionRow>>): string | undefined {
  const other = Object.hasOwn(otherNames, name) ? otherNames[name] : undefined;
  return other !== undefined && Object.hasOwn(rows, other) ? other : undefined;
}

/** `what` names the value: "init(): the option labels". */
function assertGood(check: Check, value: unknown, what: string): void {
  const problem = check.problem(value);
  if (problem === undefined) return;
  throw new TypeError(`${what}${problem.at} should be ${problem.expected}, but got ${shown(problem.got)}.`);
}

/** In the units in which resources are counted. */
export function checkBundles(given: unknown, caller: string): readonly Resources[] {
  assertGood(bundles, given, `${caller}: bundles`);
  return (given as readonly Readonly<Record<string, number>>[]).map((bundle) => resources(bundle));
}

/** A value in a few words; large ones by their kind. */
function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === "bigint") return `the bigint ${value}n`;
  if (typeof value === "function") return "a function";
  if (isRevoked(value)) return "a revoked Proxy";
  if (value instanceof Error) {
    // Code may have set it to anything, also to the error itself.
    const message: unknown = value.message;
    return typeof message === "string" ? `an Error with the message ${shown(message)}` : "an Error";
  }
  if (Array.isArray(value)) return value.length === 0 ? "an empty array" : "an array";
  if (isInstance(value)) return kindOf(value);
  if (typeof value === "object" && value !== null) return `an object (${Object.keys(value).join(", ") || "empty"})`;
  return String(value);
}
