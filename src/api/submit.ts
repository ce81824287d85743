// Submitting a call, of a function or of an actor's method: what is worked out once per handle, and what each call adds to it.
import { encode } from "../codec/value.ts";
import type { MethodCall } from "../domain/actor.ts";
import type { ObjectId } from "../domain/id.ts";
import type { ResourceOptions } from "../domain/options.ts";
import { capturedBy, type TaskRequest } from "../domain/request.ts";
import { cancelBySignal } from "../domain/stop.ts";
import { endsWithParent, type Dependency, type RetryOn, type Site } from "../domain/task.ts";
import type { ObjectRef } from "./lift.ts";
import { assertInSession } from "./placement.ts";
import { assertUsable, holdOf, refFor, type Origin } from "./ref.ts";
import type { RetryPlan } from "./retries.ts";
import { currentSession } from "./session.ts";
import type { Shipped } from "./shipped.ts";
import { currentCall, type CallContext, type Session } from "./slot.ts";
import { streamFor } from "./stream.ts";
import { waitsAs } from "./waits.ts";

/** What is worked out once, so that a call only fills in its arguments. */
export interface CallPlan {
  readonly name: string;
  /** Of a method: none, it is where its actor is. */
  readonly shipped: Shipped | undefined;
  readonly method: MethodCall | undefined;
  readonly returns: number;
  readonly maxRetries: number;
  readonly retry: RetryPlan;
  readonly request: TaskRequest;
  readonly strategy: ResourceOptions["schedulingStrategy"];
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal | undefined;
  /** Of a stream; undefined for what is no generator. */
  readonly backpressure: number | undefined;
  /** Where the path of an argument that cannot travel begins. */
  readonly rootName: (index: number) => string;
}

const noDependencies: readonly Dependency[] = [];

/** A ref, several, a stream, or nothing. Changes `args`: refs are taken out of it. */
export function submit(plan: CallPlan, args: unknown[], site: Site): unknown {
  const { shipped, name, returns, maxRetries, retry, request, backpressure, strategy, timeoutMs, signal } = plan;
  // Before a session is begun for the call: a ref of an earlier one is refused here.
  const dependencies = takeDependencies(args, name);
  assertGroup(strategy, name);
  const session = currentSession(`${name}.remote()`);
  const exported = shipped?.exportIn(session, name, site);
  const retryOn = typeof retry.policy === "string" ? retry.policy : retry.policy.exportIn(session);
  const encoded = encode(args, plan.rootName);
  const parent = currentCall();
  const payload = session.backend.keep(encoded, () => `arguments of ${name}, submitted at ${site.text}`);
  const ids = session.backend.submit({
    definition: exported?.definition ?? "",
    name,
    method: plan.method,
    args: payload,
    dependencies,
    returns,
    maxRetries,
    retryOn: typeof retryOn === "string" ? retryOn : retryOn.definition,
    retryDelay: retry.delay,
    // A method runs where its actor is, whoever calls it.
    request: shipped === undefined ? request : requestIn(parent, request, strategy),
    site,
    timeoutMs,
    signal,
    parent: parent?.callId,
    backpressure,
    reader: backpressure === undefined || parent === undefined ? undefined : waitsAs(parent),
    holds: typeof retryOn === "string" ? exported : [exported, retryOn],
    cancelled:
      (endsWithParent(plan) ? parent?.stopped?.cancel : undefined) ??
      (signal?.aborted === true ? cancelBySignal(signal.reason) : undefined),
  });
  const id = backpressure === undefined ? ids[0] : undefined;
  session.hints?.submitted({ name, site, args, dependencies, id, actor: plan.method?.actor }, payload);
  if (returns === 0) return undefined;
  const origin: Origin = { name, site, dependencies, signal, ofActor: plan.method !== undefined };
  if (backpressure !== undefined) return streamFor(session, ids[0] as ObjectId, origin);
  if (returns === 1) return refFor(session, ids[0] as ObjectId, origin);
  return ids.map((id): ObjectRef<unknown> => refFor(session, id, origin));
}

/** As the call is to be tried again. */
export function retryOnIn(session: Session, { policy }: RetryPlan): RetryOn {
  return typeof policy === "string" ? policy : policy.definitionIn(session);
}

/** What is submitted in a placement group that captures it runs there too, unless it says otherwise. */
export function requestIn(
  parent: CallContext | undefined,
  request: TaskRequest,
  strategy: ResourceOptions["schedulingStrategy"],
): TaskRequest {
  return parent?.group?.captures === true && strategy === undefined ? capturedBy(request, parent.group) : request;
}

export function assertGroup(strategy: ResourceOptions["schedulingStrategy"], name: string): void {
  if (typeof strategy === "object" && strategy.placementGroup !== undefined)
    assertInSession(strategy.placementGroup, `${name}.remote()`);
}

/** Takes the refs out of the arguments: the backend puts their values in. */
export function takeDependencies(args: unknown[], name: string): readonly Dependency[] {
  let dependencies: Dependency[] | undefined;
  for (let position = 0; position < args.length; position++) {
    const hold = holdOf(args[position]);
    if (hold === undefined) continue;
    assertUsable(hold, `Argument ${position + 1} of ${name}`);
    (dependencies ??= []).push({ position, id: hold.id });
    args[position] = undefined;
  }
  return dependencies ?? noDependencies;
}
