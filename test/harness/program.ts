// Runs a driver program as a process of its own, as a user would, and watches what it prints and how it ends.
import { spawn, type ChildProcess } from "node:child_process";
import path from "node:path";
import { delay, monotonicMs } from "#src/std/clock.js";

export const root: string = path.resolve(import.meta.dirname, "../../..");

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  readonly nodeOptions?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A descriptor to print into; else it is `stdout` of the program that has it. */
  readonly stdout?: number;
  /** How many files it may have open at a time. */
  readonly descriptorsMax?: number;
}

/** Long enough for a machine that is busy with other tests, short enough to be told apart from a hang. */
const PATIENCE_MS = 60_000;

export class Program {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout = "";
  stderr = "";

  /** `file` is relative to the root of the package. */
  constructor(file: string, args: readonly string[] = [], options: ProgramOptions = {}) {
    const { NODE_TEST_CONTEXT: _context, ...env } = process.env;
    const command = [process.execPath, ...(options.nodeOptions ?? []), path.join(root, file), ...args];
    const limit = options.descriptorsMax;
    if (limit !== undefined) command.unshift("/bin/sh", "-c", `ulimit -n ${limit} && exec "$0" "$@"`);
    this.child = spawn(command[0] ?? "", command.slice(1), {
      cwd: root,
      env: { ...env, ...options.env },
      stdio: ["ignore", options.stdout ?? "pipe", "pipe"],
    });
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => (this.stdout += text));
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    this.ended = new Promise((resolve) => {
      this.child.on("close", (code, signal) => resolve({ code, signal, stdout: this.stdout, stderr: this.stderr }));
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Resolves when the program has printed this. */
  async printed(text: string): Promise<void> {
    for (const deadline = monotonicMs() + PATIENCE_MS; !this.stdout.includes(text); await delay(5)) {
      if (this.child.exitCode !== null || this.child.signalCode !== null || monotonicMs() > deadline) {
        throw new Error(`the program never printed ${JSON.stringify(text)} but:\n${this.stdout}\n${this.stderr}`);
      }
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}

/** Runs it to its end. */
export function run(file: string, args: readonly string[] = [], options: ProgramOptions = {}): Promise<Ended> {
  return new Program(file, args, options).ended;
}
