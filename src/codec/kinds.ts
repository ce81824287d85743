// Values with a form of their own for travelling: the runtime's (references, handles), and those that users register.
import { memoizedVector } from "./arrow.ts";
import { above } from "./chain.ts";
import type { Payload } from "./payload.ts";
import type { Problem } from "./problem.ts";
import { calledAt } from "../std/own-frames.ts";
import { randomHex } from "../std/random.ts";

export interface Note {
  /** A reference to this object of the cluster is inside: whoever keeps the payload keeps it alive. */
  ref(id: string): void;
}

/**
 * How values of the runtime's own travel. Asked before anything else is tried; never about plain objects and arrays, and about
 * proxies and what inherits from one only with `proxies`, since a question may run the user's traps.
 */
export type Kind = TravellingKind | StayingKind;

interface AnyKind {
  readonly name: string;
  readonly proxies?: boolean;
  readonly matches: (value: unknown) => boolean;
}

/** Never travels, and why. */
interface StayingKind extends AnyKind {
  readonly refusal: Problem;
}

export interface TravellingKind extends AnyKind {
  readonly refusal?: undefined;
  /** Any value that can be encoded. */
  readonly encode: (value: object, note: Note) => unknown;
  readonly decode: (data: unknown) => object;
}

const kinds: Kind[] = [memoizedVector];

export function registerKind(kind: Kind): void {
  const known = kinds.findIndex(({ name }) => name === kind.name);
  if (known >= 0) kinds[known] = kind;
  else kinds.push(kind);
}

export function kindOf(value: object, isProxy: boolean): Kind | undefined {
  for (const kind of kinds) if ((!isProxy || kind.proxies === true) && kind.matches(value)) return kind;
  return undefined;
}

export function kindNamed(name: string): Kind | undefined {
  return kinds.find((kind) => kind.name === name);
}

// ------------------------------------------------------------------ serializers of users

type AnyClass<T> = abstract new (...args: never[]) => T;

export interface Serializer<T, S> {
  serialize(value: T): S;
  deserialize(data: S): T;
}

export interface Registration {
  /** Unique in the job. */
  readonly id: string;
  readonly cls: AnyClass<object>;
  readonly serialize: (value: object) => unknown;
  readonly deserialize: (data: unknown) => unknown;
  /** Made when it first travels. It is its own payload, so that whoever knows it can pass over it. */
  payload?: Payload;
}

const registrations = new Map<string, Registration>();
const byPrototype = new WeakMap<object, Registration>();

/**
 * How instances of a class travel, when copying their properties would not do. Registered in the driver, it holds in every worker
 * of the job. It also holds for subclasses that have none of their own, which then arrive as what `deserialize` makes.
 */
export function registerSerializer<T, S>(cls: AnyClass<T>, serializer: Serializer<T, S>): void {
  // Whoever has no types may give anything.
  const { serialize, deserialize } = Object(serializer) as Serializer<T, S>;
  if (typeof cls !== "function" || typeof serialize !== "function" || typeof deserialize !== "function") {
    const text = "registerSerializer() takes a class and { serialize, deserialize }, both of them functions.";
    throw calledAt(registerSerializer, new TypeError(text));
  }
  keepRegistration({
    id: randomHex(8),
    cls: cls as AnyClass<object>,
    serialize: serialize as (value: never) => unknown as (value: object) => unknown,
    deserialize: deserialize as (data: never) => unknown as (data: unknown) => unknown,
  });
}

export function keepRegistration(registration: Registration): void {
  const { prototype } = registration.cls as { prototype: object };
  const before = byPrototype.get(prototype);
  if (before !== undefined) registrations.delete(before.id);
  registrations.set(registration.id, registration);
  byPrototype.set(prototype, registration);
}

export function registrationOf(value: object): Registration | undefined {
  if (registrations.size === 0) return undefined;
  for (let at = above(value); at !== null; at = above(at)) {
    const found = byPrototype.get(at);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function registrationNamed(id: string): Registration | undefined {
  return registrations.get(id);
}

export function allRegistrations(): Iterable<Registration> {
  return registrations.values();
}

/** Static methods of a class under these keys do the same as a registration. */
export const serializeKey: unique symbol = Symbol.for("ray-ts.serialize");
export const deserializeKey: unique symbol = Symbol.for("ray-ts.deserialize");

/** The class of a value that has both. */
export function selfSerializing(value: object): object | undefined {
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype === null) return undefined;
  const constructor: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  if (typeof constructor !== "function") return undefined;
  return serializeKey in constructor && deserializeKey in constructor ? constructor : undefined;
}
