// Whether a failure has a cause in the truth: who died, who was stopped, what was thrown, what could not be had.
import { definerOf, ownerOf, type ObjectId } from "#src/domain/id.js";
import type { Failure } from "#src/domain/object.js";
import { refusalOf, type NodeOffer } from "#src/domain/request.js";
import type { ActorTruth, ActorTruths } from "./actor-truth.ts";
import { isBroken } from "./environments.ts";
import { goneUnexplained, type Fates, type GroupTruth } from "./grouping.ts";
import { isWorker } from "./names.ts";
import { FULL } from "./program.ts";
import { isSpent, type Losses } from "./remaking.ts";
import { answerKey } from "./telling.ts";
import type { ObjectTruth, TaskTruth } from "./truth.ts";

/** The ledger, as far as blame goes. */
interface Truth {
  readonly tasks: ReadonlyMap<ObjectId, TaskTruth>;
  readonly groups: ReadonlyMap<string, GroupTruth>;
  readonly actors: ActorTruths;
  readonly losses: Losses;
  object(id: ObjectId): ObjectTruth;
  resultsOf(task: TaskTruth): readonly ObjectTruth[];
}

export class Blame {
  readonly #truth: Truth;
  readonly #node: NodeOffer;
  readonly #fates: Fates;

  constructor(truth: Truth, node: NodeOffer, fates: Fates) {
    this.#truth = truth;
    this.#node = node;
    this.#fates = fates;
  }

  /** Why this failure should not have come out; undefined when it may. */
  unexplained(object: ObjectTruth, failure: Failure, closed: boolean): string | undefined {
    switch (failure.kind) {
      case "closed":
        return closed ? undefined : "the process has not left the cluster";
      case "ownerDied": {
        const owner = failure.owner;
        if (this.#fates.fateOf(owner) === undefined) return `${owner} lives`;
        // A worker that retires must have published everything, and makes nothing again.
        const left = this.#fates.fateOf(owner) === "left" && isWorker(owner);
        if (left && !this.#stems(object, (other) => ownerOf(other.id) === owner && this.#truth.losses.wasLost(other)))
          return `${owner} has left in order`;
        return this.#stems(object, (other) => ownerOf(other.id) === owner) ? undefined : `${owner} has no part in it`;
      }
      case "lost":
        if (!this.#stems(object, ({ id }) => id === failure.id)) return `${failure.id} has no part in it`;
        return this.#truth.losses.unexplained(this.#truth.object(failure.id));
      default: {
        const culprit = this.#truth.tasks.get(failure.kind === "refused" || "site" in failure ? failure.site : "");
        if (culprit === undefined) return "no such call site";
        if (!this.#stems(object, (other) => other.task === culprit) && object.task !== culprit)
          return `${culprit.id} has no part in it`;
        return this.#innocent(culprit, failure);
      }
    }
  }

  /** What kept an actor from being made. */
  #unmade(truth: ActorTruth, cause: Failure): string | undefined {
    if (cause.kind === "cancelled" && (truth.cancelled || truth.left)) return undefined;
    if (cause.kind === "lost" && cause.reason.startsWith("it was an argument"))
      return this.#truth.losses.unmade(truth.birth, cause.id);
    return this.unexplained(this.#truth.object(truth.id), cause, false);
  }

  #innocent(task: TaskTruth, failure: Exclude<Failure, { kind: "closed" | "ownerDied" | "lost" }>): string | undefined {
    const { maxRetries, request } = task.spec;
    const spent = isSpent(task);
    switch (failure.kind) {
      case "thrown": {
        const key = answerKey(failure.thrown, true);
        if (task.flaked.has(key) && !spent) return "it was worth another attempt, and had some left";
        if (task.spec.returns === 0) return undefined;
        return this.#truth.resultsOf(task).some((truth) => truth.answers.has(key)) ? undefined : "no run threw this";
      }
      case "refused":
        if (failure.code === FULL) return task.full > 0 ? undefined : "there was room";
        if (this.#truth.actors.classes.has(task.spec.definition)) return "an actor keeps its class";
        return this.#fates.fateOf(definerOf(task.spec.definition)) === undefined ? "its definer lives" : undefined;
      case "crashed":
        return spent ? undefined : `workers were lost under it ${task.losses} times, and it survives ${maxRetries}`;
      case "exited":
        if (task.exits === 0) return "it never called exit";
        return spent ? undefined : `workers were lost under it ${task.losses} times, and it survives ${maxRetries}`;
      case "actorDied":
        return this.#truth.actors.unexplained(task, failure, this.#truth.groups, (truth, cause) =>
          this.#unmade(truth, cause),
        );
      case "actorUnavailable":
        if (task.losses === 0) return "it was not lost after it had begun";
        return spent ? undefined : `it was lost ${task.losses} times, and survives ${maxRetries}`;
      case "cancelled":
      case "timedOut":
        return task.stopped === undefined && !task.wasLeft ? "nobody stopped it" : undefined;
      case "groupGone":
        return goneUnexplained(failure.group, this.#truth.groups.get(failure.group), this.#fates);
      case "setupFailed":
        // Three of its processes in a row may have been killed, too.
        return isBroken(request.env) || failure.loss.signal !== null ? undefined : "its environment is a good one";
      case "notRemade":
        // Three of its processes in a row were killed when it ran once more.
        if (failure.cause?.kind === "setupFailed") return this.#innocent(task, failure.cause);
        return this.#truth.losses.remakable(task);
      case "argumentsLost":
        return this.#truth.losses.readable(task);
      case "unschedulable":
        return refusalOf(request, this.#node) === undefined ? "it fits the node" : undefined;
    }
  }

  /** Whether the object, or something it was made from by way of top-level arguments, is such. */
  #stems(object: ObjectTruth, such: (truth: ObjectTruth) => boolean): boolean {
    const seen = new Set<ObjectTruth>();
    const work = [object];
    for (let next = work.pop(); next !== undefined; next = work.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      if (such(next)) return true;
      for (const { id } of next.task?.spec.dependencies ?? []) work.push(this.#truth.object(id));
    }
    return false;
  }
}
