// Which task makes an object: a task's results are numbered from its own number on.
import { numberOf, ownerOf, type ObjectId, type ProcessId } from "../../domain/id.ts";
import type { Task } from "./tasks.ts";

export class Makers {
  readonly #process: ProcessId;
  /** The most results that a task had. */
  #returnsMost = 1;

  constructor(process: ProcessId) {
    this.#process = process;
  }

  notice({ results }: Task): void {
    if (results.length > this.#returnsMost) this.#returnsMost = results.length;
  }

  among(tasks: ReadonlyMap<number, Task>): (id: ObjectId) => Task | undefined {
    return (id) => this.of(id, tasks);
  }

  /** Undefined: none of these. */
  of(id: ObjectId, tasks: ReadonlyMap<number, Task>): Task | undefined {
    if (tasks.size === 0 || ownerOf(id) !== this.#process) return undefined;
    const number = numberOf(id);
    for (let first = number; first > number - this.#returnsMost; first -= 1) {
      const task = tasks.get(first);
      if (task !== undefined) return task.results[number - first] === undefined ? undefined : task;
    }
    return undefined;
  }
}
