// What a call asks of the cluster, and whether a node can ever give it.
import { mergedEnv, noEnv, type Env } from "./runtime-env.ts";
import { NODE_ID_LABEL, unmet, type Labels } from "./labels.ts";
import { ANY_BUNDLE, groupRefusalOf, type GroupPlace, type GroupRefusal } from "./placement.ts";
import { bytesIn, granted, MEMORY, resources, withGpus, type Resources } from "./resources.ts";

/** Of one handle, for all of its calls. What is not asked for is absent, so that equal requests look equal. */
export interface TaskRequest {
  readonly resources: Resources;
  /** Conditions on the labels of its node, as users write them. */
  readonly labels?: Labels;
  readonly node?: NodeChoice;
  /** Higher comes first; absent: 0. */
  readonly priority?: number;
  /** In the amounts that are reserved for a placement group, and nowhere else. */
  readonly group?: GroupPlace;
  /** Over that of whoever submits it. */
  readonly env?: Env;
  /** A process ends after so many of such calls. */
  readonly maxCalls?: number;
  /** In a process of its own as long as it lasts: no other call may be harmed with it, or it with another. */
  readonly apart?: true;
}

/** `soft`: another will do where this one is not to be had. */
export interface NodeChoice {
  readonly nodeId: string;
  readonly soft: boolean;
}

/** A node, as far as it matters to what can run there. */
export interface NodeOffer {
  readonly nodeId: string;
  /** All it has. */
  readonly total: Resources;
  readonly labels: Labels;
}

/** What a session offers of the machine that it is on. */
export interface Share {
  readonly numCpus: number;
  readonly gpus: readonly unknown[];
  /** Bytes for calls that ask for some. */
  readonly memory: number;
  readonly resources: Readonly<Record<string, number>>;
  readonly labels: Labels;
}

export function offerOf(nodeId: string, { numCpus, gpus, memory, resources: others, labels }: Share): NodeOffer {
  return {
    nodeId,
    total: resources({ CPU: numCpus, GPU: gpus.length, [MEMORY]: memory, ...others }),
    labels: { ...labels, [NODE_ID_LABEL]: nodeId },
  };
}

/** Why a request that could be met is not. */
export interface Shortage {
  /** What there is too little of, and how much of it is free. */
  readonly free: Resources;
  /** Those who have it, most first. */
  readonly holders: readonly Holder[];
  /** The placement group of the call waits to be reserved, and asks for this. Absent: the call itself waits. */
  readonly group?: Resources;
  /** Nothing is lacking, but this module has not ended that is imported before any call. */
  readonly setup?: string;
}

export interface Holder {
  /** Of a task among those that were submitted with such calls; of the class of actors; or of a placement group, which is neither. */
  readonly name: string;
  readonly calls: number;
  /** These have it as long as they live, or until they are made. */
  readonly actors?: number;
  /** How many of them wait for other calls: perhaps for the very ones that there is too little for. */
  readonly waiting: number;
  readonly held: Resources;
}

/** Calls of one shape can run on the same leases. */
export type Shape = string;

const shapes = new WeakMap<TaskRequest, Shape>();

export function shapeOf(request: TaskRequest): Shape {
  let shape = shapes.get(request);
  if (shape === undefined) {
    shape = JSON.stringify(request);
    shapes.set(request, shape);
  }
  return shape;
}

const limits = new WeakMap<TaskRequest, Shape>();

/** Calls that have this in common count together for `maxCalls`, wherever they run and however alone. */
export function limitOf(request: TaskRequest): Shape {
  let limit = limits.get(request);
  if (limit === undefined) {
    limit = JSON.stringify({ ...request, group: undefined, apart: undefined });
    limits.set(request, limit);
  }
  return limit;
}

/** Groups in which calls of one handle were captured, as far as they are remembered. */
const CAPTURED_MAX = 16;

const aparts = new WeakMap<TaskRequest, TaskRequest>();

/** The same, in a process of its own. */
export function apartFrom(request: TaskRequest): TaskRequest {
  let apart = aparts.get(request);
  if (apart === undefined) aparts.set(request, (apart = { ...request, apart: true }));
  return apart;
}

const captured = new WeakMap<TaskRequest, Map<string, TaskRequest>>();

/** The same, in the group of the call that submits it, in whichever bundle has room. */
export function capturedBy(request: TaskRequest, { id, bundles, strategy }: GroupPlace): TaskRequest {
  let inGroups = captured.get(request);
  if (inGroups === undefined) captured.set(request, (inGroups = new Map()));
  let inGroup = inGroups.get(id);
  if (inGroup === undefined) {
    // Groups come and go.
    if (inGroups.size >= CAPTURED_MAX) inGroups.clear();
    inGroup = { ...request, group: { id, bundles, strategy, bundle: ANY_BUNDLE, captures: true } };
    inGroups.set(id, inGroup);
  }
  return inGroup;
}

/** What of a request a node can never give; undefined: it can, be it after others. */
export type Refusal = "node" | "labels" | "resources" | GroupRefusal;

export function refusalOf(request: TaskRequest, node: NodeOffer): Refusal | undefined {
  if (request.node?.soft === false && request.node.nodeId !== node.nodeId) return "node";
  if (request.labels !== undefined && unmet(request.labels, node.labels).length > 0) return "labels";
  const { resources, group } = request;
  if (group !== undefined) return groupRefusalOf(group, node.total, { resources, bundle: group.bundle });
  return granted(resources, withGpus(node.total)) === undefined ? "resources" : undefined;
}

/** That of the process in which it is to run. `inherited`: that of the process which submits it. */
export function envFor({ env = noEnv, resources: asked }: TaskRequest, inherited: Env): Env {
  const memory = bytesIn(asked);
  if (env === noEnv && memory === undefined && inherited.memory === undefined) return inherited;
  return mergedEnv(inherited, memory === undefined ? env : { ...env, memory });
}
