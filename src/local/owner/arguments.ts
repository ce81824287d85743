// Tasks wait for their arguments, and once more for those that were lost since they came.
import type { ActorId } from "../../domain/actor.ts";
import type { AwaitedCall } from "../../domain/circles.ts";
import type { ObjectId } from "../../domain/id.ts";
import type { Outcome, Payload } from "../../domain/object.ts";
import type { Endings } from "./endings.ts";
import type { Lanes } from "./lane.ts";
import type { Losses } from "./losses.ts";
import type { Objects } from "./objects.ts";
import { argumentsLost } from "./outcomes.ts";
import { move, storyOf, type Task } from "./tasks.ts";

export class Arguments {
  readonly #objects: Objects<Task>;
  readonly #lanes: Lanes;
  readonly #losses: Losses;
  readonly #endings: Endings;
  readonly #make: (id: ActorId, task: Task) => void;

  /** `make`: what comes of an actor whose arguments are here. */
  constructor(
    objects: Objects<Task>,
    lanes: Lanes,
    losses: Losses,
    endings: Endings,
    make: (id: ActorId, task: Task) => void,
  ) {
    this.#objects = objects;
    this.#lanes = lanes;
    this.#losses = losses;
    this.#endings = endings;
    this.#make = make;
  }

  /** It waits for what is not here. */
  await(task: Task): void {
    for (const { id } of task.spec.dependencies) {
      const record = this.#objects.get(id);
      if (record === undefined) continue;
      if (record.outcome?.failure !== undefined) return this.#endings.finish(task, record.outcome);
      if (record.outcome !== undefined) continue;
      task.missing += 1;
      (record.dependents ??= []).push(task);
      this.#objects.subscribe(record);
    }
    if (task.missing === 0) this.ready(task);
  }

  /** As somebody who waits for it sees it. */
  awaitedCall(task: Task | undefined): AwaitedCall | undefined {
    const { method, dependencies = [] } = task?.spec ?? {};
    const id = method?.sole === true ? method.actor : task?.results[0];
    if (id === undefined) return undefined;
    const lacks = task?.state === "waiting" ? dependencies.map((each) => each.id) : [];
    return { id, lacks: lacks.filter((each) => this.#objects.get(each)?.outcome === undefined) };
  }

  arrived(task: Task, outcome: Outcome): void {
    if (task.state !== "waiting") return;
    if (outcome.failure !== undefined) return this.#endings.finish(task, outcome);
    task.missing -= 1;
    if (task.missing === 0) this.ready(task);
  }

  ready(task: Task): void {
    move(task, "ready");
    if (task.making === undefined) this.#lanes.of(task).enqueue(task);
    else if (this.areHere(task)) this.#make(task.making, task);
  }

  /** Of one that is ready. If not, it waits again. */
  areHere(task: Task): boolean {
    for (const { id } of task.spec.dependencies) {
      if (this.#objects.get(id)?.outcome?.value !== undefined) continue;
      move(task, "waiting");
      this.await(task);
      return false;
    }
    return true;
  }

  /** When they are here. */
  valuesFor(task: Task): Payload[] {
    return task.spec.dependencies.map(({ id }) => {
      const value = this.#objects.get(id)?.outcome?.value;
      if (value === undefined) throw new Error(`pushed without its argument ${id}: ${storyOf(task)}`);
      return value;
    });
  }

  /** One cannot be read where the call was pushed to: it has not begun. */
  lost(task: Task, stored: ObjectId): void {
    const { args, dependencies } = task.spec;
    if (args.stored?.id === stored) return this.#endings.finish(task, argumentsLost(task, stored));
    const lane = this.#lanes.of(task);
    // In its place before anything begins that what was lost needs: others wait behind it.
    lane.requeue([task], "argument lost");
    for (const { id } of dependencies) this.#losses.lost(id, stored);
    lane.assignFor(task);
  }
}
