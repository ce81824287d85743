// How processes of a session meet and part: everything on their channels that is no business of the brains.
import type { ProcessId } from "../domain/id.ts";
import type { StorePlaces } from "../domain/store.ts";
import type { Env } from "../domain/runtime-env.ts";
import type { FromDaemon, ToDaemon } from "./daemon.ts";
import type { FromWorker, ToWorker } from "./worker.ts";

/** Both ends of a channel come from one installation; a mismatch means that it was replaced while a session ran. */
export const PROTOCOL_VERSION = 1;

/** The first message on every channel, from whoever opened it. Nothing is answered; a wrong one closes the channel. */
export interface Hello {
  readonly type: "hello";
  readonly version: number;
  readonly role: "driver" | "worker" | "owner";
  readonly process: ProcessId;
  readonly pid: number;
  /** Shows that the sender belongs to the session. */
  readonly token: string;
  /** Where a worker takes calls; empty for others. */
  readonly address: string;
}

/** Lines that a worker wrote, whole ones but for the last of a worker that is gone. */
export interface Output {
  readonly type: "output";
  /** Counts up; the driver says how far it has come, and the daemon holds the pipes back when it falls behind. */
  readonly number: number;
  readonly to: "stdout" | "stderr";
  readonly pid: number;
  /** Of the task that wrote; empty when none did. */
  readonly name: string;
  readonly text: Uint8Array;
}

export type ClientToDaemon =
  | ToDaemon
  | Hello
  /** From the driver: end the session, in order. */
  | { readonly type: "leave" }
  /** From the driver: all output up to this number was printed. */
  | { readonly type: "seen"; readonly number: number }
  /** From the driver in its last moment: put all output after this number into the file that the settings name. */
  | { readonly type: "rest"; readonly after: number }
  /**
   * This worker must be ended. Its direct channel broke, though nobody said that it is gone; or it has found itself damaged. `reason` is
   * for the errors of its calls: "because …".
   */
  | { readonly type: "suspect"; readonly worker: ProcessId; readonly reason: string };

export type DaemonToClient =
  | FromDaemon
  | Output
  /** To the driver: every worker that the session begins with can run calls. */
  | { readonly type: "started" }
  /** To the driver: the cluster ends by itself, and why. The end of the channel follows. */
  | { readonly type: "ending"; readonly reason: string; readonly unready: boolean }
  /** To a worker with an actor that cleans up: the session ends. It has a second. */
  | { readonly type: "cleanUp" }
  /** To the driver: the answer to `leave`, after the last output. */
  | { readonly type: "left" };

/** On the direct channel. */
export type OwnerToWorker = ToWorker | Hello;
export type WorkerToOwner = FromWorker;

/** What the daemon is told in its environment, as JSON under this name. */
export const DAEMON_SETTINGS = "RAY_TS_DAEMON";

export interface DaemonSettings {
  readonly folder: string;
  readonly store: StorePlaces;
  readonly sessionId: string;
  readonly jobId: string;
  readonly nodeId: string;
  readonly token: string;
  readonly driver: ProcessId;
  /** Units, as in `domain/resources`. */
  readonly total: Readonly<Record<string, number>>;
  /** What CUDA calls the GPUs among them, by index. */
  readonly gpus: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly namespace: string;
  readonly logToDriver: boolean;
  /** For workers. */
  readonly execArgv: readonly string[];
  /** Variables that the daemon was started without, because they would slow it down or concern it, and that workers get. */
  readonly env: Readonly<Record<string, string>>;
  /** The environment of all workers, unless a call says otherwise. */
  readonly runtimeEnv: Env;
  readonly worker: Pick<WorkerSettings, "entry" | "loaders" | "workingFolder">;
}

/** What a worker is told in its environment, as JSON under this name. */
export const WORKER_SETTINGS = "RAY_TS_WORKER";

export interface WorkerSettings {
  readonly folder: string;
  readonly store: StorePlaces;
  /** Of this process in it. */
  readonly storeNumber: number;
  readonly sessionId: string;
  readonly jobId: string;
  readonly nodeId: string;
  readonly token: string;
  readonly namespace: string;
  readonly gpus: readonly string[];
  readonly process: ProcessId;
  readonly daemonPid: number;
  /** URL of the driver's program, which must not run in a worker. */
  readonly entry: string | undefined;
  /** Options that load modules hooks (`--import`, `--require`, `--loader`), applied when a module first needs them. */
  readonly loaders: readonly string[];
  /** Of the driver: where its code stands that is in no file. */
  readonly workingFolder: string;
  /** A module to be imported before anything else: URL or package. */
  readonly setup: string | undefined;
  /** Begins a control line in the output of this worker; nobody else can write it by accident. */
  readonly mark: string;
}
