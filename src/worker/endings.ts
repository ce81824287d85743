// The ways in which user code can end this process, or throw where nobody catches, and what the call it came from is told.
//
//   process.exit, reallyExit   the call has "exited": told, flushed, and only then does the process end
//   process.abort              results of calls before it leave first; the crash itself is for the daemon to see
//   uncaught, unhandled        fails the call whose code it was, if it still runs; else it is printed. The worker goes on
//   the same, or thrown,       while `runtimeEnv.setup` runs: printed, and the process ends. Nobody has a call in it yet
import type { AsyncLocalStorage } from "node:async_hooks";
import { inspect } from "node:util";
import { slot, type CallContext, type Importing } from "../api/slot.ts";
import { moduleBeingImported } from "../codec/modules.ts";
import type { FromWorker } from "../protocol/worker.ts";
import { withoutOwnFrames } from "../std/own-frames.ts";
import { startTimer } from "../std/clock.ts";
import { aTurn } from "../std/turns.ts";
import type { ProcessId } from "../domain/id.ts";
import { innermostOwn } from "./own-place.ts";
import type { Runner } from "./runner.ts";
import type { Running } from "./running.ts";

/** For an owner that is slow to read to take the news. */
const CONGESTED_MS = 2_000;
const POLL_MS = 5;
/** EX_CONFIG of sysexits. */
const SETUP_EXIT_CODE = 78;
/** EX_SOFTWARE of sysexits. */
const BROKEN_EXIT_CODE = 70;
/** Not what stands between user code and a stream or the end: user code may call it in a wrong way. */
const HANDS = /^(?:local|wire|worker)\/(?!(?:output|endings)\.ts$)/;

type ExitCode = number | string | null | undefined;
type Exit = (code?: number) => never;

export interface EndingsHooks {
  toOwner(owner: ProcessId, message: FromWorker): void;
  flush(): void;
  /** Bytes that were written out and not yet taken by the kernel. */
  waiting(): number;
}

export class Endings {
  readonly #runner: Runner;
  readonly #hooks: EndingsHooks;
  readonly #exit: Exit = process.exit.bind(process);
  readonly #reallyExit: Exit = (Reflect.get(process, "reallyExit") as Exit).bind(process);
  readonly #abort = process.abort.bind(process);
  #exiting = false;
  #settingUp = false;
  /** Whose code it may be that runs for no call that is known. */
  #unknown = "Code of a task";

  constructor(runner: Runner, hooks: EndingsHooks) {
    this.#runner = runner;
    this.#hooks = hooks;
  }

  install(): void {
    process.exit = (code) => this.#exitCalled(code, this.#exit);
    // What `process.exit` comes to in the end, and what some call themselves to get past its listeners.
    Reflect.set(process, "reallyExit", (code: ExitCode) => this.#exitCalled(code, this.#reallyExit));
    process.abort = () => {
      this.#runner.sendItems();
      this.#hooks.flush();
      return this.#abort();
    };
    process.on("uncaughtException", (error, origin) => {
      // The other listener has it, and knows more.
      if (origin === "uncaughtException") this.#stray(error, callOf(undefined));
    });
    process.on("unhandledRejection", (reason, promise) => this.#stray(reason, callOf(promise)));
    // A terminal's ctrl-C is for the driver, which then ends this process.
    process.on("SIGINT", () => {});
  }

  /** The module comes before all calls, so whatever is thrown until it has come to its end is thrown by its code: that ends it here as in a program of its own. */
  async setUp(load: () => Promise<unknown>): Promise<void> {
    this.#settingUp = true;
    try {
      await load();
      // A rejection that nobody handles is told when the code that made it has come to its end.
      await aTurn();
    } catch (error) {
      this.#failToSetUp(error);
    }
    this.#settingUp = false;
    this.#unknown = "Code of a task, or what runtimeEnv.setup left running,";
  }

  /** What it prints last says what is wrong. */
  #failToSetUp(error: unknown): never {
    say(error instanceof Error ? withoutOwnFrames(shown(error)) : `thrown: ${shown(error)}`);
    return this.exitNow(SETUP_EXIT_CODE);
  }

  /** Without a word to anybody. */
  exitNow(code: number): never {
    return this.#reallyExit(code);
  }

  /** When everything that was written has been taken. */
  exitInOrder(): void {
    this.#exiting = true;
    this.#runner.stop();
    this.#hooks.flush();
    if (this.#hooks.waiting() === 0) this.exitNow(0);
    this.#exitWhenTaken(0);
  }

  #exitCalled(given: ExitCode, exit: Exit): never {
    const code = exitCodeOf(given);
    const running = this.#runner.running(callOf(undefined)?.callId) ?? this.#runner.onlyRunning;
    this.#runner.sendItems();
    if (running !== undefined && !running.over) this.#tell(running, code);
    this.#exiting = true;
    this.#runner.stop();
    this.#hooks.flush();
    if (this.#hooks.waiting() === 0) return this.#exitThrough(exit, code);
    this.#exitWhenTaken(code);
    // Cannot return, and must not end before the news is out. Whatever catches this runs in a process that is ending.
    throw new Error(`process.exit(${code}) was called.`);
  }

  /** Listeners to the exit are the user's: what they throw must not keep a process that has said goodbye. */
  #exitThrough(exit: Exit, code: number): never {
    try {
      return exit(code);
    } catch (error) {
      say(`A listener to the exit of a worker threw: ${shown(error)}`);
      return this.#reallyExit(code);
    }
  }

  #tell(running: Running, code: number): void {
    running.over = true;
    const { lease, task } = running.call;
    // Before it begins nothing runs for it but the modules that it needs.
    const module = running.execution.context === undefined ? (moduleBeingImported() ?? "") : "";
    const reply = { kind: "exited", code, module } as const;
    this.#hooks.toOwner(running.from, { type: "reply", lease, task, reply, micros: 0 });
  }

  /** A worker that goes on after a bug of ours might keep somebody waiting for ever. A crash is told, and tried again. */
  breakDown(error: unknown): never {
    say(`A worker of ray-ts broke down: ${shown(error)}`);
    return this.exitNow(BROKEN_EXIT_CODE);
  }

  /** The calls that run here are tried again elsewhere, or fail with these words: what the language does here is no longer known. */
  giveUp(part: string): never {
    say(
      `This worker ends: code of a task has replaced parts of the language that do not behave any more: ${part}. ` +
        "Calls after it would go wrong here. Put back what you replace, or let the replacement do what the original did.",
    );
    return this.exitNow(BROKEN_EXIT_CODE);
  }

  #exitWhenTaken(code: number): void {
    const poll = (leftMs: number): void => {
      if (leftMs <= 0 || this.#hooks.waiting() === 0) this.#reallyExit(code);
      startTimer(POLL_MS, () => poll(leftMs - POLL_MS));
    };
    poll(CONGESTED_MS);
  }

  #stray(thrown: unknown, context: CallContext | undefined): void {
    if (this.#exiting) return;
    try {
      if (isOurs(thrown)) return this.breakDown(thrown);
      if (this.#settingUp) this.#failToSetUp(thrown);
      this.#blame(thrown, context);
    } catch (error) {
      this.breakDown(error);
    }
  }

  #blame(thrown: unknown, context: CallContext | undefined): void {
    const running = this.#runner.running(context?.callId);
    if (running === undefined || running.over) {
      const name = context?.taskName;
      const from = name === undefined ? this.#unknown : `Code that task ${name} left running`;
      say(`${from} threw, and nobody caught it: ${shown(thrown)}`);
      return;
    }
    this.#runner.strayed(running, thrown);
  }
}

/**
 * Thrown while the hands or a brain were at work, whose state nobody can trust after that. User code is called by api and codec only:
 * so it is ours when the innermost frame of this package is of neither, whoever threw (a task may have replaced what we call).
 */
function isOurs(thrown: unknown): boolean {
  const stack = thrown instanceof Error && typeof thrown.stack === "string" ? thrown.stack : "";
  return HANDS.test(innermostOwn(stack) ?? "");
}

/** The last words of a process that may be badly damaged. */
function say(text: string): void {
  try {
    process.stderr.write(`${text}\n`);
  } catch {
    // There is nobody to tell.
  }
}

function shown(thrown: unknown): string {
  try {
    return inspect(thrown);
  } catch {
    return "something that cannot be shown";
  }
}

/** Whose code it is. Some versions of Node do not restore the context for a rejection; there the promise itself carries it. */
function callOf(promise: Promise<unknown> | undefined): CallContext | undefined {
  const calls: AsyncLocalStorage<CallContext | Importing> = slot.calls;
  let found = calls.getStore();
  if (found === undefined && promise !== undefined) {
    const key: unknown = Reflect.get(calls, "kResourceStore");
    if (typeof key === "symbol") found = Reflect.get(promise, key) as typeof found;
  }
  return found === "importing" ? undefined : found;
}

/** As Node reads it. */
function exitCodeOf(given: ExitCode): number {
  const code = Number(given ?? process.exitCode ?? 0);
  return Number.isInteger(code) ? code & 0xff : 1;
}
