// What the options of a call ask of the cluster.
import path from "node:path";
import { pathToFileURL } from "node:url";
import { taskDefaults } from "../domain/option-table.ts";
import type { PlacementGroupStrategy, ResourceOptions, RuntimeEnv } from "../domain/options.ts";
import { ANY_BUNDLE, planOf, type GroupPlace } from "../domain/placement.ts";
import type { TaskRequest } from "../domain/request.ts";
import { MEMORY, resources } from "../domain/resources.ts";
import { normalEnv, type Env } from "../domain/runtime-env.ts";
import { invariant } from "../std/invariant.ts";

export function requestOf(options: ResourceOptions & { readonly maxCalls?: number | undefined }): TaskRequest {
  const { numCpus = taskDefaults.numCpus, numGpus = taskDefaults.numGpus, labelSelector = {}, priority = 0 } = options;
  const { maxCalls = 0 } = options;
  const labels = Object.entries(labelSelector).toSorted(([one], [other]) => (one < other ? -1 : 1));
  const strategy = options.schedulingStrategy;
  return {
    resources: resources({ ...options.resources, CPU: numCpus, GPU: numGpus, [MEMORY]: options.memory ?? 0 }),
    ...(labels.length > 0 ? { labels: Object.fromEntries(labels) } : {}),
    // "DEFAULT" and "SPREAD" leave the choice to the cluster, which has one node.
    ...(typeof strategy === "object" && strategy.nodeId !== undefined
      ? { node: { nodeId: strategy.nodeId, soft: strategy.soft ?? false } }
      : {}),
    ...(typeof strategy === "object" && strategy.placementGroup !== undefined ? { group: placeIn(strategy) } : {}),
    ...(priority === 0 ? {} : { priority }),
    ...(maxCalls === 0 ? {} : { maxCalls }),
    ...(options.runtimeEnv === undefined ? {} : { env: envOf(options.runtimeEnv) }),
  };
}

function placeIn({ placementGroup, bundleIndex, captureChildTasks }: PlacementGroupStrategy): GroupPlace {
  const plan = planOf(placementGroup);
  invariant(plan !== undefined, "options were checked");
  const { id, bundles, strategy } = plan;
  return { id, bundles, strategy, bundle: bundleIndex ?? ANY_BUNDLE, captures: captureChildTasks ?? false };
}

/** Paths begin at the working directory of whoever writes them. */
export function envOf({ workingDir, setup, ...others }: RuntimeEnv): Env {
  return normalEnv({
    ...others,
    ...(workingDir === undefined ? {} : { workingDir: path.resolve(workingDir) }),
    ...(setup === undefined ? {} : { setup: /^\.{0,2}\//.test(setup) ? pathToFileURL(setup).href : setup }),
  });
}
