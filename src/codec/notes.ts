// What can be asked of writing a payload, and what only some payloads have: tables, references, large buffers, and what node kinds note while they write one.
import type { Out, Section, Travels } from "./graph.ts";
import type { Payload } from "./payload.ts";
import { HAS_TRAILER } from "./tags.ts";
import type { Writer } from "./writer.ts";

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

export const noOptions: RunOptions = {};

const noBuffers: readonly Uint8Array[] = [];
const noRefs: readonly string[] = [];

/** Of a value about which there was nothing to note. */
export function plainPayload(bytes: Uint8Array): Payload {
  return { bytes, buffers: noBuffers, refs: noRefs, modules: false };
}

type AnySection = Section<unknown, unknown>;

export class Notes {
  readonly memo: Map<object, unknown> = new Map();
  readonly #refs = new Set<string>();
  readonly #buffers: Uint8Array[] = [];
  readonly #tables = new Map<AnySection, unknown>();
  readonly #afterwards: (() => boolean)[] = [];
  readonly #ends: (() => void)[] = [];
  /** Bytes that will follow in tables. */
  weight = 0;
  modules = false;

  ref(id: string): void {
    this.#refs.add(id);
  }

  /** Takes a buffer out of band; gives its place among them. */
  buffer(bytes: Uint8Array): number {
    return this.#buffers.push(bytes) - 1;
  }

  table<W, R>(section: Section<W, R>, out: Out): W {
    const known = this.#tables.get(section);
    if (known !== undefined) return known as W;
    const table = section.begin(out);
    this.#tables.set(section, table);
    return table;
  }

  later(run: () => boolean): void {
    this.#afterwards.push(run);
  }

  atEnd(run: () => void): void {
    this.#ends.push(run);
  }

  /** Runs what waits for the end, until nothing writes any more. */
  finish(): void {
    for (let wrote = true; wrote;) {
      wrote = false;
      for (const run of this.#afterwards) if (run()) wrote = true;
    }
    for (const run of this.#ends) run();
  }

  writeTables(to: Writer, flags: number): void {
    if (this.#tables.size === 0) return;
    const start = to.length;
    to.patch(0, HAS_TRAILER | flags);
    const tables = [...this.#tables].toSorted(([a], [b]) => a.number - b.number);
    to.uint(tables.length);
    for (const [section, table] of tables) {
      to.uint(section.number);
      section.write(table, to);
    }
    to.offset(start);
  }

  payload(bytes: Uint8Array): Payload {
    return { bytes, buffers: this.#buffers, refs: [...this.#refs], modules: this.modules };
  }
}
