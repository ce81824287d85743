// What the cluster says of itself.
import { amounts } from "../../domain/resources.ts";
import type { Question } from "../../protocol/daemon.ts";
import type { ProcessId } from "../../domain/id.ts";
import type { Actors } from "./actors.ts";
import type { Groups } from "./groups.ts";
import type { Pool } from "./lease.ts";
import type { ClusterOptions } from "./step.ts";

type Answered = Exclude<Question, { readonly removeGroup: string }>;

export interface Known {
  readonly options: ClusterOptions;
  readonly node: Pool;
  readonly groups: Groups;
  readonly actors: Actors;
}

export function answerTo(question: Answered, { options, node, groups, actors }: Known, asker: ProcessId): unknown {
  if (typeof question === "object") {
    if ("isReserved" in question) return groups.isReserved(question.isReserved);
    if ("groupNamed" in question) return groups.named(question.groupNamed);
    if ("actorNamed" in question) return actors.named(question.actorNamed, question.namespace, asker);
    if ("namedActors" in question) return actors.all(question.namedActors);
    return actors.kill(question.killActor, question);
  }
  const { nodeId, address, total, labels } = options;
  const answers: Record<typeof question, () => unknown> = {
    clusterResources: () => amounts(total),
    // CPUs lent by waiting calls can be owed for a moment when those go on.
    availableResources: () =>
      Object.fromEntries(Object.entries(amounts(node.available)).filter(([, value]) => value > 0)),
    nodes: () => [{ nodeId, alive: true, address, resources: amounts(total), labels: { ...labels } }],
  };
  return answers[question]();
}
