// Clocks and signals that watch over calls: the brain says which, and hears of it as an input.
import { cancelBySignal } from "../../domain/stop.ts";
import type { TaskSpec } from "../../domain/task.ts";
import type { OwnerEffect, OwnerInput } from "../owner/step.ts";
import { Alarms } from "../../std/alarms.ts";
import { jittered } from "../../std/random.ts";

type Effect<T extends OwnerEffect["type"]> = Extract<OwnerEffect, { type: T }>;

export class Guards {
  readonly #step: (input: OwnerInput) => void;
  /** Of calls that have a `timeoutMs` or a `signal`. */
  readonly #alarms = new Alarms<number>((task, reason) =>
    this.#step({ type: "cancel", task, cancel: cancelBySignal(reason) }),
  );
  /** Of calls that wait to be tried again, and of those that were told to end and are forced to when they do not. */
  readonly #delays = new Alarms<number>(() => {});

  constructor(step: (input: OwnerInput) => void) {
    this.#step = step;
  }

  /** It was submitted just now. Without any time it does not begin, however fast it would be. */
  guard(task: number, { timeoutMs, signal }: TaskSpec): void {
    const expire = (): void => this.#step({ type: "expired", task });
    if (timeoutMs === 0) return expire();
    if (timeoutMs !== undefined) this.#alarms.time(task, timeoutMs, expire);
    if (signal?.aborted === false) this.#alarms.listen(task, signal);
  }

  delay({ task, ms, jitter }: Effect<"delay">): void {
    this.#delays.time(task, jitter ? jittered(ms) : ms, () => this.#step({ type: "due", task }));
  }

  grace({ lease, task, ms }: Effect<"grace">): void {
    this.#delays.time(task, ms, () => this.#step({ type: "graceOver", lease, task }));
  }

  unguard(task: number): void {
    this.#alarms.clear(task);
    this.#delays.clear(task);
  }

  clearAll(): void {
    this.#alarms.clearAll();
    this.#delays.clearAll();
  }
}
