// What the options of a call ask of the cluster.
import { taskDefaults } from "../domain/option-table.ts";
import type { ResourceOptions } from "../domain/options.ts";
import type { TaskRequest } from "../domain/request.ts";
import { resources } from "../domain/resources.ts";

export function requestOf(options: ResourceOptions): TaskRequest {
  const { numCpus = taskDefaults.numCpus, numGpus = taskDefaults.numGpus, labelSelector = {}, priority = 0 } = options;
  const labels = Object.entries(labelSelector).toSorted(([one], [other]) => (one < other ? -1 : 1));
  const strategy = options.schedulingStrategy;
  return {
    resources: resources({ ...options.resources, CPU: numCpus, GPU: numGpus }),
    ...(labels.length > 0 ? { labels: Object.fromEntries(labels) } : {}),
    // "DEFAULT" and "SPREAD" leave the choice to the cluster, which has one node.
    ...(typeof strategy === "object" && "nodeId" in strategy
      ? { node: { nodeId: strategy.nodeId, soft: strategy.soft ?? false } }
      : {}),
    ...(priority === 0 ? {} : { priority }),
  };
}
