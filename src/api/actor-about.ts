// What is known of an actor wherever there is a handle of it: its methods, and how they are called. Worked out where its class is, checked
// there, and from then on it travels with the handles.
import { DEFAULT_GROUP, type GroupLimits } from "../domain/actor.ts";
import { actorDefaults, taskDefaults } from "../domain/option-table.ts";
import { checkOptions } from "../domain/options-checked.ts";
import type { ActorOptions, MethodOptions } from "../domain/options.ts";
import type { RetryDelay, RetryOn } from "../domain/task.ts";
import { nearest } from "../std/nearest.ts";
import { noMethod } from "./actor-methods.ts";
import { assertFits } from "./generators.ts";
import type { About, MethodPlan } from "./grip.ts";
import { retryPlan, type RetryPlan } from "./retries.ts";
import { Shipped } from "./shipped.ts";
import type { Session } from "./slot.ts";
import { retryOnIn } from "./submit.ts";

/** Options of single methods, by name, as they are looked at. */
type Methods = Readonly<Record<string, MethodOptions | undefined>>;

/** `methods`: of the class, and which are streams. `caller` names the call that gave the options. Throws for those that do not go together. */
export function aboutOf(
  className: string,
  methods: ReadonlyMap<string, boolean>,
  options: ActorOptions,
  caller: string,
): About {
  const { maxConcurrency = actorDefaults.maxConcurrency, concurrencyGroups = {}, maxPendingCalls = Infinity } = options;
  const limits: GroupLimits = { [DEFAULT_GROUP]: maxConcurrency, ...concurrencyGroups };
  const given = (options.methods ?? {}) as Methods;
  for (const name of Object.keys(given)) assertMethod(name, methods, className, `${caller}: the option methods`);
  const plans = new Map<string, MethodPlan>();
  for (const [method, streams] of methods) {
    const plan: MethodPlan = {
      name: `${className}.${method}`,
      streams,
      group: DEFAULT_GROUP,
      returns: taskDefaults.numReturns,
      maxRetries: options.maxTaskRetries ?? actorDefaults.maxTaskRetries,
      retry: NO_RETRIES,
      timeoutMs: undefined,
      signal: undefined,
      backpressure: streams ? taskDefaults.backpressure : undefined,
    };
    const own = Object.hasOwn(given, method) ? given[method] : undefined;
    plans.set(method, own === undefined ? plan : planWith(plan, own, limits, `${caller}: methods.${method}`));
  }
  return { className, name: options.name ?? "", limits, maxPendingCalls, methods: plans };
}

const NO_RETRIES: RetryPlan = retryPlan({}, "");

/** The plan with options over those that it was made of. Throws for wrong ones. */
export function planWith(plan: MethodPlan, given: MethodOptions, limits: GroupLimits, caller: string): MethodPlan {
  const options = checkOptions("method", given, caller);
  assertFits(options, plan.streams, caller, plan.name);
  const { concurrencyGroup: group = plan.group } = options;
  if (!Object.hasOwn(limits, group)) throw noGroup(group, limits, caller);
  const retry = retryPlan(options, plan.name);
  return {
    name: options.name ?? plan.name,
    streams: plan.streams,
    group,
    returns: options.numReturns ?? plan.returns,
    maxRetries: options.maxTaskRetries ?? plan.maxRetries,
    retry: {
      policy: options.retryExceptions === undefined ? plan.retry.policy : retry.policy,
      delay: options.retryDelayMs === undefined ? plan.retry.delay : retry.delay,
    },
    timeoutMs: options.timeoutMs ?? plan.timeoutMs,
    signal: options.signal ?? plan.signal,
    backpressure: options.backpressure ?? plan.backpressure,
  };
}

function noGroup(group: string, limits: GroupLimits, caller: string): TypeError {
  const groups = Object.keys(limits).filter((name) => name !== DEFAULT_GROUP);
  const near = nearest(group, groups);
  const advice =
    groups.length === 0
      ? "It declares none. Declare it with its limit where the class is made remote"
      : `It declares ${groups.map((name) => JSON.stringify(name)).join(", ")}${near === undefined ? "." : `: did you mean ${JSON.stringify(near)}?`} Others are declared where the class is made remote`;
  return new TypeError(
    `${caller}: the actor has no concurrency group ${JSON.stringify(group)}. ${advice}: concurrencyGroups: { ${/^[A-Za-z_$][\w$]*$/.test(group) ? group : JSON.stringify(group)}: 1 }.`,
  );
}

function assertMethod(name: string, methods: ReadonlyMap<string, boolean>, className: string, caller: string): void {
  if (!methods.has(name)) throw new TypeError(`${caller}: ${noMethod(name, methods, className)}`);
}

// ------------------------------------------------------------------ travelling

interface TravellingMethod extends Omit<MethodPlan, "retry" | "signal"> {
  readonly retryOn: RetryOn;
  readonly retryDelay: RetryDelay | undefined;
}

/** As it goes with a handle. */
export interface TravellingAbout extends Omit<About, "methods"> {
  readonly methods: ReadonlyMap<string, TravellingMethod>;
}

/** The same for the same, so that a value with many handles has it once. */
const travelling = new WeakMap<About, { readonly session: Session; readonly about: TravellingAbout }>();

export function aboutToGo(session: Session, about: About): TravellingAbout {
  const found = travelling.get(about);
  if (found?.session === session) return found.about;
  const methods = [...about.methods].map(([name, plan]): [string, TravellingMethod] => [name, planToGo(session, plan)]);
  const made = { ...about, methods: new Map(methods) };
  travelling.set(about, { session, about: made });
  return made;
}

/** A signal stays in its process. */
export function planToGo(session: Session, { retry, signal: _stays, ...plan }: MethodPlan): TravellingMethod {
  return { ...plan, retryOn: retryOnIn(session, retry), retryDelay: retry.delay };
}

export function aboutArrived(session: Session, about: TravellingAbout): About {
  const methods = [...about.methods].map(([name, plan]): [string, MethodPlan] => [name, planArrived(session, plan)]);
  return { ...about, methods: new Map(methods) };
}

export function planArrived(session: Session, { retryOn, retryDelay, ...plan }: TravellingMethod): MethodPlan {
  const policy =
    retryOn === "none" || retryOn === "any"
      ? retryOn
      : Shipped.arrived(session, retryOn, `retryExceptions of ${plan.name}`);
  return { ...plan, retry: { policy, delay: retryDelay }, signal: undefined };
}
