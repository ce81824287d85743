// How long calls take, by their function, and how many of them are to queue on one worker.
import type { DefinitionId } from "../../domain/id.ts";
import type { TaskSpec } from "../../domain/task.ts";
import type { OwnerEffect } from "./step.ts";

/** Work worth queueing on a worker: enough to cover the way of a reply and the next push, however busy either side's loop is. */
const QUEUED_MICROS = 2_000;
/** Calls in flight on one worker; more gains nothing (measured: 128–512 was best) and is lost work when the worker dies. */
const DEPTH_MAX = 256;
/** Calls this long or longer are not queued behind each other. */
const LONG_MICROS = 5_000;

/** So many calls of a function that take less than so long each would be better off as fewer. */
const SHORT_CALLS = 1_000;
const SHORT_MICROS = 100;

/** Of the calls of a function. */
interface Learned {
  /** What one takes. */
  micros: number;
  calls: number;
  /** That they are short was told. */
  told: boolean;
}

export class Durations {
  readonly #learned = new Map<DefinitionId, Learned>();
  readonly #emit: (effect: OwnerEffect) => void;

  constructor(emit: (effect: OwnerEffect) => void) {
    this.#emit = emit;
  }

  /** How long a call of this definition took: rises at once, falls slowly, so that one long call ends deep queues for a while. */
  learn({ definition, name, site }: TaskSpec, micros: number): void {
    let learned = this.#learned.get(definition);
    if (learned === undefined) this.#learned.set(definition, (learned = { micros, calls: 0, told: false }));
    else learned.micros += (micros - learned.micros) * (micros > learned.micros ? 0.5 : 0.05);
    learned.calls += 1;
    // Looked at now and then: a pause of the process may have made some of the last few look long.
    if (learned.told || learned.calls % SHORT_CALLS > 0 || learned.micros >= SHORT_MICROS) return;
    learned.told = true;
    this.#emit({ type: "short", short: { name, site, micros: learned.micros } });
  }

  /** It waits for others: calls of its kind are long, however short they were. */
  waits(spec: TaskSpec): void {
    this.learn(spec, LONG_MICROS);
  }

  /** Nobody calls it any more. */
  forget(definition: DefinitionId): void {
    this.#learned.delete(definition);
  }

  /** How many of them may be in flight on one worker. Of what is not known, one. */
  depthOf({ definition }: TaskSpec): number {
    const micros = this.#learned.get(definition)?.micros;
    if (micros === undefined || micros >= LONG_MICROS) return 1;
    return Math.min(DEPTH_MAX, 1 + Math.floor(QUEUED_MICROS / Math.max(micros, 1)));
  }

  /** Unknown counts as long. */
  microsOf({ definition }: TaskSpec): number {
    return this.#learned.get(definition)?.micros ?? LONG_MICROS;
  }
}
