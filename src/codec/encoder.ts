// Values to bytes: one walk over the graph. Plain data has a short way of its own; everything else goes by the table of nodes.
//
// The walk is recursive to a bounded depth. What lies deeper is put in a queue, and the decoder, which counts the depth in the
// same way, knows that its contents come later. So a list of a million links needs no more stack than one of two hundred.
import { types } from "node:util";
import { isObject } from "../std/is-object.ts";
import type { NodeKind, Out, Place, Section, Step, Travels } from "./graph.ts";
import { emptied, takeLast } from "./lists.ts";
import { Notes, noOptions, plainPayload, type RunOptions } from "./notes.ts";
import { packageClassAmong } from "./package-classes.ts";
import type { Payload } from "./payload.ts";
import { denseness, plainKeys, type Denseness } from "./plain.ts";
import { primitive } from "./primitives.ts";
import { knot, tooDeep, type Problem } from "./problem.ts";
import { failuresMax, refusal, type Failure } from "./refusal.ts";
import { Shapes } from "./shapes.ts";
import {
  ARRAY,
  BACK,
  BYTES_OF_INTS,
  DEPTH_MAX,
  DOUBLES,
  FALSE,
  NODE,
  NULL,
  OBJECT,
  TRUE,
  UNDEFINED,
  WORDS_OF_INTS,
} from "./tags.ts";
import { Trail, type Root } from "./trail.ts";
import { Writer } from "./writer.ts";

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

/** Enough failures were found: nobody reads on. */
const ENOUGH: Error = new Error("enough failures");

export class Encoder implements Out {
  readonly to: Writer = new Writer();
  readonly #kinds: readonly NodeKind[];
  readonly #choose: Choose;
  readonly #shapes = new Shapes();
  readonly #trail = new Trail();
  #objects: object[] = [];
  #numbers: Map<object, number> | undefined;
  /** Values of plain objects that are being written, the innermost last. */
  readonly #values: unknown[] = [];
  /** The number of the object whose parts are being written; -1 at the root. */
  #parent = -1;
  #step: Step = "";
  #depth = 0;
  /** Objects whose heads are being written: nothing may lead back to them yet. */
  #open: number[] = [];
  #queue: Waiting[] = [];
  #failures: Failure[] = [];
  #notes: Notes | undefined;
  #options: RunOptions = noOptions;

  constructor(kinds: readonly NodeKind[], choose: Choose) {
    this.#kinds = kinds;
    this.#choose = choose;
  }

  /** One value, from the first byte to the last. Throws the refusal of all that cannot travel. */
  run(value: unknown, root: Root, options: RunOptions = noOptions): Payload {
    this.#trail.begin(root);
    this.#options = options;
    const flags = options.flags ?? 0;
    this.to.begin();
    try {
      options.begin?.(this);
      this.to.byte(flags);
      if (typeof root === "function" && Array.isArray(value)) this.#list(value);
      else this.#any(value);
      this.#drain();
      this.#notes?.finish();
      if (this.#failures.length > 0) throw ENOUGH;
      this.#notes?.writeTables(this.to, flags);
      return this.#notes?.payload(this.to.end()) ?? plainPayload(this.to.end());
    } catch (error) {
      this.to.abandon();
      throw error === ENOUGH ? refusal(options.what ?? this.#trail.root, this.#failures) : error;
    } finally {
      this.#forget();
    }
  }

  /** Holds on to nothing of the user's, however it ended. */
  #forget(): void {
    if (this.#objects.length > 0) {
      this.#objects = emptied(this.#objects);
      takeLast(this.#values, this.#values.length);
      this.#trail.clear();
      this.#shapes.clear();
      this.#numbers = undefined;
      this.#parent = -1;
      this.#depth = 0;
    }
    if (this.#open.length > 0) this.#open = [];
    if (this.#queue.length > 0) this.#queue = [];
    if (this.#failures.length > 0) this.#failures = [];
    this.#notes = undefined;
    this.#options = noOptions;
  }

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
    this.#drain();
    this.#queue = queue;
  }

  afterwards(value: unknown, step: Step): void {
    this.value(value, step);
    this.#drain();
  }

  fail(problem: Problem, number: number = this.#parent, last?: Step): void {
    const trail = this.#trail;
    const [path, advice] = [trail.pathTo(number, last), trail.adviceTo(number, last)];
    const around = trail.around(number).map((each) => this.#objects[each]);
    const packageClass = packageClassAmong(last === undefined ? around : [this.#objects[number], ...around]);
    this.#failures.push({ path, problem, advice, places: trail.placesTo(number), packageClass });
    if (this.#failures.length === failuresMax) throw ENOUGH;
  }

  place(place: Place): void {
    this.#trail.place(this.#parent, place);
  }

  has(value: object): boolean {
    return this.#find(value) !== undefined;
  }

  numberOf(value: object): number {
    return this.#find(value) ?? this.#parent;
  }

  standFor(value: object): void {
    this.#objects[this.#parent] = value;
    this.#numbers?.set(value, this.#parent);
  }

  objects(): Iterable<object> {
    return this.#objects;
  }

  get current(): number {
    return this.#parent;
  }

  get #noted(): Notes {
    return (this.#notes ??= new Notes());
  }

  get memo(): Map<object, unknown> {
    return this.#noted.memo;
  }

  ref(id: string): void {
    this.#noted.ref(id);
  }

  buffer(bytes: Uint8Array): number {
    return this.#noted.buffer(bytes);
  }

  needsModules(): void {
    this.#noted.modules = true;
  }

  later(run: () => boolean): void {
    this.#noted.later(run);
  }

  atEnd(run: () => void): void {
    this.#noted.atEnd(run);
  }

  table<W, R>(section: Section<W, R>): W {
    return this.#noted.table(section, this);
  }

  get options(): RunOptions {
    return this.#options;
  }

  get weight(): number {
    return this.to.length + this.#noted.weight;
  }

  weigh(bytes: number): void {
    this.#noted.weight += bytes;
  }

  captured(name: string, by: Travels, bytes: number): void {
    if (this.#parent === 0) this.#options.captured?.({ name, by, bytes });
  }

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
        if (!this.#wroteBack(value as object)) this.#begin(value as object, false);
    }
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
    this.#trail.add(this.#parent, this.#step);
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
      if (dense !== "odd") return this.#array(value, dense, wait);
    } else if (prototype === Object.prototype) {
      const base = this.#values.length;
      const keys = plainKeys(value, this.#values);
      if (keys !== undefined) {
        const number = this.#register(value);
        this.to.byte(OBJECT);
        if (wait) this.#queue.push({ value, number, kind: undefined, carry: undefined });
        else this.#properties(keys, base, number);
        takeLast(this.#values, keys.length);
        return;
      }
    }
    this.#node(value, wait);
  }

  /** The values stand in `#values` from `base` on. */
  #properties(keys: readonly string[], base: number, number: number): void {
    this.#shapes.write(keys, this.to);
    const parent = this.#parent;
    this.#parent = number;
    this.#depth += 1;
    for (let index = 0; index < keys.length; index++) {
      this.#step = keys[index] as string;
      this.#any(this.#values[base + index]);
    }
    this.#depth -= 1;
    this.#parent = parent;
  }

  #array(value: readonly unknown[], dense: Exclude<Denseness, "odd">, wait: boolean): void {
    const { to } = this;
    const number = this.#register(value);
    if (wait || dense === "mixed") {
      to.byte(ARRAY);
      if (wait) this.#queue.push({ value, number, kind: undefined, carry: undefined });
      else this.#elements(value, number);
      return;
    }
    to.byte(dense === "bytes" ? BYTES_OF_INTS : dense === "words" ? WORDS_OF_INTS : DOUBLES);
    to.uint(value.length);
    const numbers = value as readonly number[];
    if (dense === "doubles") to.doubles(numbers);
    else to.ints(numbers, dense === "bytes" ? 1 : 4);
  }

  #elements(value: readonly unknown[], number: number): void {
    const { length } = value;
    this.to.uint(length);
    const parent = this.#parent;
    this.#parent = number;
    this.#depth += 1;
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

  /** Writes what was put off. */
  #drain(): void {
    if (this.#queue.length === 0) return;
    // It grows while it is emptied.
    for (let index = 0; index < this.#queue.length; index++) this.#late(this.#queue[index] as Waiting);
    this.#queue = [];
  }

  #late({ value, number, kind, carry }: Waiting): void {
    const parent = this.#parent;
    this.#parent = number;
    if (kind?.body !== undefined) kind.body(value, this, carry);
    else if (Array.isArray(value)) this.#elements(value, number);
    else {
      const base = this.#values.length;
      const keys = plainKeys(value, this.#values);
      // Nothing but user code, a serializer or a getter of a proxy's handler, could have changed it meanwhile.
      if (keys === undefined) throw new TypeError("a value changed while it was encoded");
      this.#properties(keys, base, number);
      takeLast(this.#values, keys.length);
    }
    this.#parent = parent;
  }

  /** A failure of a value that has no number. */
  #refuse(problem: Problem): void {
    this.to.byte(UNDEFINED);
    this.fail(problem, this.#parent, this.#step);
  }
}
