// Starts a private cluster: spawns its daemon and hands back a Backend at once, which takes work while the processes come up.
//
//   Start:  1. folder   2. daemon process, with a socket pair as its channel   3. `started` when workers for all CPUs are ready
//   Stop:   1. pending work fails   2. `leave`: the daemon ends workers and sends their last output   3. daemon exits   4. folder gone
//   If the daemon ends by itself, the same from step 3 on, and its process group is killed.
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Backend, Identity } from "../backend.ts";
import { loaders, workingFolder } from "../codec/modules.ts";
import { connectionFailed, howItEnded } from "../domain/failures.ts";
import { sessionSetupFailed } from "../domain/start-failures.ts";
import type { LogStyle } from "../domain/options.ts";
import { keyOfEnv, noEnv, type Env } from "../domain/runtime-env.ts";
import type { StorePlaces } from "../domain/store.ts";
import type { News } from "../domain/news.ts";
import { offerOf, type Share } from "../domain/request.ts";
import { GPUS_VISIBLE } from "../domain/resources.ts";
import {
  DAEMON_SETTINGS,
  PROTOCOL_VERSION,
  type ClientToDaemon,
  type DaemonSettings,
  type DaemonToClient,
  type Hello,
} from "../protocol/hello.ts";
import { deferred, type Deferred } from "../std/deferred.ts";
import { startTimer, whileProgress, type Timer } from "../std/clock.ts";
import { codeFolder } from "../std/code-folder.ts";
import { randomHex } from "../std/random.ts";
import { Connection } from "../wire/connection.ts";
import { connect, toChild } from "../wire/socket.ts";
import { messageOf } from "../std/message-of.ts";
import { Client } from "./client/client.ts";
import type { OtherMessage } from "./client/options.ts";
import { LastOutput } from "./client/last-output.ts";
import { Nowhere } from "./client/nowhere.ts";
import { Printer } from "./client/printer.ts";
import { clientEnd } from "./coding/daemon.ts";
import { workerExecArgv, withoutInspector } from "./exec-argv.ts";
import { createFolder, daemonLog, removeFolder, removeFolders } from "./folder.ts";
import { createPlaces, type StoreWish } from "./store/places.ts";
import { DRIVER, Store } from "./store/store.ts";

export interface StartOptions extends Share, StoreWish {
  /** What CUDA calls the GPUs to use, by index. */
  readonly gpus: readonly string[];
  /** Of all workers. */
  readonly env: Env;
  /** Undefined: a random one. */
  readonly namespace: string | undefined;
  readonly logs: LogStyle | "none";
  readonly onNews: (news: News) => void;
}

/** For the daemon to send some of what it has, and to end; it takes some ten milliseconds, unless the machine is very busy. */
const STOP_MS = 15_000;
/** For the driver's own terminal or pipe to take some of the last output; while it does it is waited for. */
const PRINT_MS = 2_000;
/** Between the end of the daemon's channel and the news of how it ended. */
const EXIT_NEWS_MS = 250;
/** Of what the daemon printed before it ended, enough for a stack. */
const LOG_BYTES = 4_096;
/** Variables that would only slow the daemon down, or make it part of somebody's debugging or measuring. Workers get them. */
const NOT_FOR_DAEMON: readonly string[] = ["NODE_OPTIONS", "NODE_EXTRA_CA_CERTS", "NODE_V8_COVERAGE"];

const daemonMain = fileURLToPath(new URL("local/daemon/main.js", codeFolder));

/** `ended`: when the cluster is gone, however that came. */
export function startLocal(options: StartOptions): { backend: Backend; ready: Promise<void>; ended: Promise<void> } {
  if (!existsSync(daemonMain)) {
    throw connectionFailed({
      address: "local",
      reason: "a bundler has put ray-ts into one file with other code, and its processes start from files of its own.",
      advice: "Mark ray-ts as external (esbuild: --external:ray-ts), and install it where the bundle runs.",
    });
  }
  const session = new LocalSession(options);
  return { backend: session.client, ready: session.ready.promise, ended: session.gone.promise };
}

class LocalSession {
  readonly client: Client;
  readonly ready: Deferred<void> = deferred();
  readonly gone: Deferred<void> = deferred();
  readonly #env: Env;
  readonly #printer: Printer;
  readonly #lastOutput: LastOutput | undefined;
  #folders: { readonly folder: string; readonly store: StorePlaces } | undefined;
  #child: ChildProcess | undefined;
  #connection: Connection<ClientToDaemon, DaemonToClient>;
  #exit: { code: number | null; signal: string | null } | undefined;
  #reason: string | undefined;
  /** It ends because workers do before they are ready. */
  #unready = false;
  #closing: Promise<void> | undefined;
  #ended = false;
  #news: Timer | undefined;

  constructor(options: StartOptions) {
    const { logs, env } = options;
    this.#env = env;
    const seen = (number: number): void => this.#connection.send({ type: "seen", number });
    this.#printer = new Printer(logs === "none" ? "all" : logs, seen);
    const identity = identify(options);
    const token = randomHex(16);
    let failed: unknown;
    try {
      this.#folders = createFolders(options);
      this.#child = spawnDaemon({ ...settingsFor(options, identity, token), ...this.#folders });
      // Attached at once: it may be all that there is of a child, without streams.
      this.#child.on("error", (error) => this.#end(`it could not be started: ${error.message}`));
      // Without a number it was not started, and the event that says why is to come.
      const channel = this.#child.pid === undefined ? new Nowhere() : toChild(this.#child.stdio[3]);
      this.#connection = new Connection(channel, clientEnd);
    } catch (error) {
      failed = error;
      this.#child = undefined;
      this.#connection = new Connection(new Nowhere(), clientEnd);
    }
    const hello: Hello = {
      type: "hello",
      version: PROTOCOL_VERSION,
      role: "driver",
      process: identity.processId,
      pid: process.pid,
      token,
      address: "",
    };
    this.client = new Client({
      identity,
      hello,
      daemon: this.#connection,
      connect,
      keepsAlive: true,
      store: this.#folders && new Store(this.#folders.store, DRIVER),
      hooks: {
        other: (message) => this.#message(message),
        // Nobody opens channels to a driver.
        departed: (_process, then) => then(),
        turn: () => {},
        daemonGone: (error) => this.#daemonGone(error),
        // A driver holds no CPU that it could lend.
        blocked: () => {},
        news: options.onNews,
        close: () => this.#close(),
      },
    });
    this.#connection.unref();
    if (this.#child === undefined) this.#end(`it could not be started: ${messageOf(failed)}`);
    else this.#watch(this.#child);
    if (logs !== "none" && !this.#ended && this.#folders !== undefined) {
      this.#lastOutput = new LastOutput(this.#folders.folder, this.#printer, this.#connection);
    }
  }

  #watch(child: ChildProcess): void {
    child.unref();
    child.on("exit", (code, signal) => {
      this.#exit = { code, signal };
      if (this.#connection.closed) this.#end(this.#howItEnded());
    });
  }

  #message(message: OtherMessage): void {
    switch (message.type) {
      case "output":
        return this.#printer.print(message);
      case "started":
        return this.ready.resolve();
      case "ending":
        this.#reason = message.reason;
        this.#unready = message.unready;
        return;
      default:
        // `left` is followed by the end of the channel; the rest is for workers.
        return;
    }
  }

  #daemonGone(error: Error | undefined): void {
    if (this.#exit !== undefined) return this.#end(this.#howItEnded());
    const giveUp = (): void =>
      this.#end(error === undefined ? this.#howItEnded() : `its channel broke: ${error.message}`);
    this.#news = startTimer(EXIT_NEWS_MS, giveUp);
  }

  #howItEnded(): string {
    if (this.#reason !== undefined) return this.#reason;
    const { code, signal } = this.#exit ?? { code: null, signal: null };
    const end = signal === null && code === null ? "closed its channel" : howItEnded({ exitCode: code, signal });
    const log = this.#log();
    return `its daemon (pid ${this.#child?.pid}) ${end}${log === "" ? "" : `, after printing:\n${log}`}`;
  }

  #log(): string {
    try {
      return this.#folders === undefined
        ? ""
        : readFileSync(daemonLog(this.#folders.folder), "utf8").slice(-LOG_BYTES).trimEnd();
    } catch {
      return "";
    }
  }

  /** The cluster is no more, for whatever reason. */
  #end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#news?.cancel();
    this.client.leave(`the local cluster has ended: ${reason}`, false);
    this.#clearUp();
    this.#printer.tellRepeats();
    // Settled before, unless the start failed.
    this.ready.reject(
      this.#unready && keyOfEnv(this.#env) !== keyOfEnv(noEnv)
        ? sessionSetupFailed({ reason, env: this.#env })
        : connectionFailed({ address: "local", reason, advice: advice(reason) }),
    );
    // A start that nobody waits for has told its pending refs.
    this.ready.promise.catch(() => {});
    this.gone.resolve();
  }

  #close(): Promise<void> {
    this.#closing ??= this.#stop();
    return this.#closing;
  }

  async #stop(): Promise<void> {
    if (this.#ended) return;
    this.client.leave("shutdown() was called", true);
    this.ready.resolve();
    this.#connection.ref();
    this.#child?.ref();
    this.#connection.send({ type: "leave" });
    this.#connection.flush();
    // Nobody knows how much output is to come, but with each piece it is less.
    await whileProgress(
      STOP_MS,
      () => this.gone.promise,
      () => (this.#ended ? 0 : Number.MAX_SAFE_INTEGER - this.#printer.received),
    );
    this.#end("it did not end in time");
    await whileProgress(
      PRINT_MS,
      () => this.#printer.drained(),
      () => this.#printer.left,
    );
  }

  /** Nothing of the session is left after this, whatever state it was in. */
  #clearUp(): void {
    this.#lastOutput?.cancel();
    this.#connection.destroy();
    const pid = this.#child?.pid;
    if (pid !== undefined) {
      try {
        // Workers are in the daemon's process group, be they stuck in a loop or not.
        process.kill(-pid, "SIGKILL");
      } catch {
        // All gone, as it should be.
      }
    }
    this.#child?.unref();
    if (this.#folders !== undefined) removeFolders(this.#folders);
  }
}

function createFolders(options: StartOptions): { folder: string; store: StorePlaces } {
  const folder = createFolder();
  try {
    return { folder, store: createPlaces(folder, options) };
  } catch (error) {
    removeFolder(folder);
    throw error;
  }
}

function identify(options: StartOptions): Identity {
  return {
    kind: "local",
    address: "local",
    sessionId: randomHex(8),
    jobId: randomHex(4),
    nodeId: randomHex(8),
    processId: randomHex(8),
    namespace: options.namespace ?? randomHex(8),
    gpus: options.gpus,
    dashboardUrl: undefined,
  };
}

function settingsFor(
  options: StartOptions,
  identity: Identity,
  token: string,
): Omit<DaemonSettings, "folder" | "store"> {
  const { sessionId, jobId, nodeId, processId, namespace, gpus } = identity;
  const env: Record<string, string> = {};
  for (const name of NOT_FOR_DAEMON) {
    const value = process.env[name];
    if (value !== undefined) env[name] = name === "NODE_OPTIONS" ? withoutInspector(value) : value;
  }
  // Until a call is given some. Without any in the session, nobody touches what the user has set.
  if (gpus.length > 0) env[GPUS_VISIBLE] = "";
  const program = process.argv[1];
  const { total, labels } = offerOf(nodeId, options);
  return {
    sessionId,
    jobId,
    nodeId,
    token,
    driver: processId,
    total,
    gpus,
    labels,
    namespace,
    logToDriver: options.logs !== "none",
    execArgv: workerExecArgv(process.execArgv),
    env,
    runtimeEnv: options.env,
    worker: {
      entry: program === undefined ? undefined : pathToFileURL(program).href,
      loaders: loaders(),
      workingFolder: workingFolder(),
    },
  };
}

function spawnDaemon(settings: DaemonSettings): ChildProcess {
  const env: NodeJS.ProcessEnv = { ...process.env, [DAEMON_SETTINGS]: JSON.stringify(settings) };
  for (const name of NOT_FOR_DAEMON) delete env[name];
  const log = openSync(daemonLog(settings.folder), "a", 0o600);
  try {
    // The working directory is left to it, and by it to the workers: its name may lead nowhere any more, or not be for this user to enter.
    // A session of its own: what a terminal does to the driver's process group, such as ctrl-C, does not reach it.
    return spawn(process.execPath, [daemonMain, settings.folder], {
      detached: true,
      env,
      stdio: ["ignore", log, log, "pipe"],
    });
  } finally {
    closeSync(log);
  }
}

/** By what the system says. The last one fits all. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/\b(?:EMFILE|ENFILE)\b/, "Close files that are open, or raise the limit (`ulimit -n`), and call init() again."],
  [/\bEAGAIN\b/, "End processes, or raise the limit (`ulimit -u`), and call init() again."],
  [/\bspillDirectory\b/, "Name a folder that you may write to, or that you may make: init({ spillDirectory })."],
  [
    /\bENOSPC\b/,
    "Free some space where temporary files are, or set TMPDIR to another folder, and start the program again.",
  ],
  [/\bmkdtemp\b/, "Set TMPDIR to a folder that exists and that you may write to, and start the program again."],
  [
    /\bAccess to this API\b/,
    "Start Node with --allow-child-process, --allow-fs-read=*, --allow-fs-write=* and, since Node 25, --allow-net too.",
  ],
  [/^/, "A later call of init() starts another one."],
];

function advice(reason: string): string {
  return ADVICE.find(([pattern]) => pattern.test(reason))?.[1] ?? "";
}
