// When calls of the inline backend begin: in turns of their own, never inside `submit`, as many as there are resources for, and never so many
// that timers and sockets starve.
import { inTurnOfItsOwn } from "../std/turns.ts";
import type { Actors } from "./actors.ts";
import { Dropped } from "./dropped.ts";
import type { Groups } from "./groups.ts";
import { Queues } from "./queues.ts";
import type { Runs } from "./runs.ts";
import type { Task } from "./task.ts";

export interface Stage {
  readonly groups: Groups;
  readonly runs: Runs;
  readonly actors: Actors;
  /** Of what is submitted from now on. */
  readonly order: () => number;
}

export class Schedule {
  readonly #stage: Stage;
  readonly #queues: Queues;
  readonly #dropped: Dropped;
  #asked = false;
  #closed = false;

  constructor(stage: Stage) {
    const { groups, actors } = stage;
    this.#stage = stage;
    this.#queues = new Queues(() => groups.reserved);
    this.#dropped = new Dropped(
      () => actors.letGo,
      () => this.#waitsForActors(),
    );
  }

  /** It waits for nothing but resources. */
  push(task: Task): void {
    this.#queues.push(task);
    this.look();
  }

  /** One of those that wait is done, and never begins. */
  left(task: Task): void {
    this.#queues.left(task);
  }

  /** Something may be able to begin. */
  look(): void {
    if (this.#closed || this.#asked) return;
    this.#asked = true;
    inTurnOfItsOwn(() => {
      this.#asked = false;
      if (!this.#closed) this.#begin();
    });
  }

  #begin(): void {
    const { groups, runs, actors, order } = this.#stage;
    groups.reserve();
    const before = order();
    const fits = ({ spec }: Task): boolean => groups.grantFor(spec.request) !== undefined;
    const next = (): Task | undefined => this.#queues.shift(fits, before);
    for (let task = next(); task !== undefined; task = next()) runs.start(task);
    const nextMethod = (): Task | undefined => actors.next(before);
    for (let task = nextMethod(); task !== undefined; task = nextMethod()) runs.startMethod(task);
    if (this.#queues.has(fits) || actors.waits) this.look();
    this.#dropped.look();
  }

  #waitsForActors(): boolean {
    const { groups, actors } = this.#stage;
    if (!groups.waits && !this.#queues.has(() => true)) return false;
    const held = [...actors.holding.values()];
    return groups.waitsFor(held) || this.#queues.has(({ spec }) => groups.lacks(spec.request, held));
  }

  close(): void {
    this.#closed = true;
    this.#queues.clear();
    this.#dropped.close();
  }
}
