// Says in the worker's own output which task the lines that follow came from. See local/daemon/lines.
//
// A call is announced before it begins, so that whatever it writes on whatever road comes after its name. Those that are too quick to
// print anything are not: if one does print, through process.stdout or process.stderr, it is announced then.
import { writeSync } from "node:fs";

const NEWLINE = 10;

type StreamName = "stdout" | "stderr";

export class OutputLabels {
  readonly #mark: string;
  readonly #nameNow: () => string | undefined;
  readonly #announced: Record<StreamName, string> = { stdout: "", stderr: "" };
  /** What was written last has no newline: another call must not go on in that line, not even one of the same name. */
  readonly #midLine: Record<StreamName, boolean> = { stdout: false, stderr: false };

  /** `nameNow`: of the task whose code is running; undefined when none is. */
  constructor(mark: string, nameNow: () => string | undefined) {
    this.#mark = mark;
    this.#nameNow = nameNow;
    this.#adopt("stdout");
    this.#adopt("stderr");
  }

  /** A call of this name begins. */
  announce(name: string): void {
    for (const stream of ["stdout", "stderr"] as const) {
      if (this.#midLine[stream]) this.#announced[stream] = "";
      this.#midLine[stream] = false;
      this.#label(stream, name);
    }
  }

  #label(stream: StreamName, name: string): void {
    if (this.#announced[stream] === name) return;
    this.#announced[stream] = name;
    try {
      writeSync(stream === "stdout" ? 1 : 2, `${this.#mark}${name.replaceAll("\n", " ")}\n`);
    } catch {
      // User code has closed it: then there is nothing to label.
    }
  }

  /** The stream is made by Node at its first use, which most workers never come to. */
  #adopt(stream: StreamName): void {
    const property = Object.getOwnPropertyDescriptor(process, stream);
    const make = property?.get;
    if (make === undefined) return;
    let made: NodeJS.WriteStream | undefined;
    const get = (): NodeJS.WriteStream => {
      made ??= this.#prepare(stream, make.call(process) as NodeJS.WriteStream);
      return made;
    };
    Object.defineProperty(process, stream, { ...property, get });
  }

  #prepare(stream: StreamName, made: NodeJS.WriteStream): NodeJS.WriteStream {
    // What a task wrote is with the daemon before the task ends, and a crash loses none of it. Node would write in the background.
    const handle: unknown = Reflect.get(made, "_handle");
    if (
      typeof handle === "object" &&
      handle !== null &&
      "setBlocking" in handle &&
      typeof handle.setBlocking === "function"
    ) {
      handle.setBlocking(true);
    }
    // A task may have ended or closed it. As with the console, what then cannot be written is no error of anybody's: told on the same
    // stream, it would be followed by the next one, without an end.
    made.on("error", () => {});
    const write = made.write;
    const labelled = (...args: Parameters<typeof write>): boolean => {
      const name = this.#nameNow();
      if (name !== undefined) this.#label(stream, name);
      this.#midLine[stream] = !endsLine(args[0]);
      return Reflect.apply<typeof made, typeof args, boolean>(write, made, args);
    };
    Object.defineProperty(made, "write", { value: labelled, writable: true, configurable: true });
    return made;
  }
}

function endsLine(chunk: unknown): boolean {
  return typeof chunk === "string" ? chunk.endsWith("\n") : chunk instanceof Uint8Array && chunk.at(-1) === NEWLINE;
}
