// Values to bytes: one walk over the graph. Plain data has a short way of its own; everything else goes by the table of nodes.
//
// The walk is recursive to a bounded depth. What lies deeper is put in a queue, and the decoder, which counts the depth in the
// same way, knows that its contents come later. So a list of a million links needs no more stack than one of two hundred.
import { types } from "node:util";
import type { NodeKind, Out, Place, Section, Step, Travels } from "./graph.ts";
import type { Payload } from "./payload.ts";
import { denseness, plainValues } from "./plain.ts";
import { knot, tooDeep, type Problem } from "./problem.ts";
import { failuresMax, refusal, stepText, type Failure } from "./refusal.ts";
import { primitive } from "./primitives.ts";
import { Shapes } from "./shapes.ts";
import {
  ARRAY,
  BACK,
  BYTES_OF_INTS,
  DEPTH_MAX,
  DOUBLES,
  FALSE,
  HAS_TRAILER,
  NODE,
  NULL,
  OBJECT,
  TRUE,
  UNDEFINED,
  WORDS_OF_INTS,
} from "./tags.ts";
import { Writer } from "./writer.ts";

/** How errors name where a path begins; for a list of arguments, the beginning for each of them. */
export type Root = string | ((index: number) => string);

export interface RunOptions {
  readonly flags?: number;
  /** How the refusal calls the whole; else as the paths begin. */
  readonly what?: string;
  readonly captures?: Readonly<Record<string, unknown>> | undefined;
  /** What is to be noted before the walk. */
  readonly begin?: (out: Out) => void;
  /** Told of each variable of the function that is the root. */
  readonly captured?: (variable: { readonly name: string; readonly by: Travels; readonly bytes: number }) => void;
}

const noOptions: RunOptions = {};

/** Which entry of the table of nodes an object is; undefined when it cannot travel, which it has then told `out`. */
export type Choose = (value: object, out: Out) => number | undefined;

/** Objects that exist before they are complete may nest in each other so often. */
const HEADS_MAX = 300;
/** Up to so many objects are found by looking at each; a Map for more. */
const LISTED_MAX = 8;

interface Waiting {
  readonly value: object;
  readonly number: number;
  /** Undefined: a plain object or array. */
  readonly kind: NodeKind | undefined;
  readonly carry: unknown;
}

const noBuffers: readonly Uint8Array[] = [];
const noRefs: readonly string[] = [];

/** Enough failures were found: nobody reads on. */
const ENOUGH: Error = new Error("enough failures");

export class Encoder implements Out {
  readonly to: Writer = new Writer();
  readonly #kinds: readonly NodeKind[];
  readonly #choose: Choose;
  readonly #shapes = new Shapes();
  #objects: object[] = [];
  #numbers: Map<object, number> | undefined;
  #parents: number[] = [];
  #steps: Step[] = [];
  #places: Map<number, Place> | undefined;
  /** The number of the object whose parts are being written; -1 at the root. */
  #parent = -1;
  #step: Step = "";
  #depth = 0;
  /** Objects whose heads are being written: nothing may lead back to them yet. */
  #open: number[] = [];
  #queue: Waiting[] = [];
  #afterwards: (() => boolean)[] = [];
  #failures: Failure[] = [];
  #refs: Set<string> | undefined;
  #buffers: Uint8Array[] | undefined;
  #tables: Map<Section<unknown, unknown>, unknown> | undefined;
  #root: Root = "value";
  #memo: Map<object, unknown> | undefined;
  #ends: (() => void)[] = [];
  #extraWeight = 0;
  #captures: RunOptions["captures"];
  #report: RunOptions["captured"];
  #modules = false;

  constructor(kinds: readonly NodeKind[], choose: Choose) {
    this.#kinds = kinds;
    this.#choose = choose;
  }

  /** One value, from the first byte to the last. Throws the refusal of all that cannot travel. */
  run(value: unknown, root: Root, { flags = 0, what, captures, begin, captured }: RunOptions = noOptions): Payload {
    this.#root = root;
    this.#captures = captures;
    this.#report = captured;
    this.to.begin();
    try {
      begin?.(this);
      this.to.byte(flags);
      if (typeof root === "function" && Array.isArray(value)) this.#list(value);
      else this.#any(value);
      this.#drain();
      if (this.#failures.length > 0) throw this.#refusal(what);
      return this.#finish(flags);
    } catch (error) {
      this.to.abandon();
      throw error === ENOUGH ? this.#refusal(what) : error;
    } finally {
      this.#forget();
    }
  }

  #refusal(what: string | undefined): Error {
    const root = this.#root;
    return refusal(what ?? (typeof root === "string" ? root : "the arguments"), this.#failures);
  }

  #finish(flags: number): Payload {
    if (this.#tables !== undefined) {
      const start = this.to.length;
      this.to.patch(0, HAS_TRAILER | flags);
      const tables = [...this.#tables].toSorted(([a], [b]) => a.number - b.number);
      this.to.uint(tables.length);
      for (const [section, table] of tables) {
        this.to.uint(section.number);
        section.write(table, this.to);
      }
      this.to.offset(start);
    }
    return {
      bytes: this.to.end(),
      buffers: this.#buffers ?? noBuffers,
      refs: this.#refs === undefined ? noRefs : [...this.#refs],
      modules: this.#modules,
    };
  }

  /** Holds on to nothing of the user's, however it ended. */
  #forget(): void {
    this.#objects.length = 0;
    this.#parents.length = 0;
    this.#steps.length = 0;
    this.#numbers = undefined;
    this.#places = undefined;
    this.#refs = undefined;
    this.#buffers = undefined;
    this.#tables = undefined;
    this.#parent = -1;
    this.#depth = 0;
    if (this.#open.length > 0) this.#open = [];
    if (this.#queue.length > 0) this.#queue = [];
    if (this.#afterwards.length > 0) this.#afterwards = [];
    if (this.#failures.length > 0) this.#failures = [];
    this.#shapes.clear();
    this.#memo = undefined;
    this.#captures = undefined;
    this.#report = undefined;
    this.#extraWeight = 0;
    if (this.#ends.length > 0) this.#ends = [];
    this.#modules = false;
  }

  // ------------------------------------------------------------------ what node kinds call

  value(value: unknown, step: Step): void {
    this.#step = step;
    this.#any(value);
  }

  shell(value: unknown, step: Step): void {
    this.#step = step;
    if (!isObject(value)) return this.#any(value);
    if (this.#wroteBack(value)) return;
    if (this.#open.length > HEADS_MAX) return this.#refuse(tooDeep);
    this.#begin(value, true);
  }

  complete(value: unknown, step: Step): void {
    if (this.#open.length > HEADS_MAX) return this.#refuse(tooDeep);
    const queue = this.#queue;
    this.#queue = [];
    this.value(value, step);
    this.#drainQueue();
    this.#queue = queue;
  }

  fail(problem: Problem, number: number = this.#parent): void {
    this.#failures.push({ path: this.#pathOf(number), problem, places: this.#placesOf(number) });
    if (this.#failures.length === failuresMax) throw ENOUGH;
  }

  place(place: Place): void {
    (this.#places ??= new Map()).set(this.#parent, place);
  }

  ref(id: string): void {
    (this.#refs ??= new Set()).add(id);
  }

  has(value: object): boolean {
    return this.#find(value) !== undefined;
  }

  standFor(value: object): void {
    this.#objects[this.#parent] = value;
    this.#numbers?.set(value, this.#parent);
  }

  objects(): Iterable<object> {
    return this.#objects;
  }

  atEnd(run: () => void): void {
    this.#ends.push(run);
  }

  numberOf(value: object): number {
    return this.#find(value) ?? this.#parent;
  }

  get captures(): RunOptions["captures"] {
    return this.#captures;
  }

  get weight(): number {
    return this.to.length + this.#extraWeight;
  }

  weigh(bytes: number): void {
    this.#extraWeight += bytes;
  }

  captured(name: string, by: Travels, bytes: number): void {
    if (this.#parent === 0) this.#report?.({ name, by, bytes });
  }

  get memo(): Map<object, unknown> {
    return (this.#memo ??= new Map());
  }

  get current(): number {
    return this.#parent;
  }

  later(run: () => boolean): void {
    this.#afterwards.push(run);
  }

  table<W, R>(section: Section<W, R>): W {
    this.#tables ??= new Map();
    let table = this.#tables.get(section);
    if (table === undefined) {
      table = section.begin(this);
      this.#tables.set(section, table);
    }
    return table as W;
  }

  buffer(bytes: Uint8Array): number {
    return (this.#buffers ??= []).push(bytes) - 1;
  }

  needsModules(): void {
    this.#modules = true;
  }

  // ------------------------------------------------------------------ the walk

  #any(value: unknown): void {
    const { to } = this;
    switch (typeof value) {
      case "string":
        return to.text(value);
      case "number":
        return to.number(value);
      case "boolean":
        return to.byte(value ? TRUE : FALSE);
      case "undefined":
        return to.byte(UNDEFINED);
      case "bigint":
      case "symbol":
        return primitive(value, to);
      default:
        if (value === null) return to.byte(NULL);
        return this.#object(value as object);
    }
  }

  #object(value: object): void {
    if (this.#wroteBack(value)) return;
    this.#begin(value, false);
  }

  #find(value: object): number | undefined {
    if (this.#numbers !== undefined) return this.#numbers.get(value);
    const index = this.#objects.indexOf(value);
    return index < 0 ? undefined : index;
  }

  #wroteBack(value: object): boolean {
    const number = this.#find(value);
    if (number === undefined) return false;
    if (this.#open.length > 0 && this.#open.includes(number)) this.#refuse(knot);
    else {
      this.to.byte(BACK);
      this.to.uint(number);
    }
    return true;
  }

  #register(value: object): number {
    const number = this.#objects.push(value) - 1;
    this.#parents.push(this.#parent);
    this.#steps.push(this.#step);
    if (this.#numbers !== undefined) this.#numbers.set(value, number);
    else if (number === LISTED_MAX) this.#numbers = new Map(this.#objects.map((each, index) => [each, index]));
    return number;
  }

  /** Writes an object that has not been met before. `shell`: only what makes it; the rest waits. */
  #begin(value: object, shell: boolean): void {
    const wait = shell || this.#depth >= DEPTH_MAX;
    // A revoked proxy throws at any other question.
    if (types.isProxy(value)) return this.#node(value, wait);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (Array.isArray(value)) {
      const dense = prototype === Array.prototype ? denseness(value) : "odd";
      if (dense !== "odd") return wait ? this.#wait(value, ARRAY) : this.#array(value, this.#register(value), dense);
    } else if (prototype === Object.prototype) {
      const shape = plainValues(value);
      if (shape !== undefined) return wait ? this.#wait(value, OBJECT) : this.#plain(shape, this.#register(value));
    }
    this.#node(value, wait);
  }

  #wait(value: object, tag: number): void {
    const number = this.#register(value);
    this.to.byte(tag);
    this.#queue.push({ value, number, kind: undefined, carry: undefined });
  }

  #plain({ keys, values }: { keys: readonly string[]; values: readonly unknown[] }, number: number): void {
    this.to.byte(OBJECT);
    this.#plainBody(keys, values, number);
  }

  #plainBody(keys: readonly string[], values: readonly unknown[], number: number): void {
    this.#shapes.write(keys, this.to);
    const parent = this.#parent;
    this.#parent = number;
    this.#depth += 1;
    for (let index = 0; index < keys.length; index++) {
      this.#step = keys[index] as string;
      this.#any(values[index]);
    }
    this.#depth -= 1;
    this.#parent = parent;
  }

  #array(value: readonly unknown[], number: number, dense: "ints" | "words" | "doubles" | "mixed"): void {
    const { to } = this;
    const { length } = value;
    if (dense === "mixed") {
      to.byte(ARRAY);
      to.uint(length);
      return this.#elements(value, number);
    }
    to.byte(dense === "ints" ? BYTES_OF_INTS : dense === "words" ? WORDS_OF_INTS : DOUBLES);
    to.uint(length);
    const numbers = value as readonly number[];
    if (dense === "doubles") to.doubles(numbers);
    else to.ints(numbers, dense === "ints" ? 1 : 4);
  }

  #elements(value: readonly unknown[], number: number): void {
    const parent = this.#parent;
    this.#parent = number;
    this.#depth += 1;
    const { length } = value;
    for (let index = 0; index < length; index++) {
      this.#step = index;
      this.#any(value[index]);
    }
    this.#depth -= 1;
    this.#parent = parent;
  }

  /** The arguments of a call: an array that the caller made for the purpose, each element with a name of its own. */
  #list(value: readonly unknown[]): void {
    this.to.byte(ARRAY);
    this.to.uint(value.length);
    this.#elements(value, this.#register(value));
  }

  #node(value: object, wait: boolean): void {
    const number = this.#register(value);
    const parent = this.#parent;
    this.#parent = number;
    this.#depth += 1;
    const chosen = this.#choose(value, this);
    if (chosen === undefined) this.to.byte(UNDEFINED);
    else {
      const kind = this.#kinds[chosen] as NodeKind;
      this.to.byte(NODE + chosen);
      this.#open.push(number);
      const carry = kind.head(value, this);
      this.#open.pop();
      if (kind.body !== undefined) {
        if (wait) this.#queue.push({ value, number, kind, carry });
        else kind.body(value, this, carry);
      }
    }
    this.#depth -= 1;
    this.#parent = parent;
  }

  /** Writes what was put off, and what is only known when all else is written, until there is no more. */
  #drain(): void {
    this.#drainQueue();
    let wrote = this.#afterwards.length > 0;
    while (wrote) {
      wrote = false;
      for (const run of this.#afterwards) if (run()) wrote = true;
      this.#drainQueue();
    }
    for (const run of this.#ends) run();
  }

  #drainQueue(): void {
    if (this.#queue.length === 0) return;
    // It grows while it is emptied.
    for (let index = 0; index < this.#queue.length; index++) this.#late(this.#queue[index] as Waiting);
    this.#queue = [];
  }

  #late({ value, number, kind, carry }: Waiting): void {
    const parent = this.#parent;
    this.#parent = number;
    if (kind?.body !== undefined) kind.body(value, this, carry);
    else if (Array.isArray(value)) {
      this.to.uint(value.length);
      this.#elements(value, number);
    } else {
      const shape = plainValues(value);
      // Nothing but user code could have changed it meanwhile.
      if (shape === undefined) throw new TypeError("a value changed while it was encoded");
      this.#plainBody(shape.keys, shape.values, number);
    }
    this.#parent = parent;
  }

  // ------------------------------------------------------------------ where we are

  /** A failure of a value that has no number. */
  #refuse(problem: Problem): void {
    const path = this.#pathOf(this.#parent) + this.#stepText(this.#parent, this.#step);
    this.#failures.push({ path, problem, places: this.#placesOf(this.#parent) });
    this.to.byte(UNDEFINED);
    if (this.#failures.length === failuresMax) throw ENOUGH;
  }

  #pathOf(number: number): string {
    const steps: string[] = [];
    let at = number;
    while (at >= 0) {
      const parent = this.#parents[at] as number;
      const step = this.#steps[at] as Step;
      if (typeof this.#root === "function" && parent === 0) {
        steps.push(typeof step === "number" ? this.#root(step) : stepText(step));
        return steps.toReversed().join("");
      }
      if (parent >= 0) steps.push(stepText(step));
      at = parent;
    }
    return (typeof this.#root === "string" ? this.#root : "the arguments") + steps.toReversed().join("");
  }

  #stepText(parent: number, step: Step): string {
    return parent < 0 ? "" : stepText(step);
  }

  #placesOf(number: number): Place[] {
    const places: Place[] = [];
    for (let at = number; at >= 0; at = this.#parents[at] as number) {
      const place = this.#places?.get(at);
      if (place !== undefined) places.push(place);
    }
    return places;
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
