// Why calls of an actor that has ended, or is to come back, have no value.
import type { ActorDeath, Failure, WorkerLoss } from "../../domain/object.ts";
import type { Line } from "./actor-line.ts";
import type { Task } from "./tasks.ts";

/** What had begun was answered first. */
export function endedInOrder(death: ActorDeath | undefined): boolean {
  return death?.end === "exited" && death.loss?.exitCode === 0;
}

export function diedOf(
  { spec: { name, site } }: Task,
  { actor }: Pick<Line, "actor">,
  death: ActorDeath,
  begun: boolean,
): Failure {
  return { kind: "actorDied", name, actor, death, begun, site: site.text };
}

/** It had begun, and may not be run again. */
export function unavailable(
  { spec: { name, method, site }, attempt }: Task,
  { actor }: Pick<Line, "actor">,
  loss: WorkerLoss,
): Failure {
  const { className = "" } = method ?? {};
  return { kind: "actorUnavailable", name, actor, className, attempts: attempt, loss, site: site.text };
}
