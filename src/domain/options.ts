// The options that users pass: their types, in the words of the public surface. What each may be stands in option-table.ts.
// What is undefined is left out, also for the compiler where it tells them apart (exactOptionalPropertyTypes): people pass on what they may
// not have.
import type { PlacementStrategy } from "./placement.ts";

// ---------------------------------------------------------------- session

export interface InitOptions {
  /**
   * Where to run. Omitted: `RAY_TS_ADDRESS` if set, else a private local cluster that ends with this process.
   * "local": always a private one. "inline": every call runs in this process, by the same rules.
   */
  address?: string | undefined;
  /** Logical CPUs of the private local cluster. Default `os.availableParallelism()`. */
  numCpus?: number | undefined;
  /** Logical GPUs; tasks get concrete indices and `CUDA_VISIBLE_DEVICES`. Default: detected, else 0. */
  numGpus?: number | undefined;
  /** Custom logical resources, e.g. `{ license: 2 }`. Fixed-point, 0.0001 steps. */
  resources?: Record<string, number> | undefined;
  /** Labels of this machine, which `labelSelector` of calls asks for. */
  labels?: Record<string, string> | undefined;
  /** Bytes of shared memory for objects; beyond it, objects spill to disk. Default 30 % of memory. */
  objectStoreMemory?: number | undefined;
  /** Where spilled objects go. Default: the session folder. */
  spillDirectory?: string | undefined;
  /** Named actors live in a namespace. Default: a random one per job. */
  namespace?: string | undefined;
  runtimeEnv?: RuntimeEnv | undefined;
  /**
   * Worker output on the driver's terminal, prefixed `(name pid=…)`; what many workers print alike is shown once, with how often.
   * "all": each of these lines. "json": each line as an object, for services. Default true.
   */
  logToDriver?: boolean | "all" | "json" | undefined;
  /** One-line hints on the documented anti-patterns, once per call site. */
  hints?: boolean | undefined;
  /** Serve the dashboard; always loopback unless a host and a token are given. */
  dashboard?: boolean | { host?: string | undefined; port?: number | undefined } | undefined;
  /** A second init with the same options returns the running context; with different ones it throws unless this is true. */
  ignoreReinitError?: boolean | undefined;
}

/** What a driver shows of its workers' output: lines that many print alike once, all of them, or all as JSON. */
export type LogStyle = "folded" | "all" | "json";

export interface RuntimeEnv {
  envVars?: Record<string, string> | undefined;
  workingDir?: string | undefined;
  execArgv?: readonly string[] | undefined;
  /** A module imported once in every worker before any user code. */
  setup?: string | undefined;
}

// ---------------------------------------------------------------- waiting

export interface GetOptions {
  /** Then GetTimeoutError; the calls go on. Default: wait for ever. */
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

export interface WaitOptions {
  /** How many refs to wait for. Default 1. */
  numReturns?: number | undefined;
  /** Then return with what is ready. Default: wait for ever. */
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Whether a value counts as ready only when it is on this machine. Default true. */
  fetchLocal?: boolean | undefined;
}

export interface CancelOptions {
  force?: boolean | undefined;
  recursive?: boolean | undefined;
  reason?: string | undefined;
}

// ---------------------------------------------------------------- calls

export interface ResourceOptions {
  /** Tasks: 1. Actors: 1 to place and 0 to run, as in Ray. */
  numCpus?: number | undefined;
  /** Whole ones, or a part of one that is shared with others. Default 0. */
  numGpus?: number | undefined;
  /** Bytes; reserved and enforced. */
  memory?: number | undefined;
  resources?: Record<string, number> | undefined;
  schedulingStrategy?: "DEFAULT" | "SPREAD" | NodeAffinity | PlacementGroupStrategy | undefined;
  /** Conditions on the labels of the node, all of which must be met: "v", "!v", "in(a, b)", "!in(a, b)". */
  labelSelector?: Record<string, string> | undefined;
  runtimeEnv?: RuntimeEnv | undefined;
  /** Higher runs earlier among those that could run now; so does what it submits. Default 0. */
  priority?: number | undefined;
}

export interface NodeAffinity {
  /** As `nodes()` and `getRuntimeContext()` say it. */
  nodeId: string;
  /** Whether another node will do where this one is not to be had. Default false: UnschedulableError. */
  soft?: boolean | undefined;
  /** A place is named in one way. */
  placementGroup?: undefined;
  bundleIndex?: undefined;
  captureChildTasks?: undefined;
}

export interface PlacementGroupStrategy {
  /** As `placementGroup()` gives it. */
  placementGroup: { readonly id: string };
  /** Which of its bundles, counted from 0; -1, the default: any that has room. */
  bundleIndex?: number | undefined;
  /** Whether the calls that it submits, and those that they do, run in the group too, when they name no strategy. Default false. */
  captureChildTasks?: boolean | undefined;
  /** A group is on a node already. */
  nodeId?: undefined;
  soft?: undefined;
}

export interface PlacementGroupOptions {
  /** How to spread the bundles over nodes. Default "PACK": on as few as possible. */
  strategy?: PlacementStrategy | undefined;
  /** For `getPlacementGroup`; no two groups have the same. */
  name?: string | undefined;
  /** "detached" outlives the program that made it, as long as the cluster lasts. */
  lifetime?: "detached" | undefined;
}

/** Sees what was thrown, which need not be an Error; a function that takes one class of errors only will do. Runs in the worker, as code of the attempt that failed. */
export type RetryPredicate = { judge(error: unknown): boolean | PromiseLike<boolean> }["judge"];

export interface RetryOptions {
  /** Which failures of the function's own to try again: all, some classes, or a predicate. Default false. */
  retryExceptions?: boolean | readonly (abstract new (...args: never[]) => Error)[] | RetryPredicate | undefined;
  /** Delay before another attempt: `baseMs`, then each time `factor` (2) times as long, up to `maxMs` (a minute). Default none. */
  retryDelayMs?:
    | number
    | { baseMs: number; maxMs?: number | undefined; factor?: number | undefined; jitter?: boolean | undefined }
    | undefined;
}

export interface TaskOptions extends ResourceOptions, RetryOptions {
  /** What errors, logs and tools call it. Default: the function's own name. */
  name?: string | undefined;
  /** How many refs a call returns: the function returns an array of that length. 0: none. Default 1. */
  numReturns?: number | undefined;
  /** System failures (crash, kill, out of memory) to survive: 3 by default, -1 for ever. */
  maxRetries?: number | undefined;
  /** The worker is replaced after so many calls. 0 = never. */
  maxCalls?: number | undefined;
  /** From submission to result; then TaskTimeoutError and the worker is freed. */
  timeoutMs?: number | undefined;
  /** Aborting cancels the task. */
  signal?: AbortSignal | undefined;
  /** Streams only: how many unread items may be ahead of the reader, besides the one being made. Default 64; Infinity for any number. */
  backpressure?: number | undefined;
  /** Explicit values for free variables of the function. */
  captures?: Record<string, unknown> | undefined;
}

export interface MethodOptions extends RetryOptions {
  /** What errors, logs and tools call its calls. Default: `Class.method`. */
  name?: string | undefined;
  /** How many refs a call returns. 0: none. Default 1. */
  numReturns?: number | undefined;
  /** One of the actor's `concurrencyGroups`, whose limit counts for the call. */
  concurrencyGroup?: string | undefined;
  /** How many restarts of the actor the call survives; also the budget of retryExceptions. */
  maxTaskRetries?: number | undefined;
  /** From submission to result; then TaskTimeoutError. */
  timeoutMs?: number | undefined;
  /** Aborting cancels the call. */
  signal?: AbortSignal | undefined;
  /** Streams only: how many unread items may be ahead of the reader. Default 64. */
  backpressure?: number | undefined;
}

type AnyClass = abstract new (...args: never[]) => object;
type MethodKeys<T> = { [K in keyof T]: T[K] extends (...args: never[]) => unknown ? K : never }[keyof T];

export interface ActorOptions<C extends AnyClass = AnyClass> extends ResourceOptions {
  /** Not empty; unique in its namespace, else ActorAlreadyExistsError. */
  name?: string | undefined;
  namespace?: string | undefined;
  /** The actor of that name if there is one (its arguments are then ignored). Needs a name. */
  getIfExists?: boolean | undefined;
  /** "detached" outlives its job, and needs a name. */
  lifetime?: "detached" | undefined;
  /** Restarts after a crash; the constructor runs again with the same arguments. 0 by default, -1 for ever. */
  maxRestarts?: number | undefined;
  /** Method calls survive so many restarts. 0 by default (at most once), -1 for ever. */
  maxTaskRetries?: number | undefined;
  /** Calls in progress at once. 1 by default: one call at a time even when methods are async. */
  maxConcurrency?: number | undefined;
  /** Calls in progress at once, by groups of methods beside that of `maxConcurrency`. */
  concurrencyGroups?: Record<string, number> | undefined;
  /** More unfinished calls than this from one handle: PendingCallsLimitError at `.remote()`. */
  maxPendingCalls?: number | undefined;
  /** Per-method defaults. */
  methods?: { [K in MethodKeys<InstanceType<C>>]?: MethodOptions | undefined } | undefined;
  captures?: Record<string, unknown> | undefined;
}

export interface KillOptions {
  /** False: it is started again, as after a crash, if it has restarts left. Default true. */
  noRestart?: boolean | undefined;
}

export interface GetActorOptions {
  /** Default: that of the session. */
  namespace?: string | undefined;
}

export interface ListNamedActorsOptions {
  /** Not only those of the session's namespace. Default false. */
  allNamespaces?: boolean | undefined;
}
