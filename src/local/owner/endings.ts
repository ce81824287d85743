// Tells what tasks have come to, and whatever that ends in turn, in order, however long the chain of dependents: without recursion.
import { afterAnother } from "../../std/after-another.ts";
import type { ActorId } from "../../domain/actor.ts";
import type { ObjectId } from "../../domain/id.ts";
import { refsInFailure, type Outcome } from "../../domain/object.ts";
import { isStream } from "../../domain/task.ts";
import type { Calls } from "./calls.ts";
import type { Lineage } from "./lineage.ts";
import { isTelling, type Objects } from "./objects.ts";
import { ofLost } from "./refusals.ts";
import { isMany, outcomeAt, type Outcomes } from "./outcomes.ts";
import type { OwnerEffect } from "./step.ts";
import type { Streams } from "./streams.ts";
import { isGuarded, move, type Task } from "./tasks.ts";

interface Ended {
  readonly task: Task;
  readonly outcomes: Outcomes;
}

export class Endings {
  readonly #tasks: Map<number, Task>;
  readonly #objects: Objects<Task>;
  readonly #streams: Streams;
  readonly #calls: Calls;
  readonly #lineage: Lineage;
  readonly #emit: (effect: OwnerEffect) => void;
  readonly #tell = afterAnother<Ended>((ended) => this.#tellNow(ended));

  /** `tasks`: those that have not ended. */
  constructor(
    tasks: Map<number, Task>,
    objects: Objects<Task>,
    streams: Streams,
    calls: Calls,
    lineage: Lineage,
    emit: (effect: OwnerEffect) => void,
  ) {
    this.#tasks = tasks;
    this.#objects = objects;
    this.#streams = streams;
    this.#calls = calls;
    this.#lineage = lineage;
    this.#emit = emit;
  }

  finish(task: Task, outcomes: Outcomes): void {
    move(task, "done");
    this.end(task, outcomes);
  }

  /** One that was stopped in flight has not ended, but has its outcome. */
  end(task: Task, outcomes: Outcomes): void {
    this.#tasks.delete(task.number);
    if (isGuarded(task) && task.state === "done") this.#emit({ type: "unguard", task: task.number });
    this.#tell({ task, outcomes });
  }

  #tellNow({ task, outcomes }: Ended): void {
    const { results, making, spec } = task;
    const again = this.#lineage.has(task.number);
    const isAgain = again && !isStream(spec);
    // First: what waits for them is to find it, and what nobody here has goes at once. What it needs is here yet.
    if (again || isStored(outcomes)) this.#lineage.ended(task, (index, id) => outcomeAt(outcomes, index, id));
    if (spec.method !== undefined) this.#calls.ended(task);
    if (making !== undefined) this.#unmade(making, outcomes);
    else if (results.length === 0 && !isMany(outcomes) && isTelling(outcomes))
      this.#emit({ type: "unheard", failure: outcomes.failure, id: undefined });
    for (let index = 0; index < results.length; index += 1) {
      const id = results[index] as ObjectId;
      const outcome = isAgain ? toldAgain(id, task, outcomeAt(outcomes, index, id)) : outcomeAt(outcomes, index, id);
      this.#objects.resolve(id, outcome);
      if (isStream(task.spec)) this.#streams.ended(task, outcome);
    }
    for (const id of spec.args.refs) this.#objects.unpin(id);
    for (const { id } of spec.dependencies) this.#objects.unpin(id);
    if (spec.method !== undefined) this.#objects.unpin(spec.method.actor);
  }

  /** An actor whose arguments are not all there. */
  #unmade(id: ActorId, outcomes: Outcomes): void {
    const cause = isMany(outcomes) ? undefined : outcomes.failure;
    if (cause === undefined) return;
    this.#objects.announceAll(refsInFailure(cause));
    this.#emit({ type: "daemon", message: { type: "actorFailed", id, cause } });
  }
}

/** Any of them. */
function isStored(outcomes: Outcomes): boolean {
  if (!isMany(outcomes)) return outcomes.value?.stored !== undefined;
  return outcomes.some(({ value }) => value?.stored !== undefined);
}

/** Of a call that was run once more. */
function toldAgain(id: ObjectId, task: Task, outcome: Outcome): Outcome {
  return outcome.failure === undefined ? outcome : { failure: ofLost(id, task, outcome.failure) };
}
