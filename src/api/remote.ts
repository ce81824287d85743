// remote(fn): a handle whose `.remote(…)` runs the function elsewhere. The function itself is shipped once, at the first call.
import { inspect, types } from "node:util";
import { registerKind } from "../codec/kinds.ts";
import { callSite } from "../codec/places.ts";
import { encode } from "../codec/value.ts";
import type { ObjectId } from "../domain/id.ts";
import { cancelBySignal } from "../domain/stop.ts";
import type { Dependency, Site } from "../domain/task.ts";
import { optionTable, taskDefaults } from "../domain/option-table.ts";
import { checkedOptions } from "./checked.ts";
import type { TaskOptions } from "../domain/options.ts";
import { capturedBy, type TaskRequest } from "../domain/request.ts";
import type { AnyFunction, ObjectRef, RemoteArgs, RemoteReturn } from "./lift.ts";
import { described, handleNameKey } from "./mistakes.ts";
import { nameFromSource } from "./naming.ts";
import { atCaller, thrownBy } from "./own-frames.ts";
import { assertInSession } from "./placement.ts";
import { assertUsable, holdOf, refFor, type Origin } from "./ref.ts";
import { requestOf } from "./request.ts";
import { retryPlan, type RetryPlan } from "./retries.ts";
import { isRevoked } from "../std/is-array.ts";
import { calledAt } from "../std/own-frames.ts";
import { innerFunctionKey } from "../codec/exports.ts";
import { currentSession } from "./session.ts";
import { Shipped } from "./shipped.ts";
import { currentCall } from "./slot.ts";
import { streamFor } from "./stream.ts";

/**
 * A function that runs elsewhere. Not callable itself, on purpose: `.remote(…)` gives refs, `.local(…)` runs it here. Travels in
 * arguments, results and closures.
 */
export interface RemoteFunction<F extends AnyFunction, N extends number | undefined = undefined> {
  /**
   * Submits a call and returns at once. A ref among the arguments stands for its value, which is waited for; refs nested deeper
   * stay refs. Gives one ref, or as `numReturns` says; of a generator function a stream. Ray: `f.remote`.
   *
   * Throws at the call: SerializationError for arguments that cannot travel, ObjectFreedError, SessionClosedError.
   */
  remote(...args: RemoteArgs<Parameters<F>>): RemoteReturn<ReturnType<F>, N>;
  /** The same function with these options over its own; this one stays as it is. TypeError for options that are wrong. */
  options<const O extends TaskOptions>(
    options: O,
  ): RemoteFunction<F, O extends { numReturns: infer M extends number } ? M : N>;
  /** The function itself, for tests and direct calls. */
  readonly local: F;
  /** What errors call it. */
  readonly name: string;
}

/** What is worked out once per handle, so that a call only fills in its arguments. */
interface Plan {
  readonly shipped: Shipped;
  readonly options: TaskOptions;
  readonly name: string;
  readonly returns: number;
  readonly maxRetries: number;
  readonly retry: RetryPlan;
  readonly request: TaskRequest;
  /** Of a stream; undefined for a function that is no generator. */
  readonly backpressure: number | undefined;
  /** Where the path of an argument that cannot travel begins. */
  readonly rootName: (index: number) => string;
}

/** Another copy of the package recognises a handle by it. The value says what travels in the handle's place. */
const remoteFunctionKey: unique symbol = Symbol.for("ray-ts.remoteFunction");

/**
 * A function that runs elsewhere. Closures, imports and classes it uses travel with it, as they are at the first call: what changes
 * later is passed as an argument. `.remote(…)` submits a call and gives a ref at once, `.options({…})` is the same function with
 * other options, `.local` is the function itself. Ray: `ray.remote`.
 *
 * A generator function (`function*`, `async function*`) gives a stream: `.remote(…)` gives an ObjectRefGenerator at once.
 * `for await (const ref of stream)` takes a ref for each item, in order and while the function runs; `stream.values()` gives the values.
 * The function pauses when `backpressure` items are unread; one that has paused for a tenth of a second lends its CPUs. Who leaves the
 * loop cancels the call: its signal aborts, its `finally` blocks run. After an error come first the items made before it, then a ref
 * whose `get` rejects with it (with `values()` it is thrown), then the end. When the call is tried again, what has come is passed over: the items
 * must be the same each time, and no fewer. A stream is read where it was begun, and ends with the call that has begun it.
 *
 * Errors: TypeError for what is no function and for options that are wrong. At the first call: SerializationError with the path
 * of what cannot travel; more than 100 MB captured cannot, more than 10 MB give a warning on stderr.
 */
export function remote<F extends AnyFunction, const O extends TaskOptions>(
  fn: F,
  options?: O,
): RemoteFunction<F, O extends { numReturns: infer M extends number } ? M : undefined> {
  atCaller(remote, () => assertShippable(fn));
  const name = fn.name || nameFromSource(remote) || "anonymous";
  const checked = checkedOptions("task", options, `remote(${name})`, remote);
  const streams = isGenerator(fn);
  atCaller(remote, () => assertFits(checked, streams, `remote(${name})`, name));
  return handleFor(new Shipped(fn, name, checked.captures), name, checked, streams) as never;
}

/** What compilers make of `async function*` for targets before ES2018. */
const lowered = /^(?:async\s+)?function[^(]*\([^{}]*\)\s*\{\s*return\s*\(?(?:0,\s*)?[\w$.]*__asyncGenerator\)?\(this,/;

function isGenerator(fn: AnyFunction): boolean {
  return types.isGeneratorFunction(fn) || lowered.test(Function.prototype.toString.call(fn));
}

function assertShippable(fn: unknown): asserts fn is AnyFunction {
  if (typeof fn !== "function") {
    const advice = looksLikeOptions(fn)
      ? "The function comes first, then the options: remote(fn, { … })."
      : "Pass the function itself, not the result of a call: remote(fn).";
    throw new TypeError(`remote() takes a function, but got ${described(fn)}. ${advice}`);
  }
  if (remoteFunctionKey in fn) {
    throw new TypeError(
      `remote() takes a function, but '${fn.name}' is remote already. Use ${fn.name}.options({…}) to change its options.`,
    );
  }
  if (/^class\b/.test(Function.prototype.toString.call(fn))) {
    throw new TypeError(`remote() takes a function, but '${fn.name}' is a class: actors are not available yet.`);
  }
}

/** As Ray's decorator has it: `@ray.remote(num_cpus=2)`. */
function looksLikeOptions(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    !isRevoked(value) &&
    Object.keys(value).some((key) => Object.hasOwn(optionTable.task, key))
  );
}

/** Options that only a generator function has, or only another. */
function assertFits({ numReturns, backpressure }: TaskOptions, streams: boolean, caller: string, name: string): void {
  if (streams && numReturns !== undefined) {
    throw new TypeError(
      `${caller}: the option numReturns is not for generator functions: ${name} gives a stream, with a ref for each item. Leave it out.`,
    );
  }
  if (!streams && backpressure !== undefined) {
    throw new TypeError(
      `${caller}: the option backpressure is for streams, and ${name} is no generator function (function* or async function*). Leave it out.`,
    );
  }
}

function planOf(shipped: Shipped, ownName: string, options: TaskOptions, streams: boolean): Plan {
  const name = options.name ?? ownName;
  return {
    shipped,
    options,
    name,
    rootName: (index) => `argument ${index + 1} of ${name}`,
    returns: options.numReturns ?? taskDefaults.numReturns,
    maxRetries: options.maxRetries ?? taskDefaults.maxRetries,
    retry: retryPlan(options, ownName),
    request: requestOf(options),
    backpressure: streams ? (options.backpressure ?? taskDefaults.backpressure) : undefined,
  };
}

type AnyHandle = RemoteFunction<AnyFunction, number | undefined>;

/** `ownName` is the function's; an option may give the handle another. */
function handleFor(shipped: Shipped, ownName: string, options: TaskOptions, streams: boolean): AnyHandle {
  const plan = planOf(shipped, ownName, options, streams);
  const { name } = plan;
  const handle = (): never => {
    const text = `Remote function '${name}' cannot be called directly. Use ${name}.remote(…), or ${name}.local(…) to run it here.`;
    throw calledAt(handle, new TypeError(text));
  };
  // Own and bound, so that `const { remote } = slow` and `inputs.map(slow.remote)` work.
  const submitCall = (...args: unknown[]): unknown => {
    try {
      return submit(plan, args, callSite(1));
    } catch (error) {
      throw thrownBy(submitCall, error);
    }
  };
  const withOptions = (given: TaskOptions): AnyHandle => {
    const checked = checkedOptions("task", given, `${name}.options()`, withOptions);
    atCaller(withOptions, () => assertFits(checked, streams, `${name}.options()`, name));
    const other = checked.captures === undefined ? shipped : shipped.withCaptures(checked.captures);
    return handleFor(other, ownName, { ...options, ...checked }, streams);
  };
  const shown = (): string => `RemoteFunction(${name})`;
  for (const named of [handle, submitCall]) Object.defineProperty(named, handleNameKey, { value: name });
  Object.defineProperty(submitCall, "name", { value: `${name}.remote` });
  return Object.defineProperties(handle, {
    name: { value: name },
    remote: { value: submitCall, enumerable: true },
    options: { value: withOptions, enumerable: true },
    local: { get: () => localOf(plan) },
    [innerFunctionKey]: { get: () => shipped.function },
    [remoteFunctionKey]: { value: () => travelling(plan, ownName) },
    toString: { value: shown },
    [inspect.custom]: { value: shown },
  }) as never;
}

function localOf({ shipped, name }: Plan): AnyFunction {
  const fn = shipped.function;
  if (fn !== undefined) return fn;
  throw new TypeError(
    `Remote function '${name}' came from another process without its body, so it has no .local here. Use ${name}.remote(…).`,
  );
}

const noDependencies: readonly Dependency[] = [];

function submit(plan: Plan, args: unknown[], site: Site): unknown {
  const { shipped, name, returns, maxRetries, retry, request, backpressure, options } = plan;
  // Before a session is begun for the call: a ref of an earlier one is refused here.
  const dependencies = takeDependencies(args, name);
  const strategy = options.schedulingStrategy;
  if (typeof strategy === "object" && "placementGroup" in strategy)
    assertInSession(strategy.placementGroup, `${name}.remote()`);
  const session = currentSession(`${name}.remote()`);
  const definition = shipped.definitionIn(session, plan.name);
  const encoded = encode(args, plan.rootName);
  const { timeoutMs, signal } = options;
  const parent = currentCall();
  const inherited = parent?.group?.captures === true && strategy === undefined ? parent.group : undefined;
  const retryOn = typeof retry.policy === "string" ? retry.policy : retry.policy.definitionIn(session);
  const payload = session.backend.keep(encoded, () => `arguments of ${name}, submitted at ${site.text}`);
  const ids = session.backend.submit({
    definition,
    name,
    args: payload,
    dependencies,
    returns,
    maxRetries,
    retryOn,
    retryDelay: retry.delay,
    request: inherited === undefined ? request : capturedBy(request, inherited),
    site,
    timeoutMs,
    signal,
    parent: parent?.callId,
    backpressure,
    cancelled: parent?.stopped?.cancel ?? (signal?.aborted === true ? cancelBySignal(signal.reason) : undefined),
  });
  session.hints?.submitted(name, site, args, payload, backpressure === undefined ? ids[0] : undefined);
  if (returns === 0) return undefined;
  const origin: Origin = { name, site, dependencies, signal };
  if (backpressure !== undefined) return streamFor(session, ids[0] as ObjectId, origin);
  if (returns === 1) return refFor(session, ids[0] as ObjectId, origin);
  return ids.map((id): ObjectRef<unknown> => refFor(session, id, origin));
}

/** Takes the refs out of the arguments: the backend puts their values in. */
function takeDependencies(args: unknown[], name: string): readonly Dependency[] {
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

/** What a handle is while it travels. */
interface Travelling {
  readonly definition: string;
  readonly ownName: string;
  readonly options: TaskOptions;
  readonly streams: boolean;
}

function travelling({ shipped, options, name, backpressure }: Plan, ownName: string): Travelling {
  // Captures are in the body already.
  const { captures: _captures, ...others } = options;
  return {
    definition: shipped.definitionIn(currentSession(`Shipping ${name}`)),
    ownName,
    options: others,
    streams: backpressure !== undefined,
  };
}

function arrived({ definition, ownName, options, streams }: Travelling): AnyHandle {
  const session = currentSession(`Receiving ${ownName}`);
  const known = session.shipped.get(definition);
  const shipped =
    known instanceof Shipped ? known : new Shipped(undefined, ownName, undefined, { session, definition });
  return handleFor(shipped, ownName, options, streams);
}

registerKind({
  name: "remoteFunction",
  matches: (value) => typeof value === "function" && remoteFunctionKey in value,
  encode: (value) => (Reflect.get(value, remoteFunctionKey) as () => Travelling)(),
  decode: (data) => arrived(data as Travelling),
});
