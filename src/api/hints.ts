// Known ways to write a parallel program that is slow, or silent about its failures: told in a line each, once per place, when they are
// seen at work. Looks on, and never changes what a call does.
//
//   get in the loop that submits   10 calls from one place in a row, each got before the next was submitted, and nothing else was waited
//                                  for: see rows.ts. Of batches in a row nothing is told: nobody can see that the next one could have begun
//   the same large argument again  a large object or text is passed by a third call, or in a small array or object
//   got only to be passed on       a large value comes from get() and goes as it is into another call, or into put()
//   calls too short to be sent     1,000 calls of a function take less each than sending them does
//   much that a function captures  it goes to each worker
//   failures nobody asked for      at the end of the session
import { READY_OF } from "../domain/placement.ts";
import type { ObjectId } from "../domain/id.ts";
import { sizeOf, type Failure, type Payload } from "../domain/object.ts";
import type { ShortCalls } from "../domain/news.ts";
import type { Site } from "../domain/task.ts";
import { inBrief } from "./brief.ts";
import { notice } from "./notice.ts";
import { membersOf } from "./parts-of.ts";
import { IN_A_ROW, Rows, type Call } from "./rows.ts";
import { weighs } from "./weight.ts";

const PASSED_AGAIN = 3;
/** What it costs to copy less is not worth a word. */
const LARGE_BYTES = 100_000;
const PASSED_ON_BYTES = 10_000;
/** What a call should take at least, to be worth more than its way. */
const WORTH_MICROS = 1_000;
/** Of failures, and of waits that ended early, so many are remembered. */
const REMEMBERED_MAX = 10_000;

interface Passed {
  times: number;
  /** In which call it was last: it may be in it more than once. */
  call: number;
}

export class Hints {
  readonly #told = new Set<string>();
  readonly #rows = new Rows();
  readonly #passed = new WeakMap<object, Passed>();
  #call = 0;
  /** The last large one that was passed: of one alone, since they cannot be remembered weakly. */
  #text = "";
  #textTimes = 0;
  readonly #fetched = new WeakMap<object, string>();
  /** The last large one that was got: of one alone, too. */
  #gotText: string | undefined;
  #gotTextFrom = "";
  readonly #unheard = new Set<Failure>();
  #forgotten = 0;
  readonly #abandoned = new Set<ObjectId>();

  /** A call has been submitted. */
  submitted(call: Call, payload: Payload): void {
    this.#rows.submitted(call);
    this.passed(call, payload);
  }

  /** A call is submitted, or an actor is made. */
  passed({ name, site, args }: Pick<Call, "name" | "site" | "args">, payload: Payload): void {
    const bytes = sizeOf(payload);
    if (bytes < PASSED_ON_BYTES) return;
    this.#call += 1;
    for (const [index, argument] of args.entries()) {
      const place = `argument ${index + 1} of ${name}`;
      const members = membersOf(argument);
      if (this.#isPassedOn(argument, members, place, site)) return;
      if (this.#isPassedAgain(argument, members, place, site, bytes)) return;
    }
  }

  #isPassedOn(argument: unknown, members: readonly unknown[], place: string, site: Site): boolean {
    const itself = this.#makerOf(argument);
    if (itself !== undefined) {
      this.#passedOn(`${place} is what get() gave for ${itself}, and is sent out again. Pass the ref itself`, site);
      return true;
    }
    const maker = members.map((member) => this.#makerOf(member)).find((each) => each !== undefined);
    if (maker === undefined) return false;
    const what = `${place} holds what get() gave for ${maker}, which is sent out again`;
    this.#passedOn(`${what}. Pass the ref itself, as an argument of its own`, site);
    return true;
  }

  #isPassedAgain(argument: unknown, members: readonly unknown[], place: string, site: Site, bytes: number): boolean {
    // Of each: the others are counted, too.
    const often = [argument, ...members].filter((each) => this.#isOften(each, bytes));
    if (often.length === 0) return false;
    const [itself] = often;
    const [how, where] = itself === argument ? ["is", ""] : ["holds", ", as an argument of its own"];
    const [what, change] = typeof itself === "string" ? ["text", ""] : ["object", ", unless it changes in between"];
    this.#tell("passed again", site, () => [
      `${place} ${how} the same ${what} in call after call, and is gone through for each of them (${megabytes(bytes)}).`,
      `Store it once, const ref = put(${what}), and pass ref${where}${change}.`,
    ]);
    return true;
  }

  /** It is large, and was passed by some calls before this one. */
  #isOften(value: unknown, bytes: number): boolean {
    if (typeof value === "string") {
      if (value.length < LARGE_BYTES) return false;
      if (this.#text !== value) [this.#text, this.#textTimes] = [value, 0];
      if ((this.#textTimes += 1) < PASSED_AGAIN) return false;
      this.#text = "";
      return true;
    }
    if (typeof value !== "object" || value === null) return false;
    const known = this.#passed.get(value);
    if (known === undefined) this.#passed.set(value, { times: 1, call: this.#call });
    if (known === undefined || known.call === this.#call) return false;
    known.call = this.#call;
    known.times += 1;
    if (known.times < PASSED_AGAIN || bytes < LARGE_BYTES) return false;
    // A small one that went with something large is weighed once in a while.
    known.times = 0;
    return weighs(value, LARGE_BYTES);
  }

  /** Which ref's value this is, when that was large and has been got. */
  #makerOf(value: unknown): string | undefined {
    if (typeof value === "string")
      return value.length >= LARGE_BYTES && this.#gotText === value ? this.#gotTextFrom : undefined;
    return typeof value === "object" && value !== null ? this.#fetched.get(value) : undefined;
  }

  #passedOn(what: string, site: Site): void {
    this.#tell("passed on", site, () => [
      `${what}, unless you have changed the value: it goes where it is needed by itself.`,
    ]);
  }

  /** A single value is to be got, or waited for. */
  asks(id: ObjectId): void {
    this.#rows.asks(id);
  }

  /** A single value was waited for, and is here; or it is known to be. */
  got(id: ObjectId, value?: unknown): void {
    this.#rows.gave(id, value);
    for (const site of this.#rows.got(id))
      this.#tell("row", site, () => [
        `${IN_A_ROW} calls in a row were submitted here, each after the one before had been got, so nothing ran in parallel.`,
        "Submit all of them first, const refs = inputs.map((input) => f.remote(input)), and then await get(refs);",
        "unless each needs what the one before it gave.",
      ]);
  }

  /** `site`: where, of a large one. */
  put(id: ObjectId, value: unknown, site: Site | undefined): void {
    this.#rows.put(id, value);
    if (site === undefined) return;
    const maker = this.#makerOf(value);
    if (maker !== undefined) this.#passedOn(`put() stores again what get() gave for ${maker}. Use that ref`, site);
  }

  /** Several values are to be got. */
  gotMany(): void {
    this.#rows.reset();
  }

  /** `maker`: the function that made it, where it is known. */
  fetched(value: unknown, payload: Payload, maker: string | undefined): void {
    if (sizeOf(payload) < PASSED_ON_BYTES) return;
    const from = maker === undefined ? "a ref" : `the ref of ${maker}`;
    if (typeof value === "string" && value.length >= LARGE_BYTES) [this.#gotText, this.#gotTextFrom] = [value, from];
    if (typeof value === "object" && value !== null) this.#fetched.set(value, from);
  }

  short({ name, site, micros }: ShortCalls): void {
    // Waiting for a thousand placement groups is no function of the user's.
    if (name.startsWith(READY_OF)) return;
    this.#tell("short", site, () => [
      `calls of ${name} take ${Math.max(1, Math.round(micros))} µs each, less than it takes to send them.`,
      `Let one call do more: the work of ${Math.ceil(WORTH_MICROS / Math.max(micros, 1))} of them takes a millisecond.`,
    ]);
  }

  /** More than 10 MB go along with a function. */
  captured(warning: string): void {
    notice(`hint: ${warning}`);
  }

  slowStore(folder: string): void {
    notice(
      `hint: there is too little shared memory in /dev/shm: large values are kept in files in ${folder}, which may be slower. ` +
        "Give it more (docker run --shm-size=2g), or ask for less: init({ objectStoreMemory }).",
    );
  }

  /** A call failed while nobody waited for it. */
  failed(failure: Failure, id: ObjectId | undefined): void {
    if (id !== undefined && this.#abandoned.delete(id)) return;
    if (this.#unheard.size >= REMEMBERED_MAX) this.#forgotten += 1;
    else this.#unheard.add(failure);
  }

  /** Somebody wanted it, and has heard of this failure; or of none, because it has not come. */
  asked(id: ObjectId, failure: Failure | undefined): void {
    if (failure !== undefined) this.#unheard.delete(failure);
    else if (this.#abandoned.size < REMEMBERED_MAX) this.#abandoned.add(id);
  }

  /** The session ends, or the process. */
  readonly end = (): void => {
    const [first] = this.#unheard;
    if (first === undefined) return;
    const count = this.#unheard.size + this.#forgotten;
    const calls =
      count === 1
        ? "a call failed, and nobody asked for its result"
        : `${count} calls failed, and nobody asked for their results`;
    notice(
      `hint: ${calls}: ${inBrief(first)}${count === 1 ? "" : ", and others"}. await get(refs) tells of failures in time.`,
    );
    this.#unheard.clear();
  };

  #tell(kind: string, site: Site, lines: () => readonly string[]): void {
    const key = `${kind} ${site.text}`;
    if (site.text === "" || this.#told.has(key)) return;
    this.#told.add(key);
    notice(`hint: ${site.text}: ${lines().join(" ")}`);
  }
}

function megabytes(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.round(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
