// Functions and classes as definitions: shipped once, kept by workers, called again and again.
import type { AnyFunction } from "./capture.ts";
import { innerFunctionKey } from "./exports.ts";
import { SerializationError } from "../domain/errors.ts";
import { capturedBytesMax, capturedBytesWarn } from "../domain/limits.ts";
import type { Travels } from "./graph.ts";
import { addAllRegistrations } from "./nodes-own.ts";
import { returnsToMain } from "./returns.ts";
import { inspecting } from "./scope.ts";
import { sizeOf, type Payload } from "../domain/object.ts";
import { IS_DEFINITION } from "./tags.ts";
import { calledAt } from "../std/own-frames.ts";
import { encodeWith } from "./value.ts";

/** One variable of the function: `name -> variable`, how it travels, and how much of the payload it is. */
export interface CaptureEntry {
  readonly path: string;
  readonly by: Travels;
  readonly bytes: number;
}

export interface CaptureReport {
  readonly bytes: number;
  readonly entries: readonly CaptureEntry[];
  /** What the user should be told once; undefined when all is well. */
  readonly warning: string | undefined;
  toString(): string;
}

/** A remote function, by what it has of its function. */
interface Handle {
  readonly local: AnyFunction;
}

type AnyClass = abstract new (...args: never[]) => unknown;

export interface FunctionOptions {
  /** Explicit values for variables of the function: they win over what the scope says. */
  readonly captures?: Readonly<Record<string, unknown>> | undefined;
  /** How errors call it. */
  readonly name?: string | undefined;
}

/**
 * A function or class, or several classes, with all that it needs, as it is now, and the serializers registered so far. Throws
 * SerializationError when a part cannot travel, or when it is too large to be sent to each worker.
 */
export function encodeFunction(
  fn: AnyFunction | AnyClass | readonly AnyClass[],
  options: FunctionOptions = {},
): { payload: Payload; report: CaptureReport } {
  const { captures } = options;
  const ownName = typeof fn === "function" ? fn.name : "";
  const name = options.name ?? (ownName === "" ? "(anonymous)" : ownName);
  const entries: CaptureEntry[] = [];
  const payload = encodeWith(fn, name, {
    flags: IS_DEFINITION,
    what: name,
    captures,
    begin: (out) => {
      // It may have been written once before: see WriteAgain.
      entries.length = 0;
      addAllRegistrations(out);
    },
    captured: ({ name: variable, by, bytes }) => entries.push({ path: `${name} -> ${variable}`, by, bytes }),
  });
  const report = new Report(name, sizeOf(payload), entries, inspecting(returnsToMain));
  if (report.bytes > capturedBytesMax) throw tooLarge(report);
  return { payload, report };
}

/**
 * What would travel with a function: each variable, how, and how many bytes; or what would stop it. Ships nothing. As text it is a
 * table: `console.log(String(explainCapture(fn)))`. Of a remote function: with the function inside.
 */
export function explainCapture(fn: AnyFunction | AnyClass | Handle): CaptureReport {
  if (typeof fn !== "function")
    throw calledAt(
      explainCapture,
      new TypeError(`explainCapture() takes a function or a class, but got ${typeof fn}.`),
    );
  const inner: unknown = Reflect.get(fn, innerFunctionKey);
  try {
    return encodeFunction(typeof inner === "function" ? (inner as AnyFunction) : fn).report;
  } catch (error) {
    if (!(error instanceof SerializationError)) throw error;
    return new Refused(error);
  }
}

class Report implements CaptureReport {
  readonly bytes: number;
  readonly entries: readonly CaptureEntry[];
  readonly #name: string;
  readonly #returns: string | undefined;

  constructor(name: string, bytes: number, entries: readonly CaptureEntry[], returns: string | undefined) {
    this.#name = name;
    this.#returns = returns;
    this.bytes = bytes;
    this.entries = entries;
  }

  get name(): string {
    return this.#name;
  }

  get warning(): string | undefined {
    return this.bytes > capturedBytesWarn ? `${sizeText(this)} Use put() once and pass the reference.` : this.#returns;
  }

  toString(): string {
    const widest = Math.max(...this.entries.map(({ path }) => path.length), 0);
    const lines = this.entries.map(
      ({ path, by, bytes }) => `  ${path.padEnd(widest)}  by ${by.padEnd(7)}  ${size(bytes)}`,
    );
    return [`${this.#name}: ${size(this.bytes)}`, ...lines].join("\n");
  }
}

class Refused implements CaptureReport {
  readonly bytes = 0;
  readonly entries: readonly CaptureEntry[] = [];
  readonly warning: string;

  constructor(error: SerializationError) {
    this.warning = error.message;
  }

  toString(): string {
    return this.warning;
  }
}

function sizeText({ name, bytes, entries }: Report): string {
  const largest = entries.toSorted((a, b) => b.bytes - a.bytes).slice(0, 3);
  const list = largest.map(({ path, bytes: part }) => `${path.replace(/^.* -> /, "")} ${size(part)}`).join(", ");
  return `${name} is ${size(bytes)} when serialised; the largest captured variables are ${list}.`;
}

function tooLarge(report: Report): SerializationError {
  const reason = sizeText(report);
  const hint = "Use put() once and pass the reference.";
  const path = report.entries.toSorted((a, b) => b.bytes - a.bytes)[0]?.path ?? report.name;
  return new SerializationError(`cannot ship ${report.name}: ${reason}\n  ${hint}`, {
    path,
    reason,
    hint,
    location: "",
  });
}

function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
