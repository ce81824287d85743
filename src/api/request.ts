// What the options of a call ask of the cluster.
import { taskDefaults } from "../domain/option-table.ts";
import type { PlacementGroupStrategy, ResourceOptions } from "../domain/options.ts";
import { ANY_BUNDLE, planOf, type GroupPlace } from "../domain/placement.ts";
import type { TaskRequest } from "../domain/request.ts";
import { resources } from "../domain/resources.ts";
import { invariant } from "../std/invariant.ts";

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
    ...(typeof strategy === "object" && "placementGroup" in strategy ? { group: placeIn(strategy) } : {}),
    ...(priority === 0 ? {} : { priority }),
  };
}

function placeIn({ placementGroup, bundleIndex, captureChildTasks }: PlacementGroupStrategy): GroupPlace {
  const plan = planOf(placementGroup);
  invariant(plan !== undefined, "options were checked");
  const { id, bundles, strategy } = plan;
  return { id, bundles, strategy, bundle: bundleIndex ?? ANY_BUNDLE, captures: captureChildTasks ?? false };
}
