// The one table of all options: from it come the check at run time, the defaults and docs/options.md.
import { returnsMax } from "./limits.ts";
import {
  abortSignal,
  amount,
  concurrencyGroups,
  countOrForever,
  customResources,
  either,
  environmentVariables,
  errorClass,
  filePath,
  filledText,
  finite,
  flag,
  gpuAmount,
  growingDelay,
  labels,
  labelSelector,
  listOf,
  milliseconds,
  nameText,
  oneOf,
  predicate,
  record,
  schedulingStrategy,
  shape,
  span,
  systemText,
  text,
  whole,
} from "./option-check.ts";
import type { Check } from "./option-check.ts";
import { placementStrategies } from "./placement.ts";
import type {
  ActorOptions,
  CancelOptions,
  GetActorOptions,
  GetOptions,
  InitOptions,
  KillOptions,
  ListNamedActorsOptions,
  MethodOptions,
  PlacementGroupOptions,
  ResourceOptions,
  RetryOptions,
  TaskOptions,
  WaitOptions,
} from "./options.ts";

export interface OptionRow {
  readonly check: Check;
  /** For documents; "" when leaving it out simply means without it. */
  readonly default: string;
  readonly doc: string;
  /** False: the type has it, the feature is still to come, and using it is an error rather than a silent no-op. */
  readonly ready: boolean;
}

/** The options of each call, by the name that `checkOptions` takes. */
export interface OptionsOf {
  init: InitOptions;
  task: TaskOptions;
  actor: ActorOptions;
  method: MethodOptions;
  get: GetOptions;
  wait: WaitOptions;
  cancel: CancelOptions;
  kill: KillOptions;
  getActor: GetActorOptions;
  listNamedActors: ListNamedActorsOptions;
  placementGroup: PlacementGroupOptions;
}
export type OptionKind = keyof OptionsOf;
type RowsOf<T> = Readonly<Record<keyof T, OptionRow>>;

function ready(check: Check, preset: string, doc: string): OptionRow {
  return { check, default: preset, doc, ready: true };
}

function later(check: Check, preset: string, doc: string): OptionRow {
  return { check, default: preset, doc, ready: false };
}

/** What a remote function gets when its options say nothing. */
export const taskDefaults: {
  readonly numCpus: number;
  readonly numGpus: number;
  readonly maxRetries: number;
  readonly numReturns: number;
  readonly backpressure: number;
} = {
  numCpus: 1,
  numGpus: 0,
  // As in Ray: enough for machines that fail now and then, few enough to end for code that always crashes.
  maxRetries: 3,
  numReturns: 1,
  // Enough for both sides to work at the same time, whatever a message takes; few enough for items of a megabyte.
  backpressure: 64,
};

/** What an actor gets when its options say nothing. As in Ray. */
export const actorDefaults: {
  readonly maxRestarts: number;
  readonly maxTaskRetries: number;
  readonly maxConcurrency: number;
} = { maxRestarts: 0, maxTaskRetries: 0, maxConcurrency: 1 };

export const waitDefaults: { readonly numReturns: number; readonly fetchLocal: boolean } = {
  numReturns: 1,
  fetchLocal: true,
};

const runtimeEnv = shape({
  envVars: environmentVariables,
  workingDir: filePath,
  execArgv: listOf(systemText),
  setup: filePath,
});

const resourceRows: RowsOf<ResourceOptions> = {
  numCpus: ready(
    amount,
    String(taskDefaults.numCpus),
    "Logical CPUs that it takes while it runs; rounded to steps of 0.0001.",
  ),
  numGpus: ready(
    gpuAmount,
    String(taskDefaults.numGpus),
    "Logical GPUs: whole ones, or a part of one that it shares; the call sees which in `CUDA_VISIBLE_DEVICES` and `getGpuIds()`.",
  ),
  memory: ready(
    whole(0),
    "",
    "Bytes of memory that it may take, in a process of its own kind: they are taken from those of the node while it runs, its heap can have no more, and when its process has that much more resident than before its first call, `Buffer`s included, it is ended with OutOfMemoryError, an actor with ActorDiedError.",
  ),
  resources: ready(
    customResources,
    "{}",
    "Amounts of custom resources that it takes while it runs; rounded to steps of 0.0001.",
  ),
  schedulingStrategy: ready(
    schedulingStrategy,
    '"DEFAULT"',
    "Where to run it: an object names the node, and with `soft` another one will do, also where there is none of that id. A cluster of one node has nothing to spread over. " +
      "With `placementGroup` it runs in what that has reserved, in the bundle `bundleIndex` or in any (-1); `captureChildTasks` takes what it submits along.",
  ),
  labelSelector: ready(
    labelSelector,
    "{}",
    "Only on a node whose labels are such, all of them; `!` means another or none. No such node: UnschedulableError.",
  ),
  runtimeEnv: ready(
    runtimeEnv,
    "that of the session, or of the call that submits it",
    "The process that it runs in: environment variables, working directory, options of Node, and a module that is imported before anything else (`setup`). Variables are put together with those of the default, of the rest this one wins. Each distinct environment has processes of its own, which are used again.",
  ),
  priority: ready(
    finite,
    "0",
    "Higher runs earlier among those that could run now; what it submits comes before what is less urgent than itself. Nothing that runs is stopped.",
  ),
};

const retryRows: RowsOf<RetryOptions> = {
  retryExceptions: ready(
    either(flag, listOf(errorClass), predicate),
    "false",
    "Which errors of the function's own to try again: all, those of some classes, or those that a predicate picks (asked in the process of the call, and as its code: getRuntimeContext() tells which attempt has failed; not after the last one); as often as `maxRetries` says, and of a method `maxTaskRetries`, which is 0 unless you set it.",
  ),
  retryDelayMs: ready(
    either(span, growingDelay),
    "0",
    "How long to wait before another attempt: `baseMs`, then each time `factor` (2) times as long, up to `maxMs` (60000); with `jitter` (true) a random part of it, from half on.",
  ),
};

const name = "What errors, logs and tools call it.";
const numReturns =
  "How many refs a call returns; the function then returns an array of that length. 0 for none. The types follow it where it is written down in the call.";
const signalCancels =
  "Aborting it cancels each call that was submitted with it; once it is aborted, no further one runs. It stays in its process.";
const backpressure =
  "Streams only: how many unread items may be ahead of the reader, besides the one being made; then the function pauses. Infinity for any number.";
const itemsAhead = either(whole(1), oneOf(Infinity));
const captures = "Values for free variables of the function, by name; they win over what the runtime would capture.";
const timeout =
  "From submission to result, of a stream to its end; then TaskTimeoutError, and the function is told. One that has not ended a second later is ended with its worker.";

export const optionTable: { readonly [K in OptionKind]: RowsOf<OptionsOf[K]> } = {
  init: {
    address: ready(filledText, "`RAY_TS_ADDRESS`, else a private local cluster", 'Where to run: "local" or "inline".'),
    numCpus: ready(
      whole(0),
      "os.availableParallelism()",
      "Logical CPUs of the private cluster; workers for all of them are ready when `init` resolves.",
    ),
    numGpus: ready(
      whole(0),
      "those in `CUDA_VISIBLE_DEVICES`, else those of the machine",
      "Logical GPUs of the private cluster. `CUDA_VISIBLE_DEVICES` is empty in calls that take none.",
    ),
    resources: ready(
      customResources,
      "{}",
      "Custom logical resources of the private cluster, e.g. `{ license: 2 }`; steps of 0.0001.",
    ),
    labels: ready(
      labels,
      "{}",
      "Labels of this machine, for `labelSelector`; shown by `nodes()`. Names that begin with `ray.io/` are given by the cluster.",
    ),
    objectStoreMemory: ready(
      whole(0),
      "30 % of memory, and no more than 90 % of /dev/shm",
      "Bytes of shared memory for large values (from 100 kB on). What was not used for longest goes to disk when 80 % is taken; 0 for no memory at all. Nothing goes to /dev/shm when it is smaller than 285 MiB and you do not ask for less here, as mostly in containers (`docker run --shm-size`), or when you ask for more than 90 % of it: large values are then files in `spillDirectory`, or in the temp folder where you give none. What a program has got with `get` and still holds is memory of its own, and is not counted.",
    ),
    spillDirectory: ready(
      filePath,
      "the session folder",
      "Where large values go that shared memory has no room for. Made if need be; what is put there goes with the session.",
    ),
    namespace: ready(nameText, "a random one", "The namespace in which named actors live."),
    runtimeEnv: ready(runtimeEnv, "{}", "The environment of all worker processes."),
    logToDriver: ready(
      oneOf(true, false, "all", "json"),
      "true",
      "Show the workers' output on the driver's terminal, each line prefixed `(name pid=…)`; a line, or a value of several, that many workers print alike " +
        'within five seconds once more, with how often. "all": every such line. "json": every line as `{ time, stream, task, pid, text }`. Lines of more than 1 MB are cut.',
    ),
    hints: ready(
      flag,
      "true outside NODE_ENV=production",
      "One-line hints on the terminal where calls of the driver are slower than they need be, once per call site, and on failures that nobody asked for.",
    ),
    dashboard: later(
      either(flag, shape({ host: filledText, port: whole(0, 65_535) })),
      "true on a terminal",
      "Serve the dashboard.",
    ),
    ignoreReinitError: ready(
      flag,
      "false",
      "Let a second `init` with other options return the running context instead of throwing.",
    ),
  },
  task: {
    ...resourceRows,
    ...retryRows,
    name: ready(nameText, "the function's own name", name),
    numReturns: ready(whole(0, returnsMax), String(taskDefaults.numReturns), numReturns),
    maxRetries: ready(
      countOrForever,
      String(taskDefaults.maxRetries),
      "How many failed attempts a call survives: system failures (a crash, a kill, no memory), and those of retryExceptions.",
    ),
    maxCalls: ready(
      whole(0),
      "0",
      "A process ends after so many calls with such options, for code that leaves memory or state behind; 0 for never. A process that has had GPUs runs no calls but those that ask for the same, and ends when none of them waits; with 1 each has a process of its own.",
    ),
    timeoutMs: ready(milliseconds, "", timeout),
    signal: ready(abortSignal, "", signalCancels),
    backpressure: ready(itemsAhead, String(taskDefaults.backpressure), backpressure),
    captures: ready(record, "{}", captures),
  },
  actor: {
    ...resourceRows,
    numCpus: ready(
      amount,
      "1 to place, 0 to run; 1 beside other resources",
      "Logical CPUs that it takes while it lives; rounded to steps of 0.0001. When it asks for nothing, it takes one until its constructor has run.",
    ),
    name: ready(
      nameText,
      "",
      "For `getActor`. Unique in its namespace, else ActorAlreadyExistsError. `kill` frees it at once; an actor whose last handle is gone has it a moment longer.",
    ),
    namespace: ready(nameText, "that of the session", "Where the name holds."),
    getIfExists: ready(
      flag,
      "false",
      "The actor of that name if there is one; the arguments are then ignored. Needs a name.",
    ),
    lifetime: ready(
      oneOf("detached"),
      "",
      '"detached" outlives its handles and the program that made it; a private cluster ends with that. Needs a name.',
    ),
    maxRestarts: ready(
      countOrForever,
      String(actorDefaults.maxRestarts),
      "Restarts after a crash; the constructor runs again with the same arguments, and what it had in memory is lost.",
    ),
    maxTaskRetries: ready(
      countOrForever,
      String(actorDefaults.maxTaskRetries),
      "How many restarts of the actor a call survives, and how often it runs again after what `retryExceptions` names, or when the object store has lost its result. Then it may run after calls that were submitted later.",
    ),
    maxConcurrency: ready(
      whole(1),
      String(actorDefaults.maxConcurrency),
      "Calls in progress at once. With 1 a call ends before the next one begins, and those of one caller run in the order in which it submitted them.",
    ),
    concurrencyGroups: ready(
      concurrencyGroups,
      "{}",
      "Calls in progress at once, by groups beside that of `maxConcurrency`; methods name theirs with `concurrencyGroup`.",
    ),
    maxPendingCalls: ready(
      whole(1),
      "any number",
      "More unfinished calls of the actor than this from one process: PendingCallsLimitError at `.remote()`.",
    ),
    methods: ready(record, "{}", "Options of single methods, by name; those of a call go before them."),
    captures: ready(record, "{}", captures),
  },
  method: {
    ...retryRows,
    name: ready(nameText, "`Class.method`", name),
    numReturns: ready(whole(0, returnsMax), String(taskDefaults.numReturns), numReturns),
    concurrencyGroup: ready(
      filledText,
      "that of `maxConcurrency`",
      "The one of the actor's `concurrencyGroups` whose limit counts.",
    ),
    maxTaskRetries: ready(
      countOrForever,
      "that of the actor",
      "How many restarts of the actor a call survives, and how often it runs again after what `retryExceptions` names, or when the object store has lost its result. Then it may run after calls that were submitted later.",
    ),
    timeoutMs: ready(
      milliseconds,
      "",
      "From submission to result, of a stream to its end; then TaskTimeoutError, and the method is told by its signal.",
    ),
    signal: ready(abortSignal, "", signalCancels),
    backpressure: ready(itemsAhead, String(taskDefaults.backpressure), backpressure),
  },
  get: {
    timeoutMs: ready(milliseconds, "", "Then GetTimeoutError; the calls go on."),
    signal: ready(abortSignal, "", "Aborting it ends the waiting with the signal's reason; the calls go on."),
  },
  wait: {
    numReturns: ready(
      whole(1),
      String(waitDefaults.numReturns),
      "How many refs to wait for, and the most that come back as ready.",
    ),
    timeoutMs: ready(milliseconds, "", "Then return with what is ready by then."),
    signal: ready(abortSignal, "", "Aborting it ends the waiting with the signal's reason."),
    fetchLocal: ready(
      flag,
      String(waitDefaults.fetchLocal),
      "Whether a value counts as ready only when it is on this machine.",
    ),
  },
  cancel: {
    force: ready(flag, "false", "End the worker process that runs it, whatever it does."),
    recursive: ready(
      flag,
      "true",
      "Cancel the calls that it has submitted too, and those that they have. With `force` they end in any case, with the process that had submitted them.",
    ),
    reason: ready(text, "", "What TaskCancelledError says."),
  },
  kill: {
    noRestart: ready(flag, "true", "Whether it ends for good, whatever its `maxRestarts` says."),
  },
  getActor: {
    namespace: ready(nameText, "that of the session", "Where to look for the name."),
  },
  listNamedActors: {
    allNamespaces: ready(flag, "false", "Not only those of the session's namespace."),
  },
  placementGroup: {
    strategy: ready(
      oneOf(...placementStrategies),
      '"PACK"',
      "How to spread the bundles: PACK on few nodes, SPREAD on many; STRICT_PACK and STRICT_SPREAD never otherwise. One node can hold no " +
        "more than one bundle of a STRICT_SPREAD.",
    ),
    name: ready(
      nameText,
      "",
      "For `getPlacementGroup`. Taken: PlacementGroupAlreadyExistsError for whoever waits for the group.",
    ),
    lifetime: ready(
      oneOf("detached"),
      "",
      '"detached" outlives the program that made it; a private cluster ends with that.',
    ),
  },
};
