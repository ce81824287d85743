// What a process waits for besides messages, by what it is for: it may happen whenever it is its turn.
import type { Machine, Running } from "./machine.ts";

export class Timers {
  readonly #process: Running["process"];
  readonly #world: Machine;
  readonly #timers = new Map<string, Running>();

  constructor(process: Running["process"], world: Machine) {
    this.#process = process;
    this.#world = world;
  }

  get all(): readonly Running[] {
    return [...this.#timers.values()];
  }

  /** `chance`: of each time that it could happen. */
  start(key: string, chance: number, fire: () => void): void {
    if (this.#timers.has(key)) this.stop(key);
    const timer: Running = {
      process: this.#process,
      step: () => {
        if (chance < 1 && !this.#world.random.chance(chance)) return;
        this.stop(key);
        fire();
      },
    };
    this.#timers.set(key, timer);
    this.#world.runnable.add(timer);
  }

  stop(key: string): void {
    const timer = this.#timers.get(key);
    if (timer !== undefined) this.#world.runnable.delete(timer);
    this.#timers.delete(key);
  }
}
