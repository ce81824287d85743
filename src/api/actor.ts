// remote(class): an actor class, whose `.remote(…)` makes an object in a process of its own and gives a handle of it.
import { constructorOf } from "../domain/actor.ts";
import { inspect } from "node:util";
import { innerFunctionKey } from "../codec/exports.ts";
import { registerKind } from "../codec/kinds.ts";
import { callSite } from "../codec/places.ts";
import { encode } from "../codec/value.ts";
import { actorDefaults } from "../domain/option-table.ts";
import type { ActorOptions } from "../domain/options.ts";
import type { TaskRequest } from "../domain/request.ts";
import type { Site } from "../domain/task.ts";
import { aboutOf, aboutToGo } from "./actor-about.ts";
import { handleFor } from "./actor-handle.ts";
import { methodsOf } from "./actor-methods.ts";
import { checkedOptions } from "./checked.ts";
import type { About } from "./grip.ts";
import type { ActorHandle, AnyActor, AnyClass, AnyFunction, RemoteArgs } from "./lift.ts";
import { actorClassNameKey } from "./mistakes.ts";
import { atCaller, thrownBy } from "./own-frames.ts";
import { defineParts, isMarked } from "./parts.ts";
import { requestOf } from "./request.ts";
import { currentSession } from "./session.ts";
import { Shipped } from "./shipped.ts";
import { currentCall } from "./slot.ts";
import { assertGroup, requestIn, takeDependencies } from "./submit.ts";

/**
 * A class whose instances live in processes of their own. Not to be called or made with `new`, on purpose: `.remote(…)` makes an actor,
 * `new Counter.local(…)` an object here. Travels in arguments, results and closures.
 */
export interface ActorClass<C extends AnyClass> {
  /**
   * A new actor in a process of its own; gives its handle at once, before the constructor has run. A ref among the arguments stands for
   * its value, which is waited for. What goes wrong with it is told by its calls: ActorDiedError, with the error of the constructor as
   * `cause`. Ray: `Counter.remote`.
   *
   * Throws at the call: SerializationError for arguments that cannot travel, ObjectFreedError, SessionClosedError.
   */
  remote(...args: RemoteArgs<ConstructorParameters<C>>): ActorHandle<InstanceType<C>>;
  /** The same class with these options over its own; this one stays as it is. TypeError for options that are wrong. */
  options(options: ActorOptions<C>): ActorClass<C>;
  /** The class itself, for tests and direct use: `new Counter.local(…)`. */
  readonly local: C;
  /** What errors call it. */
  readonly name: string;
}

/** Another copy of the package recognises an actor class by it. The value says what travels in its place. */
export const actorClassKey: unique symbol = Symbol.for("ray-ts.actorClass");

type AnyActorClass = ActorClass<AnyClass>;

/** What is worked out once per actor class, so that making an actor only fills in its arguments. */
interface Plan {
  readonly shipped: Shipped;
  readonly className: string;
  readonly methods: ReadonlyMap<string, boolean>;
  readonly options: ActorOptions;
  readonly about: About;
  readonly request: TaskRequest;
  readonly placing: boolean;
}

/** `callee`: the public function, where errors begin. */
export function actorClass(
  cls: AnyClass,
  className: string,
  given: ActorOptions | undefined,
  callee: (...args: never[]) => unknown,
): AnyActorClass {
  const caller = `remote(${className})`;
  const options = checkedOptions("actor", given, caller, callee);
  const shipped = new Shipped(cls as never, className, options.captures);
  return classFor(atCaller(callee, () => planOf(shipped, className, methodsOf(cls.prototype), options, caller)));
}

function planOf(
  shipped: Shipped,
  className: string,
  methods: ReadonlyMap<string, boolean>,
  options: ActorOptions,
  caller: string,
): Plan {
  if (options.name === undefined && options.getIfExists === true)
    throw new TypeError(`${caller}: the option getIfExists needs a name to look for. Set the option name too.`);
  if (options.name === undefined && options.lifetime === "detached")
    throw new TypeError(
      `${caller}: a detached actor needs a name, or nobody could find it again once its handles are gone. Set the option name too.`,
    );
  const placing = [options.numCpus, options.numGpus, options.memory, options.resources].every(
    (amount) => amount === undefined,
  );
  return {
    shipped,
    className,
    methods,
    options,
    about: aboutOf(className, methods, options, caller),
    request: requestOf(options),
    placing,
  };
}

function classFor(plan: Plan): AnyActorClass {
  const { className, shipped, methods, options } = plan;
  // No arrow function: it is to be reached by `new` too, and by classes that extend it.
  const handle = function (): never {
    throw new TypeError(
      new.target === undefined
        ? `Actor class '${className}' cannot be called. Use ${className}.remote(…) to make an actor.`
        : `Actor class '${className}' cannot be made with new, or extended. Use ${className}.remote(…) to make an actor; the class itself is ${className}.local.`,
    );
  };
  const make = (...args: unknown[]): AnyActor => {
    try {
      return create(plan, args, callSite(1));
    } catch (error) {
      throw thrownBy(make, error);
    }
  };
  const withOptions = (given: ActorOptions): AnyActorClass => {
    const caller = `${className}.options()`;
    const checked = checkedOptions("actor", given, caller, withOptions);
    return classFor(
      atCaller(withOptions, () => {
        const other = checked.captures === undefined ? shipped : shipped.withCaptures(checked.captures);
        return planOf(other, className, methods, { ...options, ...checked }, caller);
      }),
    );
  };
  const shown = (): string => `ActorClass(${className})`;
  for (const named of [handle, make]) Object.defineProperty(named, actorClassNameKey, { value: className });
  Object.defineProperty(make, "name", { value: `${className}.remote` });
  defineParts(handle, { remote: make, options: withOptions });
  return Object.defineProperties(handle, {
    name: { value: className },
    local: { get: () => localOf(plan) },
    [innerFunctionKey]: { get: () => shipped.function },
    [actorClassKey]: { value: () => travelling(plan) },
    toString: { value: shown },
    [inspect.custom]: { value: shown },
  }) as never;
}

function localOf({ shipped, className }: Plan): AnyFunction {
  const cls = shipped.function;
  if (cls !== undefined) return cls;
  throw new TypeError(
    `Actor class '${className}' came from another process without its body, so it has no .local here. Use ${className}.remote(…).`,
  );
}

function create(plan: Plan, args: unknown[], site: Site): AnyActor {
  const { shipped, className, options, about, request, placing } = plan;
  const { name = "", maxRestarts = actorDefaults.maxRestarts, schedulingStrategy: strategy } = options;
  const call = constructorOf(className);
  // Before a session is begun for it: a ref of an earlier one is refused here.
  const dependencies = takeDependencies(args, call);
  assertGroup(strategy, className);
  const parent = currentCall();
  if (parent?.stopped?.cancel !== undefined) throw parent.stopped.error;
  const session = currentSession(`${className}.remote()`);
  const { backend } = session;
  const { definition } = shipped.exportIn(session, className, site);
  const encoded = encode(args, (index) => `argument ${index + 1} of ${call}`);
  const payload = backend.keep(encoded, () => `arguments of ${call}, submitted at ${site.text}`);
  const traits = encode(aboutToGo(session, about), `what is known of ${className}`);
  const id = backend.createActor({
    className,
    name,
    namespace: options.namespace ?? backend.identity.namespace,
    maxRestarts,
    limits: about.limits,
    about: backend.keep(traits, () => `what is known of ${className}`),
    definition,
    args: payload,
    dependencies,
    request: requestIn(parent, request, strategy),
    placing,
    getIfExists: options.getIfExists ?? false,
    detached: options.lifetime === "detached",
    site,
    parent: parent?.callId,
  });
  session.hints?.passed({ name: call, site, args }, payload);
  return handleFor(session, id, about, { name: className, site, dependencies, signal: undefined });
}

/** What an actor class is while it travels. */
interface Travelling {
  readonly definition: string;
  readonly className: string;
  readonly methods: ReadonlyMap<string, boolean>;
  readonly options: ActorOptions;
}

function travelling({ shipped, className, methods, options }: Plan): Travelling {
  // Captures are in the body already.
  const { captures: _captures, ...others } = options;
  const definition = shipped.definitionIn(currentSession(`Shipping ${className}`));
  return { definition, className, methods, options: others };
}

registerKind({
  name: "actorClass",
  proxies: true,
  matches: (value) => isMarked(value, actorClassKey),
  encode: (value) => (Reflect.get(value, actorClassKey) as () => Travelling)(),
  decode: (data) => {
    const { definition, className, methods, options } = data as Travelling;
    const shipped = Shipped.arrived(currentSession(`Receiving ${className}`), definition, className);
    return classFor(planOf(shipped, className, methods, options, `Receiving ${className}`));
  },
});
