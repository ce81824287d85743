// What workers wrote, on the driver's own terminal: whole lines, each with the task and the process it came from (styles.ts).
//
// One write at a time and stream: so it is known what the terminal, or the pipe that stands for it, has taken. The daemon is told, and
// holds the workers back when a reader is slow; and in the last moment of the process what was not taken is written in place.
import { Buffer } from "node:buffer";
import { writeSync } from "node:fs";
import type { LogStyle } from "../../domain/options.ts";
import type { Output } from "../../protocol/hello.ts";
import { monotonicMs, startTimer, type Timer } from "../../std/clock.ts";
import { codeOf } from "../../std/code-of.ts";
import { deferred, type Deferred } from "../../std/deferred.ts";
import { footerOf } from "../../std/screens.ts";
import { writeQueueSize } from "../../std/stream-handle.ts";
import { atEndOfTurn } from "../../std/turns.ts";
import { mappedStack, placesIn } from "../../codec/places.ts";
import { blocksOf } from "./blocks.ts";
import { Folding } from "./folding.ts";
import { STYLES, type Line } from "./styles.ts";

/** For a reader that takes nothing while this process ends. */
const STUCK_MS = 2_000;

export class Printer {
  /** The number of the last output that has come. */
  received = 0;
  readonly #style: (typeof STYLES)[LogStyle];
  readonly #taken: (number: number) => void;
  readonly #folding = new Folding();
  #repeats: Timer | undefined;
  readonly #stdout: Lane = new Lane(1, () => process.stdout);
  readonly #stderr: Lane = new Lane(2, () => process.stderr);

  /** `taken` is told up to which number everything has been printed. */
  constructor(style: LogStyle, taken: (number: number) => void) {
    this.#style = STYLES[style];
    this.#taken = taken;
  }

  print(output: Output): void {
    this.received = output.number;
    const { to, name, pid } = output;
    const text = Buffer.from(output.text.buffer, output.text.byteOffset, output.text.byteLength).toString("utf8");
    this.#lane(to).add(this.#rendered({ to, name, pid, text }), () => this.#taken(output.number));
    this.#tellRepeatsInTime();
  }

  /** Lines that were not shown because others had printed the same. */
  tellRepeats(now: number = Infinity): void {
    this.#repeats?.cancel();
    this.#repeats = undefined;
    for (const line of this.#folding.due(now)) this.#lane(line.to).add(this.#line(line), () => {});
    this.#tellRepeatsInTime();
  }

  #tellRepeatsInTime(): void {
    const { next } = this.#folding;
    if (next === undefined || this.#repeats !== undefined) return;
    const tell = (): void => this.tellRepeats(monotonicMs());
    this.#repeats = startTimer(next - monotonicMs(), tell, { keepsAlive: false });
  }

  /** In the last moment of the process, when nothing waits for a stream any more. The last that is printed. */
  printNow(outputs: readonly Line[]): void {
    for (const output of outputs) this.#lane(output.to).addNow(this.#rendered(output));
    for (const line of this.#folding.due(Infinity)) this.#lane(line.to).addNow(this.#line(line));
  }

  #lane(to: Line["to"]): Lane {
    return to === "stdout" ? this.#stdout : this.#stderr;
  }

  /** What is to be shown now of one or more lines of a task. */
  #rendered({ text, ...from }: Line): string {
    const whole = withAllPlaces(text.endsWith("\n") ? text.slice(0, -1) : text);
    if (!this.#style.folds) return this.#line({ ...from, text: whole });
    const now = monotonicMs();
    let shown = "";
    for (const block of blocksOf(whole))
      for (const each of this.#folding.shown({ ...from, text: block }, now)) shown += this.#line(each);
    return shown;
  }

  /** Or several, with a prefix each. */
  #line(line: Line): string {
    const { coloured } = this.#lane(line.to);
    if (!line.text.includes("\n")) return this.#style.render(line, coloured);
    let shown = "";
    for (const text of line.text.split("\n")) shown += this.#style.render({ ...line, text }, coloured);
    return shown;
  }

  /** Writes in place what has come and was not taken yet. */
  finishNow(): void {
    this.#stdout.finishNow();
    this.#stderr.finishNow();
  }

  /** How much has come that the streams have not taken; becomes less while they take some. */
  get left(): number {
    return this.#stdout.left + this.#stderr.left;
  }

  /** Resolves when the streams have taken all of it. */
  async drained(): Promise<void> {
    await Promise.all([this.#stdout.drained(), this.#stderr.drained()]);
  }
}

interface Piece {
  readonly text: string;
  readonly taken: () => void;
}

class Lane {
  readonly #fd: number;
  readonly #stream: () => NodeJS.WriteStream | undefined;
  #waiting: Piece[] = [];
  /** What the stream is busy with. */
  #writing: Buffer | undefined;
  #drained: Deferred<void> | undefined;

  constructor(fd: number, stream: () => NodeJS.WriteStream | undefined) {
    this.#fd = fd;
    this.#stream = stream;
  }

  add(text: string, taken: () => void): void {
    this.#waiting.push({ text, taken });
    if (this.#writing === undefined) this.#next();
  }

  drained(): Promise<void> {
    if (this.#writing === undefined) return Promise.resolve();
    this.#drained ??= deferred();
    return this.#drained.promise;
  }

  /** Whether it is a terminal, and shows colours. */
  get coloured(): boolean {
    const stream = this.#stream();
    return stream?.isTTY === true && typeof stream.hasColors === "function" && stream.hasColors();
  }

  get left(): number {
    if (this.#writing === undefined) return 0;
    let left = 1 + unsent(this.#stream(), this.#writing.length);
    for (const { text } of this.#waiting) left += text.length;
    return left;
  }

  addNow(text: string): void {
    writeNow(this.#fd, Buffer.from(this.#onScreen(text)));
  }

  finishNow(): void {
    if (this.#writing === undefined) return;
    const left = unsent(this.#stream(), this.#writing.length);
    writeNow(this.#fd, this.#writing.subarray(this.#writing.length - left));
    for (const { text } of this.#waiting) this.addNow(text);
    this.#waiting = [];
  }

  /** On a terminal it stands above what is at its foot. */
  #onScreen(text: string): string {
    const stream = this.#stream();
    return stream?.isTTY === true && !Object.hasOwn(stream, "write") ? footerOf(stream).above(text) : text;
  }

  #next(): void {
    const pieces = this.#waiting;
    if (pieces.length === 0) {
      this.#writing = undefined;
      this.#drained?.resolve();
      return;
    }
    this.#waiting = [];
    const bytes = Buffer.from(this.#onScreen(pieces.map(({ text }) => text).join("")));
    this.#writing = bytes;
    const done = (): void => {
      for (const { taken } of pieces) taken();
      this.#next();
    };
    const stream = this.#stream();
    // A test may have taken it away.
    if (stream !== undefined && Object.hasOwn(stream, "write")) writeThrough(stream, bytes.toString("utf8"), done);
    else if (stream?.writable === true) stream.write(bytes, quiet(stream, done));
    // Nobody reads it any more: then it is printed as far as it ever will be.
    else atEndOfTurn(done);
  }
}

/** As with the console: that something cannot be printed (a full disk, a reader that has left) does not end the program. */
function quiet(stream: NodeJS.WriteStream, done: () => void): (error?: Error | null) => void {
  return (error) => {
    // It is emitted next, and would be an uncaught exception if nobody listened.
    if (error instanceof Error && stream.listenerCount("error") === 0) stream.once("error", () => {});
    done();
  };
}

/**
 * Somebody has put a function of his own in the place of `write`, to capture what is printed. It is called as the console does it: with
 * text, and without a callback, which few of these functions call. What it passes on is taken when an empty write behind it is.
 */
function writeThrough(stream: NodeJS.WriteStream, text: string, done: () => void): void {
  try {
    stream.write(text);
  } catch {
    // The console would throw it at whoever prints, and that is a task far away.
  }
  const inherited: unknown = Reflect.get(Object.getPrototypeOf(stream) as object, "write");
  if (typeof inherited === "function") Reflect.apply(inherited, stream, ["", quiet(stream, done)]);
  else atEndOfTurn(done);
}

/** How much of the last write the kernel has not taken. Of a stream that cannot say, everything is believed to have been. */
function unsent(stream: NodeJS.WriteStream | undefined, length: number): number {
  const queued = stream === undefined ? undefined : writeQueueSize(stream);
  return Math.min(queued ?? 0, length);
}

function writeNow(fd: number, bytes: Buffer): void {
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  let deadline = monotonicMs() + STUCK_MS;
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(fd, bytes, at);
      deadline = monotonicMs() + STUCK_MS;
    } catch (error) {
      const full = codeOf(error) === "EAGAIN";
      if (!full || monotonicMs() > deadline) return;
      Atomics.wait(sleeper, 0, 0, 1);
    }
  }
}

function withAllPlaces(text: string): string {
  return text.includes("file://") ? text.split("\n").map(withPlaces).join("\n") : text;
}

/** Code that was shipped has its source maps here: frames of a stack that a task prints are mapped, and places in what we say, or have said in errors. */
function withPlaces(line: string): string {
  if (!line.includes("file://")) return line;
  if (/^\s+at /.test(line)) return mappedStack(line);
  return line.startsWith("ray-ts: ") || line.includes("submitted at file://") ? placesIn(line) : line;
}
