// Processes that have ended, and what may still come from them: when that is all in, the brain may say which refs have come.
import type { ProcessId } from "#src/domain/id.js";

type Direction = "calls" | "replies";

export class Departed {
  readonly #open = new Set<string>();
  readonly #departed = new Set<ProcessId>();
  readonly #allIsIn: (process: ProcessId) => void;

  constructor(allIsIn: (process: ProcessId) => void) {
    this.#allIsIn = allIsIn;
  }

  opened(from: ProcessId, what: Direction): void {
    this.#open.add(`${from} ${what}`);
  }

  ended(from: ProcessId, what: Direction): void {
    this.#open.delete(`${from} ${what}`);
    this.#look(from);
  }

  /** The daemon has said so. */
  departed(process: ProcessId): void {
    this.#departed.add(process);
    this.#look(process);
  }

  #look(process: ProcessId): void {
    if (this.#open.has(`${process} calls`) || this.#open.has(`${process} replies`)) return;
    if (this.#departed.delete(process)) this.#allIsIn(process);
  }
}
