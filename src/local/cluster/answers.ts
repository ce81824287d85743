// What the cluster says of itself.
import { amounts } from "../../domain/resources.ts";
import type { Question } from "../../protocol/daemon.ts";
import type { Groups } from "./groups.ts";
import type { Pool } from "./lease.ts";
import type { ClusterOptions } from "./step.ts";

type Answered = Exclude<Question, { readonly removeGroup: string }>;

export function answerTo(question: Answered, options: ClusterOptions, node: Pool, groups: Groups): unknown {
  if (typeof question === "object") return groups.named(question.groupNamed);
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
