// The graph as node kinds see it: what they write with, what they read with, and the shape of an entry in their table.
//
//   A node has a head and a body. The head is enough to make the object, empty; the body fills it. So a cycle finds its
//   object made, and a body that would nest too deeply can wait in a queue while everybody already knows the object.
import type { Payload } from "../domain/object.ts";
import type { Shelf } from "./payload.ts";
import type { Problem } from "./problem.ts";
import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

/** How a path goes on: by a property or an index, or in words of its own (`<prototype>`, ` -> variable`). */
export type Step = PropertyKey | Hop;

export interface Hop {
  readonly text: string;
  /** What else can be done about what lies behind it and cannot travel. */
  readonly advice?: string | undefined;
}

/** A function on the way to what cannot travel. The text is looked up when an error needs it. */
export interface Place {
  readonly name: string;
  readonly text: string;
}

/** A table at the end of the payload, which is read before the graph: what is only known when all has been written. */
export interface Section<W, R> {
  readonly number: number;
  begin(out: Out): W;
  write(table: W, to: Writer): void;
  read(from: Reader, into: In): R;
}

export interface Out {
  readonly to: Writer;
  /** A value that is part of the current one. */
  value(value: unknown, step: Step): void;
  /** The same, but it is only sure to exist, perhaps still empty, when the current object is made. For heads. */
  shell(value: unknown, step: Step): void;
  /** The same, and it is complete when the current object is made, as far as it does not lead back to it. For heads. */
  complete(value: unknown, step: Step): void;
  /** A value that follows the root: for `later`. Whoever reads completes each before the next. */
  afterwards(value: unknown, step: Step): void;
  /** Says that the current value cannot travel. Writing goes on, so that other failures are found too. */
  fail(problem: Problem, number?: number): void;
  /** Under the number of the value that is being written. */
  place(place: Place): void;
  /** A reference to an object of the cluster is inside. */
  ref(id: string): void;
  /** Whether the object has its number already. */
  has(value: object): boolean;
  /** What is being written stands for this object: whoever leads to it finds it here. */
  standFor(value: object): void;
  /** What node kinds note about objects while one payload is written. */
  readonly memo: Map<object, unknown>;
  /** All objects so far, by their numbers. */
  objects(): Iterable<object>;
  /** The number of the value that is being written. */
  readonly current: number;
  /** Takes a buffer out of band, uncopied; gives its place among them. */
  buffer(bytes: Uint8Array): number;
  /** Says that decoding must import modules first. */
  needsModules(): void;
  /** Runs when the queue is empty; may write more. Returns whether it did. */
  later(run: () => boolean): void;
  /** Runs when nothing is left to be written. */
  atEnd(run: () => void): void;
  /** Of an object that has one. */
  numberOf(value: object): number;
  /** Of the payload as a whole. `captures`: explicit values for variables of the function that is the root. */
  readonly options: { readonly flags?: number; readonly captures?: Readonly<Record<string, unknown>> | undefined };
  /** Bytes so far, those that will follow in tables included. */
  readonly weight: number;
  weigh(bytes: number): void;
  /** A variable of the current function has been written, in so many bytes. */
  captured(name: string, by: Travels, bytes: number): void;
  table<W, R>(section: Section<W, R>): W;
}

/** How a variable travels, for reports. */
export type Travels = "value" | "import" | "builtin" | "handle";

export interface In {
  readonly from: Reader;
  readonly payload: Payload;
  readonly shelf: Shelf;
  /** A function made to be kept: see IS_DEFINITION. */
  readonly definition: boolean;
  value(): unknown;
  shell(): unknown;
  complete(): unknown;
  /** Objects that were here before and are the owner's to change: what arrives for them is passed over. */
  readonly untouchable: Set<object>;
  /** Boxes of shared variables, by the numbers of their cells. */
  readonly boxes: Map<number, { v: unknown }>;
  /** What `make` leaves here, `fill` gets. */
  carry: unknown;
  /** Of the object that is being made. */
  readonly number: number;
  table<W, R>(section: Section<W, R>): R;
  tableIf<W, R>(section: Section<W, R>): R | undefined;
}

export interface NodeKind<T extends object = object, C = unknown> {
  /** Returns what its body wants to know again. */
  head(value: T, out: Out): C;
  body?(value: T, out: Out, carry: C): void;
  make(from: In): unknown;
  fill?(made: T, from: In, carry: unknown): void;
}
