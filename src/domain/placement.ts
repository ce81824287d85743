// Placement groups: amounts that are reserved together, in bundles, for the calls that name the group.
import type { ObjectId } from "./id.ts";
import { granted, minus, plus, withGpus, type Resources } from "./resources.ts";

/** Made like the id of an object: the process that made the group, and a number that it counts up. */
export type GroupId = ObjectId;

export const placementStrategies = ["PACK", "SPREAD", "STRICT_PACK", "STRICT_SPREAD"] as const;
export type PlacementStrategy = (typeof placementStrategies)[number];

/** What a group is to be. It travels with every call that runs in it, so that nobody has to ask. */
export interface GroupPlan {
  readonly id: GroupId;
  readonly bundles: readonly Resources[];
  readonly strategy: PlacementStrategy;
}

/** Where in a group a call runs. */
export interface GroupPlace extends GroupPlan {
  /** Or ANY_BUNDLE. */
  readonly bundle: number;
  /** What it submits without a `schedulingStrategy` runs in the group too. */
  readonly captures: boolean;
}

export const ANY_BUNDLE = -1;

/** Begins the name of the call that waits for a group. */
export const READY_OF = "ready() of ";

/** On the handles of users: the plan. Another copy of the package finds it too. */
const planKey: unique symbol = Symbol.for("ray-ts.placementGroup");

export function withPlan<T extends object>(handle: T, plan: GroupPlan): T {
  return Object.defineProperty(handle, planKey, { value: plan });
}

export function planOf(handle: unknown): GroupPlan | undefined {
  if (typeof handle !== "object" || handle === null || !(planKey in handle)) return undefined;
  return handle[planKey] as GroupPlan;
}

/** What all bundles take together. */
export function sumOf(bundles: readonly Resources[]): Resources {
  return bundles.reduce(plus, {});
}

/** What each bundle gets of what is available, the concrete GPUs among it; undefined when there is not enough for all. */
export function reserved(bundles: readonly Resources[], available: Resources): readonly Resources[] | undefined {
  const grants: Resources[] = [];
  let left = available;
  // Those with much of a GPU first: what is left of each is then enough for as many of the others as can be.
  const order = [...bundles.keys()].sort((one, other) => gpuOf(bundles[other]) - gpuOf(bundles[one]));
  for (const index of order) {
    const grant = granted(bundles[index] ?? {}, left);
    if (grant === undefined) return undefined;
    left = minus(left, grant);
    grants[index] = grant;
  }
  return grants;
}

function gpuOf(bundle: Resources | undefined): number {
  return bundle?.["GPU"] ?? 0;
}

/** Why a group can never be, or why a call can never run in it. */
export type GroupRefusal = "apart" | "group" | "bundle";

/** On a cluster of one node, which has this in all. `request`: what a call in the group asks for. */
export function groupRefusalOf(plan: GroupPlan, total: Resources, request?: InPlace): GroupRefusal | undefined {
  if (plan.strategy === "STRICT_SPREAD" && plan.bundles.length > 1) return "apart";
  const bundles = reserved(plan.bundles, withGpus(total));
  if (bundles === undefined) return "group";
  if (request === undefined) return undefined;
  const { resources, bundle } = request;
  const allowed = bundle === ANY_BUNDLE ? bundles : bundles.slice(bundle, bundle + 1);
  return allowed.some((amounts) => granted(resources, amounts) !== undefined) ? undefined : "bundle";
}

interface InPlace {
  readonly resources: Resources;
  readonly bundle: number;
}

/** Why there is no group: somebody removed it, or whoever made it is gone, or its name was taken before. */
export const groupEnds = ["removed", "creatorGone", "nameTaken"] as const;
export type GroupEnd = (typeof groupEnds)[number];
