// The session of this process: when it begins, what a second init means, how it ends.
import { availableParallelism } from "node:os";
import { callsWhileImported, declareEntry, startedAgain, workerSide } from "../codec/modules.ts";
import { warmUp } from "../codec/warm-up.ts";
import { openInline } from "../inline/inline.ts";
import { startLocal } from "../local/start.ts";
import { SessionClosedError } from "../domain/errors.ts";
import { sessionClosed } from "../domain/failures.ts";
import { clusterAt } from "../domain/options-checked.ts";
import type { InitOptions, RuntimeEnv } from "../domain/options.ts";
import type { News } from "../domain/news.ts";
import { callerUrl } from "./caller.ts";
import { checkedOptions } from "./checked.ts";
import { leave } from "./exit-actor.ts";
import { execute } from "./execute.ts";
import { gpusToUse } from "./gpus.ts";
import { letGo, stayAlive } from "./keep-alive.ts";
import { setNoticeStyle } from "./notice.ts";
import { Leaks } from "./leaks.ts";
import { makeTellers, tell } from "./tellers.ts";
import { atCaller } from "./own-frames.ts";
import { RESOURCE_UNIT } from "../domain/resources.ts";
import { totalMemory } from "../std/memory.ts";
import { envOf } from "./request.ts";
import { createSession, currentCall, slot, type Session } from "./slot.ts";
import { stopCall } from "./stop.ts";

/**
 * What init gives. `await using` ends the session at the end of the block, as `shutdown` does: the one that runs, whoever had begun it.
 * In a function that others call while they have a session of their own, leave out the `using`.
 */
export interface RayContext extends AsyncDisposable {
  readonly address: string;
  readonly sessionId: string;
  readonly jobId: string;
  readonly namespace: string;
  readonly dashboardUrl: string | undefined;
}

/**
 * Starts a cluster, or gives the running one. Optional: the first use of any other call does it with the defaults.
 * The context is that of the session, whoever had begun it: `await using` ends it for all.
 * Ray: `ray.init`, but a second one with options that agree with the first is no error; inside a task it does nothing.
 *
 * Errors: TypeError for an option that is wrong or differs from that of the running session, ConnectionError when no cluster
 * could be started or reached.
 */
export async function init(options?: InitOptions): Promise<RayContext> {
  const given = checkedOptions("init", options, "init()", init);
  const store = slot.calls.getStore();
  if (store === "importing") throw startedAgain(callerUrl(init) ?? workerSide()?.entry ?? "the program");
  // What is left of a cluster that ended by itself makes way for another one.
  if (store === undefined && slot.session?.lost === true) await shutdown();
  const running = store?.session ?? slot.session;
  const program = callerUrl(init);
  if (running === undefined || !inTask(running)) {
    declareEntry(program);
    if (running !== undefined && given.ignoreReinitError !== true) atCaller(init, () => assertSame(given, running));
  }
  const session = running ?? atCaller(init, () => open(given, "init()"));
  if (running === undefined) warmUp(program);
  await aliveUntil(session.ready);
  if (session.closed)
    throw sessionClosed({ what: "init()", reason: "shutdown() was called before it was there", orderly: true });
  return contextOf(session);
}

/**
 * Ends the session: a private cluster stops and leaves no process, socket, file or shared memory behind. Idempotent. What is
 * pending ends with SessionClosedError. Processes that tasks have started end now at the latest, unless they were detached. So do
 * actors: their `[Symbol.asyncDispose]` runs first, to which this session is closed, when the calls that run have ended, or after half a
 * second; a second from now all of that is over. Inside a task it does nothing: the session is the driver's. Ray: `ray.shutdown`.
 */
export async function shutdown(): Promise<void> {
  const session = slot.session;
  if (session !== undefined && !inTask(session)) {
    slot.session = undefined;
    session.closed = true;
    // Its refs may be kept for long, and what it shipped not with them.
    session.definitions.clear();
    session.shipped.clear();
    // Before what the refs stand for is gone.
    if (session.leaks !== undefined) endNow(session.leaks);
    slot.closing = session.backend.close();
    if (session.tellers !== undefined) endNow(session.tellers);
  }
  if (slot.closing !== undefined && currentCall() === undefined) await aliveUntil(slot.closing);
}

function endNow(watcher: { readonly end: () => void }): void {
  process.off("exit", watcher.end);
  watcher.end();
}

/** Whether there is a session, be it still starting. Does not start one. A session whose cluster has ended by itself is none. */
export function isInitialized(): boolean {
  return slot.session !== undefined && !slot.session.lost;
}

/** The session that code here belongs to; begins one with the defaults when there is none. `caller` names the public function. */
export function currentSession(caller: string): Session {
  const call = slot.calls.getStore();
  if (call === undefined) return slot.session ?? open({}, caller);
  if (call === "importing") throw callsWhileImported(caller);
  // A function that runs on after the session ended must not begin another.
  if (call.session.closed) throw sessionClosed({ what: caller, reason: "shutdown() was called", orderly: true });
  return call.session;
}

/** Waits for something of ours; the process stays alive meanwhile. */
export async function aliveUntil<T>(promise: Promise<T>): Promise<T> {
  stayAlive();
  try {
    return await promise;
  } finally {
    letGo();
  }
}

/** The same for what ends something that ends with its session anyway. */
export async function aliveUntilEnded(promise: Promise<unknown>): Promise<void> {
  try {
    await aliveUntil(promise);
  } catch (error) {
    if (!(error instanceof SessionClosedError)) throw error;
  }
}

function inTask(session: Session): boolean {
  return session.adopted || currentCall() !== undefined;
}

function open(given: InitOptions, begunBy: string): Session {
  const settings = settingsOf(given);
  const logs = LOGS[`${settings.logToDriver}`];
  setNoticeStyle(logs === "json" ? "json" : "text");
  // Inline nothing is parallel, and nothing gets lost on the way.
  const hinting = settings.hints && settings.address !== "inline";
  const tellers = makeTellers({ trouble: logs !== "none", hints: hinting });
  const options = { ...settings, env: envOf(settings.runtimeEnv), logs, onNews: (news: News) => tell(tellers, news) };
  const { backend, ready, ended } =
    settings.address === "inline"
      ? {
          backend: openInline(options, {
            execute,
            stop: stopCall,
            forget: (definition) => session.definitions.delete(definition),
            leave: (host) => leave(host, session),
          }),
          ready: Promise.resolve(),
          ended: undefined,
        }
      : startLocal(options);
  const leaks = process.env["RAY_TS_LEAKS"] === "1" ? new Leaks() : undefined;
  const session: Session = createSession({
    backend,
    ready,
    adopted: false,
    begunBy,
    settings: { ...settings },
    hints: tellers.hints,
    stuck: tellers.trouble?.stuck,
    tellers,
    leaks,
  });
  slot.session = session;
  if (leaks !== undefined) process.once("exit", leaks.end);
  process.once("exit", tellers.end);
  void ended?.then(() => (session.lost = true));
  // Whoever waits for it hears of the failure; the others find it in their refs. The next use may try again.
  ready.catch(() => {
    session.closed = true;
    if (slot.session === session) slot.session = undefined;
  });
  return session;
}

interface Settings {
  readonly address: "local" | "inline";
  readonly numCpus: number;
  readonly numGpus: number;
  /** Their names. */
  readonly gpus: readonly string[];
  readonly resources: Readonly<Record<string, number>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly runtimeEnv: RuntimeEnv;
  readonly memory: number;
  readonly objectStoreMemory: number | undefined;
  readonly spillDirectory: string | undefined;
  /** Undefined: a random one. */
  readonly namespace: string | undefined;
  readonly logToDriver: boolean | "all" | "json";
  readonly hints: boolean;
}

function settingsOf(given: InitOptions): Settings {
  const gpus = gpusToUse(given.numGpus);
  return {
    address: clusterAt(given.address, process.env["RAY_TS_ADDRESS"]),
    numCpus: given.numCpus ?? availableParallelism(),
    numGpus: gpus.length,
    gpus,
    resources: given.resources ?? {},
    labels: given.labels ?? {},
    runtimeEnv: given.runtimeEnv ?? {},
    memory: memoryForCalls(),
    objectStoreMemory: given.objectStoreMemory,
    spillDirectory: given.spillDirectory,
    namespace: given.namespace,
    logToDriver: given.logToDriver ?? true,
    hints: given.hints ?? process.env["NODE_ENV"] !== "production",
  };
}

/** As in Ray: the rest is for the driver, the system, and calls that do not ask. */
const MEMORY_SHARE = 0.7;
/** What can be counted exactly, in the units of resources. */
const MEMORY_MAX = Number.MAX_SAFE_INTEGER / RESOURCE_UNIT;

function memoryForCalls(): number {
  return Math.floor(Math.min(totalMemory() * MEMORY_SHARE, MEMORY_MAX));
}

/** By the option `logToDriver`. */
const LOGS = { true: "folded", false: "none", all: "all", json: "json" } as const;

/** What a second init names must agree with what runs; what it leaves out is as the first one had it. */
function assertSame(given: InitOptions, running: Session): void {
  for (const [name, value] of Object.entries(given)) {
    if (name === "ignoreReinitError") continue;
    const before = running.settings[name];
    if (sorted(value) === sorted(before)) continue;
    throw new TypeError(
      `init(): the session that runs already has another ${name}: ${sorted(before)}, and not ${sorted(value)}. ` +
        `${running.begunBy} began it${running.begunBy === "init()" ? "" : ", with the defaults"}. ` +
        "Call init() before anything else, shutdown() before another one, or pass ignoreReinitError: true to go on with what runs.",
    );
  }
}

/** JSON that does not depend on the order of keys. Options are plain data. */
function sorted(value: unknown): string {
  if (value === undefined) return "the default";
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return JSON.stringify(Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))));
}

const contexts = new WeakMap<Session, RayContext>();

function contextOf(session: Session): RayContext {
  let context = contexts.get(session);
  if (context === undefined) {
    const { address, sessionId, jobId, namespace, dashboardUrl } = session.backend.identity;
    const end = (): Promise<void> => (slot.session === session ? shutdown() : Promise.resolve(slot.closing));
    const shown = { address, sessionId, jobId, namespace, dashboardUrl };
    context = Object.defineProperty(shown, Symbol.asyncDispose, { value: end }) as RayContext;
    contexts.set(session, context);
  }
  return context;
}
