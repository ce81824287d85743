// The texts of errors: what happened, to which call or id, where, why, and what to do next. One function per fixed shape.
import { constructorOf } from "./actor.ts";
import {
  ConnectionError,
  GetTimeoutError,
  OutOfMemoryError,
  PlacementGroupAlreadyExistsError,
  PlacementGroupNotFoundError,
  PlacementGroupRemovedError,
  SessionClosedError,
  TaskCancelledError,
  TaskExitedError,
  TaskTimeoutError,
  UnschedulableError,
  WorkerCrashedError,
} from "./errors.ts";
import type { RayError } from "./errors.ts";
import { told } from "./told.ts";
import { unmet, type Labels } from "./labels.ts";
import type { WorkerLoss } from "./object.ts";
import type { GoneGroup } from "./stop.ts";
import { ANY_BUNDLE, sumOf, type GroupEnd } from "./placement.ts";
import { refusalOf, type NodeOffer, type Refusal, type TaskRequest } from "./request.ts";
import { amountOf, amounts, MEMORY, type Resources } from "./resources.ts";
import { progressWords, type Progress } from "./progress.ts";
import { megabytes } from "../std/megabytes.ts";
import { nearest } from "../std/nearest.ts";

/** A call, as errors name it. `site`: where it was submitted, or "" when not known. */
export interface CallName {
  readonly name: string;
  readonly site: string;
}

export interface CrashReport extends CallName {
  readonly pid: number;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly lastStderr: string;
  /** Why the runtime had to end it, when it had to. */
  readonly reason?: string;
  /** How often the call was begun. */
  readonly attempts: number;
}

/** Values that did not come. */
export interface Pending {
  readonly first: readonly PendingValue[];
  readonly count: number;
}

interface PendingValue {
  readonly id: string;
  /** Of the call that makes it; "" when this process does not know it. */
  readonly name: string;
  /** In words: "running in worker process 12", "waiting for a free CPU". */
  readonly state: string;
}

/** `message`, then details on lines of their own, then advice. Empty parts vanish. */
export function submitted(site: string): string {
  return site === "" ? "" : `submitted at ${site}`;
}

/** The same within a sentence. Nothing of calls that the package makes itself: nobody has written those. */
export function submittedThere(site: string): string {
  return site === "" ? "" : `, ${submitted(site)}`;
}

function times(attempts: number): string {
  return attempts === 1 ? "It was tried once" : `It was tried ${attempts} times`;
}

export function indented(title: string, text: string): string {
  const trimmed = text.trimEnd();
  return trimmed === "" ? "" : `${title}\n${trimmed.replaceAll(/^/gm, "      | ")}`;
}

export function workerCrashed(crash: CrashReport): WorkerCrashedError {
  const how = crash.reason === undefined ? howItEnded(crash) : "had to be ended";
  const reason = crash.reason === undefined ? "" : `, because ${crash.reason}`;
  const message = told(
    `Worker process ${crash.pid} ${how} while it ran task ${crash.name}${reason}. ${times(crash.attempts)}.`,
    [submitted(crash.site), indented("last lines on its standard error:", withoutEngineFrames(crash.lastStderr))],
    crashAdvice(crash),
  );
  return new WorkerCrashedError(message, endOf(crash));
}

/** Of a process, for those that look into an error with a program. */
export function endOf({ exitCode, signal, lastStderr }: Omit<WorkerLoss, "pid">): Record<string, unknown> {
  return { exitCode, signal, lastStderr };
}

/** In a line. */
export function workerEnded(loss: WorkerLoss): string {
  const { pid, reason } = loss;
  if (isOutOfMemory(loss)) return `it ran out of memory: ${reason ?? `the heap of worker process ${pid} was full`}`;
  return `worker process ${pid} ${reason === undefined ? howItEnded(loss) : `had to be ended, because ${reason}`}`;
}

/** Of a process, by what the system says of it. */
export function howItEnded({ exitCode, signal }: Pick<CrashReport, "exitCode" | "signal">): string {
  return signal === null ? `exited with code ${exitCode ?? "unknown"}` : `was ended by ${signal}`;
}

function crashAdvice({ signal, reason }: CrashReport): string {
  const killed =
    signal === "SIGKILL" && reason === undefined ? "SIGKILL often means that the system ran out of memory. " : "";
  return `${killed}Raise maxRetries if the cause lies outside your code.`;
}

/** What Node prints of its own insides when it dies helps nobody who reads of a task; the field `lastStderr` has all. */
export function withoutEngineFrames(stderr: string): string {
  return stderr.replaceAll(/^(?:-+ Native stack trace -+| *\d+: 0x[0-9a-f]+ .*)\n?/gm, "").replaceAll(/\n{2,}/g, "\n");
}

/** `module`: of the module that called it while it was imported for the task; else empty. */
export function taskExited(crash: CrashReport & { readonly module: string }): TaskExitedError {
  const who =
    crash.module === "" ? `Task ${crash.name}` : `The module ${crash.module}, which task ${crash.name} needs,`;
  const message = told(
    `${who} called process.exit(${crash.exitCode ?? ""}) in worker process ${crash.pid}. ${times(crash.attempts)}.`,
    [submitted(crash.site), indented("last lines on its standard error:", crash.lastStderr)],
    crash.module === ""
      ? "Return a value or throw an error instead: the process belongs to the worker, not to the task."
      : "Whoever imports a module runs all of it: call process.exit in a function, or only where `isWorker` is false.",
  );
  return new TaskExitedError(message, endOf(crash));
}

/** The engine ends a process whose heap is full, and says so in its own words. */
export function isOutOfMemory({ lastStderr, outOfMemory: isOut }: WorkerLoss): boolean {
  return isOut === true || lastStderr.includes("heap out of memory");
}

/** Without a reason the engine has ended the process itself, whose heap was full. */
export function outOfMemory(crash: CrashReport): OutOfMemoryError {
  const end = crash.signal === null ? `exit code ${crash.exitCode ?? "unknown"}` : crash.signal;
  const how = crash.reason ?? `the heap of worker process ${crash.pid} was full, and the engine ended it (${end})`;
  const message = told(
    `Task ${crash.name} ran out of memory: ${how}. ${times(crash.attempts)}.`,
    [submitted(crash.site), indented("last lines on its standard error:", withoutEngineFrames(crash.lastStderr))],
    "Keep less in memory at once, give the call more by its option memory, let fewer calls run side by side (numCpus, memory), " +
      "or start your program with NODE_OPTIONS=--max-old-space-size=<megabytes>, which holds for all processes.",
  );
  return new OutOfMemoryError(message, endOf(crash));
}

/** `how`: "by its signal", "with its parent x". */
export function taskCancelled(cancel: CallName & { how: string; reason: string }): TaskCancelledError {
  const why = cancel.reason === "" ? "" : `: ${cancel.reason.replace(/\.$/, "")}`;
  return new TaskCancelledError(
    told(`Task ${cancel.name} was cancelled ${cancel.how}${why}.`, [submitted(cancel.site)]),
  );
}

export function taskTimedOut(timeout: CallName & { timeoutMs: number; progress: Progress }): TaskTimeoutError {
  const { name, site, timeoutMs, progress } = timeout;
  const message = told(
    `Task ${name} took longer than its timeoutMs, ${timeoutMs} ms from its submission: it was ${progressWords[progress]}.`,
    [submitted(site)],
    progress === "running" || progress === "there"
      ? "Raise timeoutMs, or look for what takes so long. The function sees getRuntimeContext().signal abort, and can end early."
      : "Raise timeoutMs, or look for what kept it waiting.",
  );
  return new TaskTimeoutError(message);
}

export function unschedulable(call: CallName & { request: TaskRequest; node: NodeOffer }): UnschedulableError {
  const { why, detail, advice } = REFUSALS[refusalOf(call.request, call.node) ?? "resources"](call.request, call.node);
  return new UnschedulableError(
    told(`${callShown(call.name)} can never run: ${why}.`, [detail, submitted(call.site)], advice),
  );
}

/** To make an actor is a call too, but nobody calls it so. */
export function callShown(name: string): string {
  const className = name.endsWith(constructorOf("")) ? name.slice(0, -constructorOf("").length) : "";
  return className === "" ? `Task ${name}` : `Actor ${className}`;
}

const BUNDLES_SHOWN_MAX = 5;

interface Reason {
  readonly why: string;
  readonly detail: string;
  readonly advice: string;
}

const REFUSALS: Readonly<Record<Refusal, (request: TaskRequest, node: NodeOffer) => Reason>> = {
  resources: (request, node) => {
    const [asked, largest] = [amounts(request.resources), amounts(node.total)];
    const lacking = Object.keys(asked).filter((name) => amountOf(asked, name) > amountOf(largest, name));
    return {
      why: `it asks for ${listed(asked)}, but the largest node has ${listed(largest)} in all`,
      detail:
        lacking.length === 0
          ? ""
          : `too little of: ${lacking.map((name) => withNearest(name, largest, asked)).join(", ")}`,
      advice:
        "Ask for less, or start the cluster with more: init({ numCpus, numGpus, resources })." +
        (lacking.includes("memory") ? " Its memory is that of the machine." : ""),
    };
  },
  labels: ({ labels = {} }, node) => ({
    why: `its labelSelector wants ${quoted(labels)}, but the labels of the only node are ${quoted(node.labels)}`,
    detail: `not met: ${unmet(labels, node.labels).join(", ")}`,
    advice: "Select other labels, or start the cluster with these: init({ labels }).",
  }),
  apart: ({ group }) => ({
    why: `its placement group wants its ${group?.bundles.length} bundles on as many nodes (STRICT_SPREAD), but there is one node`,
    detail: "",
    advice: 'Use the strategy "SPREAD" or "PACK", which put several bundles on one node where there are no more.',
  }),
  group: ({ group }, node) => {
    const bundles = group?.bundles ?? [];
    const sum = amounts(sumOf(bundles));
    const largest = amounts(node.total);
    const lacking = Object.keys(sum).filter((name) => amountOf(sum, name) > amountOf(largest, name));
    return {
      why: `the bundles of its placement group ask for ${listed(sum)} together, but the only node has ${listed(largest)} in all`,
      detail:
        lacking.length === 0
          ? `no way to share the GPUs for ${bundlesListed(bundles)}`
          : `too little of: ${lacking.map((name) => withNearest(name, largest)).join(", ")}`,
      advice: "Ask for less in the bundles, or start the cluster with more: init({ numCpus, numGpus, resources }).",
    };
  },
  bundle: ({ resources, group }) => {
    const { bundle = ANY_BUNDLE, bundles = [] } = group ?? {};
    const asked = listed(amounts(resources));
    const any = bundle === ANY_BUNDLE;
    return {
      why: any
        ? `it asks for ${asked}, and no bundle of its placement group has that much: ${bundlesListed(bundles)}`
        : `it asks for ${asked}, but bundle ${bundle} of its placement group has ${listed(amounts(bundles[bundle] ?? {}))} in all`,
      detail: "",
      advice:
        "Ask for less (a call takes one CPU unless numCpus says otherwise), make the bundles larger, " +
        'or run the call outside of the group: schedulingStrategy: "DEFAULT".',
    };
  },
  node: ({ node: choice }, node) => ({
    why: `its schedulingStrategy wants the node ${choice?.nodeId}, but the only node is ${node.nodeId}`,
    detail: "",
    advice: "Take a nodeId that nodes() or getRuntimeContext() gives in this session, or add soft: true.",
  }),
};

/** In the words of users, and shortened. */
function bundlesListed(bundles: readonly Resources[]): string {
  const shown = bundles.slice(0, BUNDLES_SHOWN_MAX).map((bundle) => `{ ${listed(amounts(bundle))} }`);
  const more = bundles.length - shown.length;
  return `${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

const GROUP_ENDS: Readonly<Record<GroupEnd, string>> = {
  removed: "has been removed",
  creatorGone: "went with the program, or the process, that had made it",
  nameTaken: "was never made, because another group has its name",
};

/** A call that was to run in a placement group, or ran there, when that went. */
export function placementGroupGone(gone: CallName & GoneGroup & { begun: boolean }): RayError {
  const { name, site, begun, group, groupName, why } = gone;
  const title = groupName === "" ? group : `${group}, ${groupName}`;
  const message = (advice: string): string =>
    told(
      `Task ${name} ${begun ? "was ended" : "cannot run"} in PlacementGroup(${title}): that group ${GROUP_ENDS[why]}.`,
      [submitted(site)],
      advice,
    );
  if (why === "nameTaken")
    return new PlacementGroupAlreadyExistsError(
      message(
        `Choose another name, or use the group that has it: await getPlacementGroup(${JSON.stringify(groupName)}).`,
      ),
    );
  return new PlacementGroupRemovedError(
    message(
      why === "removed"
        ? "Remove a group only after its last user ended. It also ends with its session."
        : 'Let a process that lives longer make it, or make it with lifetime: "detached".',
    ),
  );
}

export function placementGroupNotFound(name: string, names: readonly string[]): PlacementGroupNotFoundError {
  const near = nearest(name, names);
  const advice =
    near === undefined
      ? "It may have been removed, or be made under another name: placementGroup(bundles, { name })."
      : `Did you mean ${JSON.stringify(near)}?`;
  return new PlacementGroupNotFoundError(told(`No placement group has the name ${JSON.stringify(name)}.`, [], advice));
}

/** Those that every cluster knows by name are misspelt by nobody; and the options by which calls ask for them. */
const wellKnown: ReadonlyMap<string, string> = new Map([
  ["CPU", "numCpus"],
  ["GPU", "numGpus"],
  [MEMORY, "memory"],
]);

/** `asked`: by the options of a call. */
function withNearest(
  name: string,
  has: Readonly<Record<string, number>>,
  asked?: Readonly<Record<string, number>>,
): string {
  if (Object.hasOwn(has, name) || wellKnown.has(name)) return name;
  const near = nearest(name, [...Object.keys(has), ...wellKnown.keys()]);
  const option = asked === undefined ? undefined : wellKnown.get(near ?? "");
  const meant = option === undefined ? near : `${option}: ${asked?.[name]}`;
  return meant === undefined ? name : `${name} (did you mean ${meant}?)`;
}

function quoted(labels: Labels): string {
  return `{ ${Object.entries(labels)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
    .join(", ")} }`;
}

export function getTimeout(timeout: { timeoutMs: number; total: number; pending: Pending }): GetTimeoutError {
  const { timeoutMs, total, pending } = timeout;
  const shown = pending.first.map(({ id, name, state }) => `${name === "" ? "" : `${name}, `}${id}: ${state}`);
  if (pending.count > shown.length) shown.push(`and ${pending.count - shown.length} more`);
  const message = told(
    `get() waited ${timeoutMs} ms, and ${pending.count} of ${total} values ${pending.count === 1 ? "was" : "were"} not there:`,
    shown,
    "The calls go on. Wait again or longer, or cancel them.",
  );
  return new GetTimeoutError(message);
}

export function sessionClosed(closed: { what: string; reason: string; orderly: boolean }): SessionClosedError {
  const advice = closed.orderly
    ? "Wait for your results before shutdown(), and use no refs of an earlier session."
    : "The cluster ended by itself: the reason above is where to look. init() starts another one.";
  return new SessionClosedError(told(`${closed.what}: the session has ended (${closed.reason}).`, [], advice));
}

export function connectionFailed(failed: { address: string; reason: string; advice: string }): ConnectionError {
  return new ConnectionError(
    told(`No cluster at ${JSON.stringify(failed.address)}: ${failed.reason}`, [], failed.advice),
  );
}

function listed(amounts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(amounts).map(([name, amount]) =>
    name === MEMORY ? `memory ${megabytes(amount)}` : `${name} ${amount}`,
  );
  return parts.length === 0 ? "nothing" : parts.join(", ");
}
