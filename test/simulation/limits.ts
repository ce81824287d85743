// Calls of which one process runs no more than so many.
import type { ProcessId } from "#src/domain/id.js";
import type { TaskTruth } from "./truth.ts";
import { must } from "./violation.ts";

/** Mirrors the bound of the cluster brain: processes of a node. */
export const WORKERS_MAX = 128;

/** Of one process. */
export class Limits {
  readonly #where: ProcessId;
  /** By what they ask for, wherever and however they run. */
  readonly #begun = new Map<string, number>();

  constructor(where: ProcessId) {
    this.#where = where;
  }

  /** One begins. `crowded`: no further process could be had for it, perhaps, and it may be what others wait for. True: it is the last. */
  begins({ id, spec }: TaskTruth, crowded: boolean): boolean {
    const { maxCalls } = spec.request;
    if (maxCalls === undefined) return false;
    const kind = JSON.stringify({ ...spec.request, group: undefined });
    const begun = (this.#begun.get(kind) ?? 0) + 1;
    this.#begun.set(kind, begun);
    must(
      begun <= maxCalls || crowded,
      "no process runs more calls than it may",
      () => `${id} is call ${begun} in ${this.#where}, of ${maxCalls}`,
    );
    return begun === maxCalls;
  }
}
