// The processes of workers: the only place where they are started, watched and ended.
//
// One is `gone` when its process has ended AND its channel and its pipes have been read to their ends, so that nothing it said is lost.
import { spawn, type ChildProcess } from "node:child_process";
import { statSync } from "node:fs";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { ProcessId } from "../../domain/id.ts";
import type { WorkerLoss } from "../../domain/object.ts";
import { WORKER_SETTINGS, type WorkerSettings } from "../../protocol/hello.ts";
import { startTimer } from "../../std/clock.ts";
import { codeFolder } from "../../std/code-folder.ts";
import { atEndOfTurn, inNextTurn } from "../../std/turns.ts";
import type { Duplex } from "../../wire/duplex.ts";
import { toChild } from "../../wire/socket.ts";
import { RESOLVES_FOR_OTHERS } from "../../std/resolving.ts";
import { messageOf } from "../../std/message-of.ts";
import { WORKER_MARK, workerMark } from "../processes.ts";
import { Lines } from "./lines.ts";
import { Tail } from "./tail.ts";

/** Processes that a worker started may hold its pipes open after it has ended. What it wrote itself is there to be read. */
const PIPES_MS = 500;
/** Between the end of a worker's channel and the news of how the worker ended. */
const EXIT_NEWS_MS = 100;
const CHANNEL_CLOSED =
  "its channel to the cluster was closed, which only code in it can have done: by closing a file descriptor that was not its own";

export interface WorkerOutput {
  lines(to: "stdout" | "stderr", pid: number, name: string, text: Uint8Array): void;
}

/** What becomes of a worker, each told once and never before the constructor has returned. */
export interface WorkerNews {
  /** Its process has ended. What it said may still have to be read. */
  ended(): void;
  gone(loss: WorkerLoss): void;
}

export interface Spawn {
  readonly settings: WorkerSettings;
  readonly execArgv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Undefined: where the daemon is. */
  readonly cwd: string | undefined;
}

export class WorkerProcess {
  readonly id: ProcessId;
  readonly pid: number;
  readonly channel: Duplex | undefined;
  readonly #child: ChildProcess | undefined;
  /** Until it is ready, of all that it prints: what fails by then may have said so on either side. Afterwards of its standard error. */
  #tail = new Tail();
  #ready = false;
  readonly #news: WorkerNews;
  readonly #pipes: Readable[] = [];
  readonly #lines: Lines[] = [];
  #openPipes = 0;
  #exit: { code: number | null; signal: string | null } | undefined;
  #channelClosed = false;
  #killed: Pick<WorkerLoss, "reason" | "outOfMemory"> | undefined;
  #gone = false;

  constructor(what: Spawn, output: WorkerOutput, news: WorkerNews) {
    this.id = what.settings.process;
    this.#news = news;
    let child: ChildProcess;
    try {
      child = start(what);
      child.on("error", (error) => this.#failed(error));
      // Without a number it was not started. It may have no streams at all, and the event that says why is to come.
      this.pid = child.pid ?? 0;
      if (this.pid === 0) return;
      this.channel = toChild(child.stdio[3]);
    } catch (error) {
      this.pid = 0;
      this.#failed(error);
      return;
    }
    this.#child = child;
    this.#read(child.stdout, "stdout", what.settings.mark, output);
    this.#read(child.stderr, "stderr", what.settings.mark, output);
    this.#watch(child);
  }

  #watch(child: ChildProcess): void {
    child.on("exit", (code, signal) => {
      this.#exit = { code, signal };
      this.#news.ended();
      // A worker without its channel is none; one that has ended cannot close it any more.
      // On a busy machine this process may wake late, and find the timer before what it has to read.
      startTimer(PIPES_MS, () => inNextTurn(() => this.#giveUp()), { keepsAlive: false });
      this.#settle();
    });
  }

  /** An actor lives in it that has something to do when it ends in order. */
  cleansUp = false;

  /** It runs calls from now on. */
  ready(): void {
    if (this.#ready) return;
    this.#ready = true;
    this.#tail = new Tail();
  }

  /** The channel has been read to its end. Without it the process is of no use; but most often it has just ended by itself. */
  channelClosed(): void {
    this.#channelClosed = true;
    startTimer(EXIT_NEWS_MS, () => this.kill(CHANNEL_CLOSED), { keepsAlive: false });
    this.#settle();
  }

  /** The reason is for the errors of the calls that are harmed; none when the session ends. */
  kill(reason?: string, outOfMemory = false): void {
    if (this.#exit !== undefined) return;
    if (reason !== undefined) this.#killed ??= { reason, ...(outOfMemory ? { outOfMemory } : {}) };
    this.#child?.kill("SIGKILL");
  }

  /** Stops reading what it prints, so that it has to wait when its pipes are full; or reads on. */
  hold(held: boolean): void {
    for (const pipe of this.#pipes) {
      if (held) pipe.pause();
      else pipe.resume();
    }
  }

  /** Hands on what it has begun to print, though the line has no end yet. */
  handOnPartial(): void {
    for (const lines of this.#lines) lines.end();
  }

  #read(pipe: Readable | null, to: "stdout" | "stderr", mark: string, output: WorkerOutput): void {
    if (pipe === null) return;
    this.#pipes.push(pipe);
    this.#openPipes += 1;
    const lines = new Lines(mark, {
      lines: (name, text) => {
        if (to === "stderr" || !this.#ready) this.#tail.add(text);
        output.lines(to, this.pid, name, text);
      },
    });
    this.#lines.push(lines);
    pipe.on("data", (chunk: Buffer) => lines.feed(chunk));
    // An error is the end of what can be read; `close` follows.
    pipe.on("error", () => {});
    pipe.on("close", () => {
      lines.end();
      this.#openPipes -= 1;
      this.#settle();
    });
  }

  #giveUp(): void {
    for (const pipe of this.#pipes) pipe.destroy();
    this.channel?.destroy();
  }

  #settle(): void {
    if (this.#exit === undefined || !this.#channelClosed || this.#openPipes > 0 || this.#gone) return;
    this.#gone = true;
    const { code, signal } = this.#exit;
    const why = signal === "SIGKILL" ? this.#killed : {};
    this.#news.gone({ pid: this.pid, exitCode: code, signal, lastStderr: this.#tail.text, ...why });
  }

  /** Does nothing when it runs: an error is then about a signal that could not be sent. */
  #failed(error: unknown): void {
    if (this.pid > 0) return;
    const reason = `a worker could not be started: ${messageOf(error)}`;
    atEndOfTurn(() => {
      if (this.#gone) return;
      this.#gone = true;
      this.#news.gone({ pid: 0, exitCode: null, signal: null, lastStderr: "", reason });
    });
  }
}

function start({ settings, execArgv, env, cwd }: Spawn): ChildProcess {
  // The system would say that it does not find the program.
  if (cwd !== undefined && statSync(cwd, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new Error(`the working directory ${cwd} does not exist, or is none`);
  const main = fileURLToPath(new URL("worker/main.js", codeFolder));
  return spawn(process.execPath, [...execArgv, RESOLVES_FOR_OTHERS, main, settings.folder], {
    env: {
      ...env,
      [WORKER_SETTINGS]: JSON.stringify(settings),
      [WORKER_MARK]: workerMark(settings.folder, settings.process),
    },
    ...(cwd === undefined ? {} : { cwd }),
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
}
