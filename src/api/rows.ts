// Calls that were submitted one by one, each when all before had been got: what a loop makes of them that should have submitted first.
//
// A call that is handed what one before it gave has to wait for that, and is none of these: so no chain is taken for such a loop. Nor are
// calls of one actor, which would run one after the other in any case. And a program that waits for something else between them, for a
// timer, an event or what comes from outside, may have had nothing to submit before: only calls count that follow each other without that.
import type { ActorId } from "../domain/actor.ts";
import type { ObjectId } from "../domain/id.ts";
import type { Dependency, Site } from "../domain/task.ts";
import { settle } from "../codec/places.ts";
import { Turn } from "../std/turns.ts";
import { partsOf } from "./parts-of.ts";

export const IN_A_ROW = 10;
/** A loop may call several functions in turn. More than these are no loop. */
const NAMES_MAX = 16;
/** So many of the last values are known again. What was got before, and is handed to each call, makes no chain. */
const RECENT_MAX = 4;

/** `args` without the refs among them. No id: nobody can wait for it. `actor`: whose call it is. */
export interface Call {
  readonly name: string;
  readonly site: Site;
  readonly args: readonly unknown[];
  readonly dependencies: readonly Dependency[];
  readonly id: ObjectId | undefined;
  readonly actor: ActorId | undefined;
}

/** What is kept of it. */
type Place = Pick<Call, "site" | "actor">;

export class Rows {
  /** Of all calls, whatever they are called, and of those of each name. */
  readonly #all: Place[] = [];
  readonly #named = new Map<string, Place[]>();
  #lastNamed: Place[] = [];
  /** Submitted since the last one was got. */
  #open: ObjectId[] = [];
  #got: ObjectId | undefined;
  /** While it runs, the program has waited for nothing but what it got. */
  readonly #turn = new Turn();
  /** Which of all that were got an object came with: never to keep it alive. */
  readonly #given = new WeakMap<object, number>();
  #gotten = 0;
  /** Of each of the last: its id, and what it was made of but objects. */
  readonly #recent: unknown[][] = [];

  submitted({ name, site, args, dependencies, id, actor }: Call): void {
    if (this.#open.length > 0 || id === undefined || this.#turn.isOver) this.#clear();
    this.#turn.begin();
    // Two are as good as many: they are not one after the other.
    if (id !== undefined && this.#open.length < 2) this.#open.push(id);
    if (id === undefined || this.#open.length > 1) return;
    if (this.#isGiven(args) || (dependencies.length > 0 && this.#isGiven(dependencies.map((each) => each.id)))) return;
    settle(site);
    const place = { site, actor };
    this.#all.push(place);
    const known = this.#named.get(name);
    if (known === undefined && this.#named.size >= NAMES_MAX) this.#named.clear();
    this.#lastNamed = known ?? [];
    this.#lastNamed.push(place);
    if (known === undefined) this.#named.set(name, this.#lastNamed);
  }

  /** A single value is to be got, or waited for. */
  asks(id: ObjectId): void {
    if (this.#turn.isOver && this.#open[0] === id) this.reset();
  }

  /** A single value was waited for, and is here; or it is known to be. The places of rows that have become long enough. */
  got(id: ObjectId): readonly Site[] {
    this.#turn.begin();
    // wait() and then get(), or got twice.
    if (this.#open.length === 0 && this.#got === id) return [];
    this.#got = id;
    if (this.#open.length !== 1 || this.#open[0] !== id) this.reset();
    this.#open = [];
    return [this.#all, this.#lastNamed].flatMap((row) => placeOf(row) ?? []);
  }

  /** What that was. */
  gave(id: ObjectId, value: unknown): void {
    this.#gotten += 1;
    const known: unknown[] = [id];
    for (const part of partsOf(value)) {
      if (typeof part === "object" && part !== null) this.#given.set(part, this.#gotten);
      else known.push(part);
    }
    this.#recent.push(known);
    if (this.#recent.length > RECENT_MAX) this.#recent.shift();
  }

  /** A ref was made of this value. */
  put(id: ObjectId, value: unknown): void {
    if (this.#isGiven([value])) this.#recent.at(-1)?.push(id);
  }

  /** Several are to be got: that is no loop of single calls. */
  reset(): void {
    this.#open = [];
    this.#clear();
  }

  #clear(): void {
    this.#all.length = 0;
    this.#lastNamed = [];
    if (this.#named.size > 0) this.#named.clear();
  }

  #isGiven(args: readonly unknown[]): boolean {
    const isPart = (part: unknown): boolean =>
      typeof part === "object" && part !== null
        ? (this.#given.get(part) ?? -Infinity) > this.#gotten - RECENT_MAX
        : this.#recent.some((known) => known.includes(part));
    return args.some((argument) => partsOf(argument).some(isPart));
  }
}

/** Where all of them came from, once there are enough. What the row goes on with is left in it. */
function placeOf(row: Place[]): Site | undefined {
  if (row.length < IN_A_ROW) return undefined;
  const calls = row.splice(0);
  const [first] = calls;
  const last = calls.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const { text } = last.site;
  if (first.site.text !== text) {
    // Another loop has begun in between: its calls are the beginning of the next row.
    row.push(...calls.slice(calls.findLastIndex(({ site }) => site.text !== text) + 1));
    return undefined;
  }
  const { actor } = first;
  return actor !== undefined && calls.every((call) => call.actor === actor) ? undefined : last.site;
}
