// The calls of one concurrency group of an actor: which may begin, and which comes first.
//
//   submitted ─► the line of its caller (ordered groups: until its arguments are here and those before it have gone on) ─► ready ─► taken
import { Line } from "../std/line.ts";

/** Who submits: calls of different callers do not wait for each other's arguments. */
export type Caller = string | number | undefined;

interface Waiting {
  readonly order: number;
  /** Arguments that are not here yet. */
  readonly missing: number;
}

export class Mailbox<Task extends Waiting> {
  readonly #limit: number;
  readonly #ready: Line<Task> = this.#line();
  readonly #callers = new Map<Caller, Line<Task>>();
  /** Where each one is that waits. */
  readonly #places = new Map<Task, Line<Task>>();
  #taken = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Of an ordered group. */
  submitted(task: Task, caller: Caller): void {
    const line = this.#callers.get(caller) ?? this.#line();
    this.#callers.set(caller, line);
    this.#place(task, line);
    this.#advance(caller);
  }

  /** Its arguments are here. */
  arrived(task: Task, caller: Caller): void {
    if (this.#places.has(task)) this.#advance(caller);
    else this.#place(task, this.#ready);
  }

  /** It is to be tried again, before those that were submitted after it. */
  again(task: Task): void {
    this.#places.set(task, this.#ready);
    this.#ready.unshift(task);
  }

  /** It does not wait any more, because it has ended. */
  left(task: Task, caller: Caller): void {
    const line = this.#places.get(task);
    if (line === undefined) return;
    this.#places.delete(task);
    line.left();
    this.#advance(caller);
  }

  /** The next one that may begin, of those submitted before `order`. Matched by one `ended`. */
  take(order: number): Task | undefined {
    const next = this.#ready.peek();
    if (next === undefined || next.order > order || this.#taken >= this.#limit) return undefined;
    this.#ready.shift();
    this.#places.delete(next);
    this.#taken += 1;
    return next;
  }

  ended(): void {
    this.#taken -= 1;
  }

  /** The order of the next one that may begin. Infinity: there is none. */
  get next(): number {
    return this.#taken < this.#limit ? (this.#ready.peek()?.order ?? Infinity) : Infinity;
  }

  #line(): Line<Task> {
    const line: Line<Task> = new Line<Task>((task) => this.#places.get(task) === line);
    return line;
  }

  #place(task: Task, line: Line<Task>): void {
    this.#places.set(task, line);
    line.push(task);
  }

  #advance(caller: Caller): void {
    const line = this.#callers.get(caller);
    if (line === undefined) return;
    for (let next = line.peek(); next?.missing === 0; next = line.peek()) {
      line.shift();
      this.#place(next, this.#ready);
    }
    if (line.size === 0) this.#callers.delete(caller);
  }
}

/** Of the groups of an actor that whose next call was submitted first. */
export function earliest<Box extends { readonly next: number }>(boxes: Iterable<Box>): Box | undefined {
  let first: Box | undefined;
  for (const box of boxes) if (box.next < (first?.next ?? Infinity)) first = box;
  return first;
}
