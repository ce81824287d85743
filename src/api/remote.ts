// remote(fn): a handle whose `.remote(…)` runs the function elsewhere. The function itself is shipped once, at the first call. Of a class:
// actors, see api/actor.
import { inspect } from "node:util";
import { registerKind } from "../codec/kinds.ts";
import { callSite } from "../codec/places.ts";
import { optionTable, taskDefaults } from "../domain/option-table.ts";
import { actorClass, actorClassKey, type ActorClass } from "./actor.ts";
import { isClass } from "./actor-methods.ts";
import { checkedOptions } from "./checked.ts";
import type { ActorOptions, TaskOptions } from "../domain/options.ts";
import { assertFits, isGenerator } from "./generators.ts";
import type { AnyClass, AnyFunction, FitFor, RemoteArgs, RemoteReturn, Untyped } from "./lift.ts";
import { described, handleNameKey } from "./mistakes.ts";
import { nameFromSource } from "./naming.ts";
import { atCaller, thrownBy } from "./own-frames.ts";
import { defineParts, isMarked } from "./parts.ts";
import { requestOf } from "./request.ts";
import { retryPlan } from "./retries.ts";
import { isRevoked } from "../std/is-array.ts";
import { calledAt } from "../std/own-frames.ts";
import { innerFunctionKey } from "../codec/exports.ts";
import { currentSession } from "./session.ts";
import { Shipped } from "./shipped.ts";
import { submit, type CallPlan } from "./submit.ts";

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
    options: O & FitFor<F, O>,
  ): RemoteFunction<F, O extends { numReturns: infer M extends number } ? M : N>;
  /** The function itself, for tests and direct calls. */
  readonly local: F;
  /** What errors call it. */
  readonly name: string;
}

interface Plan extends CallPlan {
  readonly shipped: Shipped;
  readonly options: TaskOptions;
}

/** Another copy of the package recognises a handle by it. The value says what travels in the handle's place. */
const remoteFunctionKey: unique symbol = Symbol.for("ray-ts.remoteFunction");

/** What has no type is taken for a function. */
export function remote<F, const O extends TaskOptions>(
  fn: F & Untyped<F>,
  options?: O,
): RemoteFunction<AnyFunction, O extends { numReturns: infer M extends number } ? M : undefined>;
/** A class becomes an actor class. Declared before functions: compilers may tell of the last form only, and most calls are of functions. */
export function remote<C extends AnyClass>(cls: C, options?: ActorOptions<C>): ActorClass<C>;
/**
 * A function that runs elsewhere. Closures, imports and classes it uses travel with it, as they are at the first call: what changes
 * later is passed as an argument. `.remote(…)` submits a call and gives a ref at once, `.options({…})` is the same function with
 * other options, `.local` is the function itself. Ray: `ray.remote`.
 *
 * A generator function (`function*`, `async function*`) gives a stream: `.remote(…)` gives an ObjectRefGenerator at once.
 * `for await (const ref of stream)` takes a ref for each item, in order and while the function runs; `stream.values()` gives the values.
 * The function pauses when `backpressure` items are unread; one that has paused for a tenth of a second lends its CPUs. Of an
 * actor that runs one call at a time it stays the one that runs: a loop over `loader.batches.remote()` that waits for another call of
 * `loader` inside may wait for ever. `maxConcurrency: 2` or a concurrency group lets that call run beside it; or submit it, and wait for
 * it after the loop; or let all items be made ahead, `backpressure: Infinity`. Who leaves the loop cancels the call: its signal aborts, its `finally` blocks run. After an error come first the items made before it, then a ref
 * whose `get` rejects with it (with `values()` it is thrown), then the end. When the call is tried again, what has come is passed over: the items
 * must be the same each time, and no fewer. So it is when one of them was lost, and is made again. A stream is read where it was begun, and ends with the call that has begun it.
 *
 * A class becomes an actor class: `.remote(…)` makes an object of it in a process of its own and gives a handle of that at once, whose
 * methods are called with `handle.method.remote(…)`. Ray: `@ray.remote` on a class.
 *
 * Errors: TypeError for what is no function or class and for options that are wrong. At the first call: SerializationError with the path
 * of what cannot travel; more than 100 MB captured cannot, more than 10 MB give a hint.
 */
export function remote<F extends AnyFunction, const O extends TaskOptions>(
  fn: F,
  options?: O & FitFor<F, O>,
): RemoteFunction<F, O extends { numReturns: infer M extends number } ? M : undefined>;
export function remote(fn: AnyFunction | AnyClass, options?: object): unknown {
  atCaller(remote, () => assertShippable(fn));
  const own: unknown = fn.name;
  // A class may have a static member of that name.
  const name = (typeof own === "string" && own) || nameFromSource(remote) || "anonymous";
  if (isClass(fn)) return actorClass(fn, name, options, remote);
  const checked = checkedOptions("task", options, `remote(${name})`, remote);
  const streams = isGenerator(fn);
  atCaller(remote, () => assertFits(checked, streams, `remote(${name})`, name));
  return handleFor(new Shipped(fn, name, checked.captures), name, checked, streams) as never;
}

function assertShippable(fn: unknown): asserts fn is AnyFunction | AnyClass {
  if (typeof fn !== "function") {
    const advice = looksLikeOptions(fn)
      ? "The function or class comes first, then the options: remote(fn, { … })."
      : "Pass the function or the class itself, not the result of a call or of new: remote(fn), remote(Class).";
    throw new TypeError(`remote() takes a function or a class, but got ${described(fn)}. ${advice}`);
  }
  if (actorClassKey in fn && !Object.hasOwn(fn, actorClassKey)) {
    const parent = (Object.getPrototypeOf(fn) as AnyFunction).name;
    throw new TypeError(
      `remote() takes a function or a class, but '${fn.name}' extends an actor class. Extend the class itself, ${parent}.local: class ${fn.name} extends ${parent}.local { … }.`,
    );
  }
  if (remoteFunctionKey in fn || actorClassKey in fn) {
    throw new TypeError(
      `remote() takes a function or a class, but '${fn.name}' is remote already. Use ${fn.name}.options({…}) to change its options.`,
    );
  }
}

/** As Ray's decorator has it: `@ray.remote(num_cpus=2)`. */
function looksLikeOptions(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    !isRevoked(value) &&
    Object.keys(value).some((key) => Object.hasOwn(optionTable.task, key) || Object.hasOwn(optionTable.actor, key))
  );
}

function planOf(shipped: Shipped, ownName: string, options: TaskOptions, streams: boolean): Plan {
  const name = options.name ?? ownName;
  return {
    shipped,
    method: undefined,
    options,
    name,
    rootName: (index) => `argument ${index + 1} of ${name}`,
    returns: options.numReturns ?? taskDefaults.numReturns,
    maxRetries: options.maxRetries ?? taskDefaults.maxRetries,
    retry: retryPlan(options, ownName),
    request: requestOf(options),
    strategy: options.schedulingStrategy,
    timeoutMs: options.timeoutMs,
    signal: options.signal,
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
  defineParts(handle, { remote: submitCall, options: withOptions });
  return Object.defineProperties(handle, {
    name: { value: name },
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
  const shipped = Shipped.arrived(currentSession(`Receiving ${ownName}`), definition, ownName);
  return handleFor(shipped, ownName, options, streams);
}

registerKind({
  name: "remoteFunction",
  proxies: true,
  matches: (value) => isMarked(value, remoteFunctionKey),
  encode: (value) => (Reflect.get(value, remoteFunctionKey) as () => Travelling)(),
  decode: (data) => arrived(data as Travelling),
});
