// Functions and classes as definitions: shipped once, kept by workers, called again and again.
import { choose } from "./nodes.ts";
import type { Payload } from "./payload.ts";
import { withEncoder } from "./value.ts";

export interface CaptureReport {
  readonly bytes: number;
  readonly entries: readonly CaptureEntry[];
  toString(): string;
}

export interface CaptureEntry {
  readonly path: string;
  readonly by: "value" | "import" | "builtin" | "handle";
  readonly bytes: number;
}

type AnyFunction = (...args: never[]) => unknown;
type AnyClass = abstract new (...args: never[]) => unknown;

export function encodeFunction(
  fn: AnyFunction | AnyClass,
  options: { captures?: Readonly<Record<string, unknown>> | undefined; name?: string | undefined } = {},
): { payload: Payload; report: CaptureReport } {
  void choose;
  const payload = withEncoder((encoder) => encoder.run(fn, options.name ?? fn.name));
  return { payload, report: { bytes: payload.bytes.length, entries: [] } };
}

export function explainCapture(fn: AnyFunction | AnyClass): CaptureReport {
  return encodeFunction(fn).report;
}
