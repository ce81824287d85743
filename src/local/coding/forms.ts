// What plain data from a process looks like in which user code runs. Whatever that has done there, only messages of the right form
// come in: one that is not would be a bug in the brains, and the end of a process that others rely on.
import { actorEnds } from "../../domain/actor.ts";
import type { ActorArgs, ActorPlan, ActorTraits } from "../../domain/actor-spec.ts";
import type { ActorDeath } from "../../domain/object.ts";
import { isObjectId } from "../../domain/id.ts";
import { throwers } from "../../domain/object.ts";
import type { Failure, OwnerEnd, Payload, Stored, WorkerLoss } from "../../domain/object.ts";
import type { NodeChoice, NodeOffer, TaskRequest } from "../../domain/request.ts";
import { groupEnds, placementStrategies, type GroupPlace, type GroupPlan } from "../../domain/placement.ts";
import type { Env } from "../../domain/runtime-env.ts";
import { progressWords } from "../../domain/progress.ts";
import type { Question } from "../../protocol/daemon.ts";
import type { ClientToDaemon } from "../../protocol/hello.ts";
import { WireError } from "../../wire/error.ts";
import type { Reader } from "../../wire/reader.ts";

type Check = (value: unknown) => boolean;
type Form<T> = { readonly [Field in keyof T]-?: Check };

/** Those that are written as plain data, as a union of messages. */
export type PlainToDaemon = Extract<
  ClientToDaemon,
  {
    type:
      | "demand"
      | "giveBack"
      | "createGroup"
      | "createActor"
      | "actorArgs"
      | "actorFailed"
      | "actorMade"
      | "actorLeaves"
      | "seek"
      | "awaits"
      | "heard"
      | "travels"
      | "undefine"
      | "endWorker"
      | "ask"
      | "lost"
      | "outlives"
      | "full"
      | "ready"
      | "leaseOver"
      | "hello"
      | "leave"
      | "seen"
      | "rest"
      | "suspect";
  }
>;
type Sketched = Exclude<Failure, { kind: "thrown" }>;

const anything: Check = () => true;
const text: Check = (value) => typeof value === "string";
const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const duration: Check = (value) => Number.isFinite(value) && (value as number) >= 0;
const flag: Check = (value) => typeof value === "boolean";
const object: Check = (value) => typeof value === "object" && value !== null;
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const orAbsent =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
/** However much somebody asks for: it is for the cluster to say that there is not so much. */
const units: Check = (value) => Number.isInteger(value) && (value as number) >= 0;
const amounts: Check = (value) => object(value) && Object.values(value as object).every(units);

const labels: Check = (value) => object(value) && Object.values(value as object).every(text);

const among =
  (choices: readonly unknown[]): Check =>
  (value) =>
    choices.includes(value);
const planForm: Form<GroupPlan> = {
  id: text,
  bundles: (value) => Array.isArray(value) && value.every(amounts),
  strategy: among(placementStrategies),
};
const place: Check = (value) => matches(value, placeForm);
const placeForm: Form<GroupPlace> = {
  ...planForm,
  bundle: (value) => Number.isSafeInteger(value),
  captures: flag,
};

const choiceForm: Form<NodeChoice> = { nodeId: text, soft: flag };
const envForm: Form<Env> = {
  envVars: orAbsent(labels),
  workingDir: orAbsent(text),
  execArgv: orAbsent((value) => Array.isArray(value) && value.every(text)),
  setup: orAbsent(text),
  memory: orAbsent(units),
};
const requestForm: Form<TaskRequest> = {
  resources: amounts,
  labels: orAbsent(labels),
  node: orAbsent((value) => matches(value, choiceForm)),
  priority: orAbsent(Number.isFinite),
  maxCalls: orAbsent(count),
  group: orAbsent(place),
  apart: orAbsent((value) => value === true),
  env: orAbsent((value) => matches(value, envForm)),
};
const request: Check = (value) => matches(value, requestForm);
const nodeForm: Form<NodeOffer> = { nodeId: text, total: amounts, labels };
const node: Check = (value) => matches(value, nodeForm);

const questions: Record<Extract<Question, string>, true> = {
  clusterResources: true,
  availableResources: true,
  nodes: true,
};
const objectQuestions: readonly Readonly<Record<string, Check>>[] = [
  { removeGroup: text },
  { isReserved: text },
  { groupNamed: text },
  { killActor: text, restart: flag, by: text },
  { actorNamed: text, namespace: text },
  { namedActors: orAbsent(text) },
];
const question: Check = (value) =>
  typeof value === "string" ? Object.hasOwn(questions, value) : objectQuestions.some((form) => matches(value, form));

const progress: Check = (value) => typeof value === "string" && Object.hasOwn(progressWords, value);

const lossForm: Form<WorkerLoss> = {
  pid: count,
  exitCode: orNull(count),
  signal: orNull(text),
  lastStderr: text,
  reason: orAbsent(text),
  retired: orAbsent(flag),
  forced: orAbsent(flag),
  outOfMemory: orAbsent(flag),
};
const loss: Check = (value) => matches(value, lossForm);

const bytes: Check = (value) => value instanceof Uint8Array;
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const objectId: Check = (value) => text(value) && isObjectId(value as string);
const storedForm: Form<Stored> = {
  id: objectId,
  sizes: listOf(count),
  body: flag,
};
const payloadForm: Form<Payload> = {
  bytes,
  buffers: listOf(bytes),
  refs: listOf(text),
  modules: flag,
  stored: orAbsent((value) => matches(value, storedForm)),
};
const payload: Check = (value) => matches(value, payloadForm);
const failure: Check = (value) => {
  const form = formOf(value, "kind", { ...failureForms, thrown: thrownForm });
  return form !== undefined && matches(value, form as Readonly<Record<string, Check>>);
};
const thrownForm: Form<Omit<Extract<Failure, { kind: "thrown" }>, "kind">> = {
  thrown: payload,
  by: among(throwers),
  attempts: count,
  name: text,
  pid: count,
  site: text,
};
const traits: Form<ActorTraits> = {
  className: text,
  name: text,
  namespace: text,
  maxRestarts: (value) => Number.isSafeInteger(value),
  limits: amounts,
  about: payload,
};
const actorPlan: Check = (value) => matches(value, actorPlanForm);
const actorPlanForm: Form<ActorPlan> = {
  ...traits,
  definition: text,
  request,
  placing: flag,
  getIfExists: flag,
  detached: flag,
  site: text,
};
const argsForm: Form<ActorArgs> = { args: payload, positions: listOf(count), values: listOf(payload) };

const deathForm: Form<ActorDeath> = {
  end: among(actorEnds),
  className: text,
  name: text,
  namespace: text,
  restarts: count,
  loss: orAbsent(loss),
  by: orAbsent(text),
  cause: orAbsent(failure),
};
const titleForm: Form<NonNullable<OwnerEnd["actor"]>> = { id: text, className: text, name: text };
const endForm: Form<OwnerEnd> = { loss: orAbsent(loss), actor: orAbsent((value) => matches(value, titleForm)) };
const death: Check = (value) => matches(value, deathForm);

const messageForms: { readonly [M in PlainToDaemon as M["type"]]: Form<Omit<M, "type">> } = {
  demand: { shape: text, request, lacking: count, seen: count, name: text },
  giveBack: { lease: count, begun: count },
  createGroup: { plan: (value) => matches(value, planForm), name: text, detached: flag },
  createActor: { id: objectId, plan: actorPlan },
  actorArgs: { id: objectId, ...argsForm },
  actorFailed: { id: objectId, cause: failure },
  actorMade: { id: objectId, cleansUp: flag },
  actorLeaves: { id: objectId },
  seek: { id: objectId },
  awaits: { id: objectId, on: listOf(objectId) },
  heard: { process: text, ids: listOf(objectId), last: flag },
  travels: { definition: text },
  undefine: { definition: text },
  endWorker: { lease: count, recursive: flag },
  ask: { ask: count, question },
  lost: { id: objectId, stored: objectId },
  outlives: { id: objectId },
  full: {},
  ready: {},
  leaseOver: { lease: count, begun: count },
  // Compared with what is right, all of it.
  hello: { version: anything, role: anything, process: text, pid: count, token: anything, address: text },
  leave: {},
  seen: { number: count },
  rest: { after: count },
  suspect: { worker: text, reason: text },
};

const failureForms: { readonly [F in Sketched as F["kind"]]: Form<Omit<F, "kind">> } = {
  refused: { code: text, message: text, fields: object, name: text, site: text },
  crashed: { name: text, attempts: count, loss, site: text },
  exited: { module: text, name: text, attempts: count, loss, site: text },
  unschedulable: { name: text, request, node, site: text },
  setupFailed: { name: text, request, loss, site: text },
  cancelled: { name: text, how: text, reason: text, site: text },
  timedOut: { name: text, timeoutMs: duration, progress, site: text },
  groupGone: { name: text, begun: flag, group: text, groupName: text, why: among(groupEnds), site: text },
  actorDied: { name: text, actor: text, death, begun: flag, site: text },
  actorUnavailable: { name: text, actor: text, className: text, attempts: count, loss, site: text },
  ownerDied: { id: text, owner: text, lost: orAbsent(flag), end: orAbsent((value) => matches(value, endForm)) },
  lost: { id: text, reason: text },
  notRemade: { id: text, name: text, reason: text, cause: orAbsent(failure), site: text },
  argumentsLost: { id: text, name: text, site: text },
  closed: { reason: text, orderly: flag },
};

export function readMessage(from: Reader): ClientToDaemon {
  return formed(from.data(), "type", messageForms) as ClientToDaemon;
}

export function readFailure(from: Reader): Failure {
  return formed(from.data(), "kind", failureForms) as Failure;
}

export function readGroupPlace(from: Reader): GroupPlace {
  const read = from.data();
  if (!place(read)) throw new WireError("a placement group that is none");
  return read as GroupPlace;
}

type Forms = Readonly<Record<string, object>>;

function formOf(value: unknown, key: "type" | "kind", forms: Forms): object | undefined {
  const name: unknown = object(value) ? Reflect.get(value as object, key) : undefined;
  return typeof name === "string" && Object.hasOwn(forms, name) ? forms[name] : undefined;
}

function formed(value: unknown, key: "type" | "kind", forms: Forms): unknown {
  const form = formOf(value, key, forms);
  if (form === undefined) throw new WireError(`a ${key} of plain data that is none`);
  if (!matches(value, form as Readonly<Record<string, Check>>))
    throw new WireError(`damaged data of ${key} ${String(Reflect.get(value as object, key))}`);
  return value;
}

function matches(value: unknown, form: Readonly<Record<string, Check>>): boolean {
  return object(value) && Object.entries(form).every(([field, check]) => check(Reflect.get(value as object, field)));
}
