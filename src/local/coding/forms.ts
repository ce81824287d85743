// What plain data from a process looks like in which user code runs. Whatever that has done there, only messages of the right form
// come in: one that is not would be a bug in the brains, and the end of a process that others rely on.
import type { Failure, WorkerLoss } from "../../domain/object.ts";
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
type Sent = Extract<
  ClientToDaemon,
  {
    type:
      | "demand"
      | "giveBack"
      | "createGroup"
      | "endWorker"
      | "ask"
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
const question: Check = (value) =>
  typeof value === "string"
    ? Object.hasOwn(questions, value)
    : matches(value, { removeGroup: text }) || matches(value, { groupNamed: text });

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

const messageForms: { readonly [M in Sent as M["type"]]: Form<Omit<M, "type">> } = {
  demand: { shape: text, request, lacking: count, seen: count, name: text },
  giveBack: { lease: count, begun: count },
  createGroup: { plan: (value) => matches(value, planForm), name: text, detached: flag },
  endWorker: { lease: count, recursive: flag },
  ask: { ask: count, question },
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
  ownerDied: { id: text, owner: text },
  lost: { id: text, reason: text },
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

function formed(value: unknown, key: "type" | "kind", forms: Readonly<Record<string, object>>): unknown {
  const name: unknown = object(value) ? Reflect.get(value as object, key) : undefined;
  const form = typeof name === "string" && Object.hasOwn(forms, name) ? forms[name] : undefined;
  if (form === undefined) throw new WireError(`a ${key} of plain data that is none`);
  if (!matches(value, form as Readonly<Record<string, Check>>))
    throw new WireError(`damaged data of ${key} ${String(name)}`);
  return value;
}

function matches(value: unknown, form: Readonly<Record<string, Check>>): boolean {
  return object(value) && Object.entries(form).every(([field, check]) => check(Reflect.get(value as object, field)));
}
