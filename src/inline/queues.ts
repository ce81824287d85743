// Calls that wait for resources, by their shape: the most urgent first, and no shape holds up another.
import { shapeOf, type Shape } from "../domain/request.ts";
import { Line } from "../std/line.ts";
import type { Task } from "./task.ts";

export class Queues {
  readonly #queues = new Map<Shape, Line<Task>>();

  push(task: Task): void {
    const shape = shapeOf(task.spec.request);
    const queue = this.#queues.get(shape) ?? new Line<Task>((queued) => !queued.done);
    this.#queues.set(shape, queue);
    queue.push(task);
  }

  /** One of them is done, and never begins. */
  left(task: Task): void {
    this.#queues.get(shapeOf(task.spec.request))?.left();
  }

  /** Whether there is one that fits into what is free. */
  has(fits: (task: Task) => boolean): boolean {
    return this.#first(fits, Infinity) !== undefined;
  }

  /** The most urgent of those that fit, of these the oldest; only those submitted before `order`. */
  shift(fits: (task: Task) => boolean, order: number): Task | undefined {
    return this.#first(fits, order)?.shift();
  }

  #first(fits: (task: Task) => boolean, order: number): Line<Task> | undefined {
    let first: Line<Task> | undefined;
    for (const [shape, queue] of this.#queues) {
      const task = queue.peek();
      if (task === undefined) this.#queues.delete(shape);
      else if (task.order <= order && comesBefore(task, first?.peek()) && fits(task)) first = queue;
    }
    return first;
  }

  clear(): void {
    this.#queues.clear();
  }
}

function comesBefore(task: Task, other: Task | undefined): boolean {
  if (other === undefined) return true;
  const [urgency, others] = [task.spec.request.priority ?? 0, other.spec.request.priority ?? 0];
  return urgency > others || (urgency === others && task.order < other.order);
}
