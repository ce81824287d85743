// Progress bars that calls and actors move, wherever they run, and whoever made them shows.
import { wrongCall } from "../api/checked.ts";
import { outsideOfCalls } from "../api/outside.ts";
import { get, isWorker, remote, sleep, type ActorHandle } from "../index.ts";
import { monotonicMs, startTimer, type Timer } from "../std/clock.ts";
import { footerOf } from "../std/screens.ts";
import { assertOptions } from "./given.ts";

export interface ProgressOptions {
  /** What stands before it. */
  label?: string | undefined;
  /** Steps until it is full. Without it the steps are counted, and no bar is drawn. */
  total?: number | undefined;
  /** Where it is shown. Default: standard error. On a terminal each bar has a row at the foot, and what tasks print stands above. */
  stream?:
    | {
        write(text: string): unknown;
        isTTY?: boolean | undefined;
        columns?: number | undefined;
        rows?: number | undefined;
      }
    | undefined;
}

/** On a terminal it is drawn anew so often; else a line is written at each tenth, or so often when there is no total. */
const DRAWN_EVERY_MS = 100;
const LINE_EVERY_MS = 5_000;
const WIDTH = 30;
const WIDTH_MIN = 5;
/**
 * Steps of calls whose results are here may still be on their way, from other processes: before the last of it is shown it has to have
 * stood still for so many looks. One that is never still, because somebody goes on, is shown as it is after so many.
 */
const LAST_EVERY_MS = 50;
const STILL_LOOKS = 5;
const LAST_LOOKS_MAX = 40;

class ProgressActor {
  #steps = 0;

  add(steps: number): void {
    this.#steps += steps;
  }

  steps(): number {
    return this.#steps;
  }
}

/** Stay where they were made. */
const views = new WeakMap<ProgressBar, View>();

/**
 * A bar that is moved by `add` wherever it travels, and shown by the process that made it: one that is made in a task or an actor as lines
 * among those that this prints. `await using` (or `close`) shows the last of it.
 *
 *     await using bar = new ProgressBar({ label: "pages", total: 100 });
 *     const work = ray.remote(async (page) => { …; bar.add(); });
 */
export class ProgressBar {
  readonly actor: ActorHandle<ProgressActor>;

  constructor(options: ProgressOptions = {}) {
    assertOptions("new ProgressBar()", options, ["label", "total", "stream"]);
    const { label, total, stream } = options;
    if (label !== undefined && typeof label !== "string")
      throw wrongCall(`new ProgressBar(): the option label should be a string, but got ${String(label)}.`);
    if (stream !== undefined && typeof (stream as typeof stream | null)?.write !== "function")
      throw wrongCall(
        "new ProgressBar(): the option stream should be what it is written to, with a method write, as process.stdout has.",
      );
    if (total !== undefined && !(Number.isFinite(total) && total > 0))
      throw wrongCall(`new ProgressBar(): the option total should be a number above 0, but got ${String(total)}.`);
    this.actor = remote(ProgressActor, { numCpus: 0 }).remote();
    views.set(this, new View(isWorker ? new WeakRef(this) : { deref: () => this }, options));
  }

  /** So many steps more; 1 when left out. Returns at once: whoever has to know that they have come asks `steps` after it. TypeError for what is no number. */
  add(steps: number = 1): void {
    if (!Number.isFinite(steps))
      throw wrongCall(`add() takes a number of steps, 1 when left out, but got ${String(steps)}.`);
    this.actor.add.options({ numReturns: 0 }).remote(steps);
  }

  /** Steps that have come so far. */
  steps(): Promise<number> {
    return get(this.actor.steps.remote());
  }

  /** Shows where it stands for the last time, when it is full or has stood still for a quarter of a second. More than once does nothing more. */
  async close(): Promise<void> {
    await views.get(this)?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** What is shown of it, in the process that made it. */
class View {
  /** The driver shows one that nobody there has any more: calls may move it. In a worker it goes with the code that made it. */
  readonly #bar: Pick<WeakRef<ProgressBar>, "deref">;
  readonly #options: ProgressOptions;
  readonly #stream: NonNullable<ProgressOptions["stream"]>;
  readonly #begunMs = monotonicMs();
  /** When it was last asked. */
  #steps = 0;
  #tenth = 0;
  #lineMs = monotonicMs();
  #timer: Timer | undefined;
  #closed = false;
  /** On a terminal: it has no row any more. */
  #ended = false;

  constructor(bar: Pick<WeakRef<ProgressBar>, "deref">, options: ProgressOptions) {
    this.#bar = bar;
    this.#options = options;
    this.#stream = options.stream ?? process.stderr;
    if (this.#stream.isTTY === true) footerOf(this.#stream).join(this);
    // No call that has made it waits while it is looked at, and it is looked at when that has ended.
    outsideOfCalls(() => this.#later());
  }

  #later(): void {
    this.#timer = startTimer(DRAWN_EVERY_MS, () => void this.#look(), { keepsAlive: false });
  }

  async #look(): Promise<void> {
    try {
      await this.#ask();
      if (this.#closed) return;
      this.#show(this.#steps, false);
      if (this.#bar.deref() !== undefined) this.#later();
    } catch {
      // The session has ended, or the actor was killed: whoever moves the bar hears of that. What was seen of it is shown by `close`, and on
      // a terminal now: nobody might close it.
      if (!this.#closed && this.#stream.isTTY === true) this.#show(this.#steps, true);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer?.cancel();
    try {
      await this.#settle();
    } catch {
      // As above. What was seen of it is shown: a block that ends after its session, or with an error, is not to fail because of its bar.
    }
    this.#show(this.#steps, true);
  }

  async #settle(): Promise<void> {
    const { total = Infinity } = this.#options;
    await this.#ask();
    for (let looks = 0, still = 0; this.#steps < total && still < STILL_LOOKS && looks < LAST_LOOKS_MAX; looks += 1) {
      await sleep(LAST_EVERY_MS);
      const before = this.#steps;
      await this.#ask();
      still = this.#steps === before ? still + 1 : 0;
    }
  }

  async #ask(): Promise<void> {
    this.#steps = (await this.#bar.deref()?.steps()) ?? this.#steps;
  }

  #show(steps: number, last: boolean): void {
    const text = this.#text(steps);
    if (this.#stream.isTTY === true) return this.#draw(text, last);
    if (!last && !this.#isWorthALine(steps)) return;
    this.#lineMs = monotonicMs();
    this.#stream.write(`${text}\n`);
  }

  #draw(text: string, last: boolean): void {
    if (this.#ended) return;
    this.#ended = last;
    const footer = footerOf(this.#stream);
    this.#stream.write(last ? footer.end(this, text, this.#stream) : footer.show(this, text, this.#stream));
  }

  #isWorthALine(steps: number): boolean {
    const { total } = this.#options;
    if (total === undefined) return monotonicMs() - this.#lineMs >= LINE_EVERY_MS;
    const tenth = Math.floor((10 * steps) / total);
    if (tenth <= this.#tenth) return false;
    this.#tenth = tenth;
    // The last is shown at the end.
    return tenth < 10;
  }

  #text(steps: number): string {
    const { label, total } = this.#options;
    const seconds = ((monotonicMs() - this.#begunMs) / 1_000).toFixed(1);
    const before = label === undefined ? "" : `${label} `;
    if (total === undefined) return `${before}${steps} in ${seconds} s`;
    const share = Math.min(1, steps / total);
    const after = ` ${steps}/${total} ${Math.floor(share * 100)} % in ${seconds} s`;
    // A narrow terminal has less of the bar, and all of the numbers.
    const room = (this.#stream.columns || Infinity) - before.length - after.length - "[]".length - 1;
    const width = Math.max(WIDTH_MIN, Math.min(WIDTH, room));
    const full = Math.round(share * width);
    return `${before}[${"#".repeat(full)}${"-".repeat(width - full)}]${after}`;
  }
}
