// Calls that wait for resources, by where they are to run, how urgent they are, and their shape: the most urgent first, and no shape holds up another. What is
// to run in a placement group that waits itself is not looked at.
import type { GroupId } from "../domain/placement.ts";
import { shapeOf } from "../domain/request.ts";
import { Line } from "../std/line.ts";
import type { Task } from "./task.ts";

/** Any of a kind can run when another can, and they run in their order. */
type Kind = string;

function kindOf({ urgency, spec: { request } }: Task): Kind {
  return `${urgency} ${shapeOf(request)}`;
}

export class Queues {
  readonly #open: () => Iterable<GroupId>;
  readonly #places = new Map<GroupId | undefined, Map<Kind, Line<Task>>>();

  /** `open`: the groups that are there. */
  constructor(open: () => Iterable<GroupId>) {
    this.#open = open;
  }

  push(task: Task): void {
    const { request } = task.spec;
    const kind = kindOf(task);
    const place = this.#places.get(request.group?.id) ?? new Map<Kind, Line<Task>>();
    const queue = place.get(kind) ?? new Line<Task>((queued) => !queued.done);
    this.#places.set(request.group?.id, place.set(kind, queue));
    queue.push(task);
  }

  /** One of them is done, and never begins. */
  left(task: Task): void {
    const place = task.spec.request.group?.id;
    const queue = this.#places.get(place)?.get(kindOf(task));
    queue?.left();
    if (queue?.size === 0) this.#forget(place, kindOf(task));
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
      for (const [kind, queue] of this.#places.get(place) ?? []) {
        const task = queue.peek();
        if (task === undefined) this.#forget(place, kind);
        else if (task.order <= order && comesBefore(task, first?.peek()) && fits(task)) first = queue;
      }
    }
    return first;
  }

  #forget(place: GroupId | undefined, kind: Kind): void {
    const kinds = this.#places.get(place);
    kinds?.delete(kind);
    if (kinds?.size === 0) this.#places.delete(place);
  }

  clear(): void {
    this.#places.clear();
  }
}

function comesBefore(task: Task, other: Task | undefined): boolean {
  if (other === undefined) return true;
  return task.urgency > other.urgency || (task.urgency === other.urgency && task.order < other.order);
}
