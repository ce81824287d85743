// What a reply means for the results of its task.
import { unreachable } from "../../std/invariant.ts";
import type { ActorId } from "../../domain/actor.ts";
import type { ObjectId } from "../../domain/id.ts";
import type { Outcome, Payload } from "../../domain/object.ts";
import type { Reply } from "../../protocol/worker.ts";
import { diedOf } from "./actor-failures.ts";
import type { Task } from "./tasks.ts";

/** Of each result, or one for all of them. */
export type Outcomes = readonly Outcome[] | Outcome;

const EXITED = { end: "exited", name: "", namespace: "", restarts: 0 } as const;

/** `actor`: in which it ran. */
export function outcomesOf(
  task: Task,
  reply: Exclude<Reply, { kind: "exited" | "unreadable" }>,
  actor: ActorId,
): Outcomes {
  const { name, site } = task.spec;
  switch (reply.kind) {
    case "done":
      return task.results.length === 1 && reply.values.length === 1
        ? { value: reply.values[0] as Payload }
        : reply.values.map((value) => ({ value }));
    case "thrown": {
      const { thrown, pid, by } = reply;
      return { failure: { kind: "thrown", thrown, pid, by, name, attempts: task.attempt, site: site.text } };
    }
    case "left":
      return { failure: diedOf(task, { actor }, { ...EXITED, className: task.spec.method?.className ?? "" }, true) };
    case "refused":
      return { failure: "site" in reply.failure ? { ...reply.failure, name, site: site.text } : reply.failure };
    default:
      return unreachable(reply, "the owner brain");
  }
}

export function outcomeAt(outcomes: Outcomes, index: number, id: ObjectId): Outcome {
  const outcome = isMany(outcomes) ? outcomes[index] : outcomes;
  if (outcome !== undefined) return outcome;
  return { failure: { kind: "lost", id, reason: "the worker sent fewer results than were asked for" } };
}

/** Of a call whose arguments, passed by value, are in the store under this id. */
export function argumentsLost({ spec: { name, site }, results }: Task, stored: ObjectId): Outcome {
  return { failure: { kind: "argumentsLost", id: results[0] ?? stored, name, site: site.text } };
}

export function isMany(outcomes: Outcomes): outcomes is readonly Outcome[] {
  return Array.isArray(outcomes);
}
