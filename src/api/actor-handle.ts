// Handles of actors: an object with the methods of the actor, each with its own `.remote`.
//
//   handle ── own: methods, by name; the grip; handle[actorHandle]
//     └─ the prototype of all handles ── dispose, how to print it
//          a proxy, because a name that is none of these must be an error there and then
import { inspect } from "node:util";
import { registerKind } from "../codec/kinds.ts";
import { callSite, settle } from "../codec/places.ts";
import { pendingCallsLimit } from "../domain/actor-failures.ts";
import { isSole, type ActorId } from "../domain/actor.ts";
import type { MethodOptions } from "../domain/options.ts";
import type { TaskRequest } from "../domain/request.ts";
import { aboutArrived, aboutToGo, planArrived, planToGo, planWith, type TravellingAbout } from "./actor-about.ts";
import { noMethod } from "./actor-methods.ts";
import { assertHeld, Grip, gripKey, gripOf, type About, type MethodPlan } from "./grip.ts";
import { actorHandle, type AnyActor, type AnyFunction, type RemoteMethod } from "./lift.ts";
import { described, handleNameKey } from "./mistakes.ts";
import { atCaller, thrownBy, told } from "./own-frames.ts";
import { defineParts, isMarked } from "./parts.ts";
import { Hold, type Origin } from "./ref.ts";
import { currentSession } from "./session.ts";
import type { Session } from "./slot.ts";
import { submit, type CallPlan } from "./submit.ts";

/** Takes over one hold of the actor that the backend has counted already. */
export function handleFor(session: Session, id: ActorId, about: About, origin?: Origin): AnyActor {
  const grip = new Grip(new Hold(session, id, origin), about);
  const handle = Object.create(handlePrototype) as object;
  Object.defineProperty(handle, gripKey, { value: grip });
  const { className } = about;
  Object.defineProperty(handle, actorHandle, { get: () => Object.freeze({ id: grip.actorId, className }) });
  for (const [name, plan] of about.methods)
    Object.defineProperty(handle, name, { value: methodOf(grip, name, plan), enumerable: true });
  return Object.freeze(handle) as AnyActor;
}

/** A handle of whoever asks, made of what the cluster knows of the actor. */
export function handleArrived(session: Session, id: ActorId, about: TravellingAbout): AnyActor {
  return handleFor(session, id, aboutArrived(session, about));
}

// ------------------------------------------------------------------ methods

type AnyMethod = RemoteMethod<AnyFunction, number | undefined>;

/** On a method: how it travels. */
const methodKey: unique symbol = Symbol.for("ray-ts.actorMethod");

/** What a call takes besides what its actor has. */
const NOTHING: TaskRequest = { resources: {} };

function methodOf(grip: Grip, method: string, plan: MethodPlan): AnyMethod {
  const call = callPlan(grip, method, plan);
  const { name } = plan;
  const { maxPendingCalls } = grip.about;
  const { backend } = grip.hold.session;
  const direct = (): never => {
    throw new TypeError(
      `Actor methods cannot be called directly: ${name} runs in the process of the actor. Use ${name}.remote(…), which gives a ref.`,
    );
  };
  const submitCall = (...args: unknown[]): unknown => {
    try {
      assertHeld(grip, `${name}.remote()`);
      if (backend.pendingCalls(grip.id) >= maxPendingCalls)
        throw pendingCallsLimit({ name, shown: grip.shown, limit: maxPendingCalls });
      const site = callSite(1);
      // As it is noted it keeps this function alive, and so, with the ref of the result, the actor.
      settle(site);
      return submit(call, args, site);
    } catch (error) {
      throw thrownBy(submitCall, error);
    }
  };
  const withOptions = (given: MethodOptions): AnyMethod => {
    const other = atCaller(withOptions, () => planWith(plan, given, grip.about.limits, `${name}.options()`));
    return methodOf(grip, method, other);
  };
  const shown = (): string => `RemoteMethod(${name})`;
  for (const named of [direct, submitCall]) Object.defineProperty(named, handleNameKey, { value: name });
  Object.defineProperty(submitCall, "name", { value: `${name}.remote` });
  defineParts(direct, { remote: submitCall, options: withOptions });
  return Object.defineProperties(direct, {
    name: { value: name },
    [methodKey]: { value: { grip, method, plan } satisfies Taken },
    toString: { value: shown },
    [inspect.custom]: { value: shown },
  }) as never;
}

function callPlan({ id, about }: Grip, method: string, plan: MethodPlan): CallPlan {
  const { className, name: actorName, limits } = about;
  const { name, group, returns, maxRetries, retry, timeoutMs, signal, backpressure } = plan;
  const ordered = limits[group] === 1;
  return {
    name,
    shipped: undefined,
    method: { actor: id, className, actorName, method, group, ordered, sole: isSole(limits) },
    returns,
    maxRetries,
    retry,
    request: NOTHING,
    strategy: undefined,
    timeoutMs,
    signal,
    backpressure,
    rootName: (index) => `argument ${index + 1} of ${name}`,
  };
}

// ------------------------------------------------------------------ what all handles have

/** Asked for by tools that want to know what they have before them, and by `await`. */
const asked = /^(?:then|inspect|nodeType|tagName|asymmetricMatch|(?:\$\$|@@).*)$/;

function gripIn(handle: unknown): Grip {
  const grip = gripOf(handle);
  if (grip === undefined)
    throw new TypeError(`This is a method of actor handles, but it was called on ${described(handle)}.`);
  return grip;
}

const members = {
  __proto__: null,
  [Symbol.dispose](): void {
    gripIn(this).hold.drop();
  },
  toString(): string {
    return gripIn(this).shown;
  },
  [Symbol.toPrimitive](hint: string): string {
    const { shown } = gripIn(this);
    if (hint === "string") return shown;
    throw new TypeError(
      `${shown} is a handle of an actor, and cannot be used in + or other operators. To print it: \`\${handle}\`.`,
    );
  },
  toJSON(): never {
    throw new TypeError(
      `${gripIn(this).shown} cannot be turned into JSON: a handle holds only while its session lasts. Pass it to calls as it is, or give the actor a name and use getActor(name).`,
    );
  },
  [inspect.custom](): string {
    const { shown, hold } = gripIn(this);
    if (hold.session.closed) return `${shown} { session ended }`;
    return hold.dropped ? `${shown} { given up }` : shown;
  },
};

function noSuchMethod({ about: { className, methods }, shown }: Grip, key: string): TypeError {
  const why = `${noMethod(key, methods, className)} ${shown} is a handle: what is no method stays in the process of the actor, and so do fields that hold functions (name = () => …).`;
  return told(() => new TypeError(why));
}

/** What every object has: the handle has it, and the actor no method of that name. */
function withoutRemote(fn: AnyFunction, grip: Grip, key: string): unknown {
  const bare = function (this: unknown, ...args: never[]): unknown {
    return Reflect.apply(fn, this, args) as unknown;
  };
  const remote = (): never => {
    throw noSuchMethod(grip, key);
  };
  return Object.defineProperty(bare, "remote", { get: remote });
}

const handlePrototype: object = new Proxy(members, {
  get(target, key, handle): unknown {
    const grip = gripOf(handle);
    const own: unknown = Object.hasOwn(target, key) ? Reflect.get(target, key, handle) : undefined;
    if (typeof key === "symbol" || asked.test(key)) return own;
    const found = own ?? (Reflect.get(Object.prototype, key, handle) as unknown);
    if (grip === undefined) return found;
    if (typeof found === "function" && key !== "constructor") return withoutRemote(found as AnyFunction, grip, key);
    if (key in Object.prototype) return found;
    throw noSuchMethod(grip, key);
  },
  set(_target, key, _value, handle): never {
    throw new TypeError(
      `${gripOf(handle)?.shown ?? "A handle"} cannot be given a property ${JSON.stringify(String(key))}: what an actor has is in its process. Call a method that sets it.`,
    );
  },
});

// ------------------------------------------------------------------ travelling

/** What is behind a method that was taken out of its handle. */
interface Taken {
  readonly grip: Grip;
  readonly method: string;
  readonly plan: MethodPlan;
}

interface TravellingHandle {
  /** Under which it is held. */
  readonly id: ActorId;
  /** Of the actor, if that is known there. */
  readonly actor: ActorId | undefined;
  readonly about: TravellingAbout;
}

function toGo({ hold, about, id }: Grip): TravellingHandle {
  return { id, actor: hold.session.backend.actorIdOf(id), about: aboutToGo(hold.session, about) };
}

/** Of the session that it has come into; it is held by the value that it has come in, and from now on by what is made of it. */
function holdArrived({ id, actor, about }: TravellingHandle): Session {
  const session = currentSession("Receiving an actor handle");
  session.backend.hold(id);
  if (actor !== id) session.backend.findActor(id, { actor, name: about.name });
  return session;
}

// A handle travels as the id, like a ref, with what is known of the methods.
registerKind({
  name: "actorHandle",
  proxies: true,
  matches: (value) => gripOf(value) !== undefined,
  encode: (value, note) => {
    const grip = gripIn(value);
    assertHeld(grip, "A handle that was to travel");
    note.ref(grip.id);
    return toGo(grip);
  },
  decode: (data) => {
    const { id, about } = data as TravellingHandle;
    return handleArrived(holdArrived(data as TravellingHandle), id, about);
  },
});

registerKind({
  name: "actorMethod",
  proxies: true,
  matches: (value) => isMarked(value, methodKey),
  encode: (value, note) => {
    const { grip, method, plan } = Reflect.get(value, methodKey) as Taken;
    assertHeld(grip, `${plan.name}, which was to travel`);
    note.ref(grip.id);
    return [toGo(grip), method, planToGo(grip.hold.session, plan)];
  },
  decode: (data) => {
    const [handle, method, plan] = data as [TravellingHandle, string, Parameters<typeof planArrived>[1]];
    const session = holdArrived(handle);
    const grip = new Grip(new Hold(session, handle.id, undefined), aboutArrived(session, handle.about));
    return methodOf(grip, method, planArrived(session, plan));
  },
});
