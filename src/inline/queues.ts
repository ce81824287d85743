// Calls that wait for resources, by where they are to run and by their shape: the most urgent first, and no shape holds up another. What is
// to run in a placement group that waits itself is not looked at.
import type { GroupId } from "../domain/placement.ts";
import { shapeOf, type Shape } from "../domain/request.ts";
import { Line } from "../std/line.ts";
import type { Task } from "./task.ts";

export class Queues {
  readonly #open: () => Iterable<GroupId>;
  readonly #places = new Map<GroupId | undefined, Map<Shape, Line<Task>>>();

  /** `open`: the groups that are there. */
  constructor(open: () => Iterable<GroupId>) {
    this.#open = open;
  }

  push(task: Task): void {
    const { request } = task.spec;
    const shape = shapeOf(request);
    const place = this.#places.get(request.group?.id) ?? new Map<Shape, Line<Task>>();
    const queue = place.get(shape) ?? new Line<Task>((queued) => !queued.done);
    this.#places.set(request.group?.id, place.set(shape, queue));
    queue.push(task);
  }

  /** One of them is done, and never begins. */
  left(task: Task): void {
    const { request } = task.spec;
    const [place, shape] = [request.group?.id, shapeOf(request)];
    const queue = this.#places.get(place)?.get(shape);
    queue?.left();
    if (queue?.size === 0) this.#forget(place, shape);
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
    for (const place of [undefined, ...this.#open()]) {
      for (const [shape, queue] of this.#places.get(place) ?? []) {
        const task = queue.peek();
        if (task === undefined) this.#forget(place, shape);
        else if (task.order <= order && comesBefore(task, first?.peek()) && fits(task)) first = queue;
      }
    }
    return first;
  }

  #forget(place: GroupId | undefined, shape: Shape): void {
    const shapes = this.#places.get(place);
    shapes?.delete(shape);
    if (shapes?.size === 0) this.#places.delete(place);
  }

  clear(): void {
    this.#places.clear();
  }
}

function comesBefore(task: Task, other: Task | undefined): boolean {
  if (other === undefined) return true;
  const [urgency, others] = [task.spec.request.priority ?? 0, other.spec.request.priority ?? 0];
  return urgency > others || (urgency === others && task.order < other.order);
}
