// Values that have a form of their own for travelling: the runtime's kinds, and classes with a serializer of the user's.
import { types } from "node:util";
import { RayError } from "../domain/errors.ts";
import { isObject } from "../std/is-object.ts";
import { messageOf } from "../std/message-of.ts";
import type { NodeKind, Out, Section } from "./graph.ts";
import {
  allRegistrations,
  deserializeKey,
  keepRegistration,
  kindNamed,
  kindOf,
  registrationNamed,
  registrationOf,
  selfSerializing,
  serializeKey,
  type TravellingKind,
  type Registration,
} from "./kinds.ts";
import type { Payload } from "./payload.ts";
import { asyncSerializer, threw } from "./problem.ts";
import { Damaged, type Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

/** An error of the user's code that runs while a value is decoded: it comes out as it is, but for the name of that code. */
export class Foreign extends Error {
  readonly thrown: unknown;

  constructor(thrown: unknown) {
    super();
    this.thrown = thrown;
  }
}

/** What the user's function makes. `by`: "deserialize of Money". */
function madeBy(by: string, cls: unknown, make: () => unknown): object {
  try {
    const value = made(make(), by);
    if (types.isPromise(value) && !(typeof cls === "function" && value instanceof cls))
      throw new Foreign(new TypeError(`${by} gave a Promise: it must be synchronous`));
    return value;
  } catch (error) {
    throw error instanceof Foreign ? error : new Foreign(named(error, by));
  }
}

/** Nothing else of the error says which code threw it, and whoever reads it may not know that values are made. */
function named(error: unknown, by: string): unknown {
  if (!types.isNativeError(error)) return error;
  const message: unknown = Object.getOwnPropertyDescriptor(error, "message")?.value;
  if (typeof message !== "string" || message.startsWith(by)) return error;
  try {
    const { stack } = error;
    error.message = `${by}: ${message}`;
    if (typeof stack === "string") error.stack = stack.replace(message, () => error.message);
  } catch {
    // It is frozen, or an accessor of the user's throws.
  }
  return error;
}

function made(value: unknown, by: string): object {
  if (!isObject(value)) throw new Foreign(new TypeError(`${by} must give an object, but gave ${String(value)}`));
  return value;
}

export const kindNode: NodeKind = {
  head(value, out) {
    const kind = kindOf(value, types.isProxy(value)) as TravellingKind;
    out.to.text(kind.name);
    out.complete(kind.encode(value, { ref: (id) => out.ref(id) }), { text: "" });
  },
  make(from) {
    const name = from.from.text();
    const kind = kindNamed(name);
    if (kind?.refusal !== undefined || kind === undefined)
      throw new Damaged(`has a value of the kind '${name}', which nobody has registered here`);
    const data = from.complete();
    try {
      return made(kind.decode(data), `decode of the kind '${name}'`);
    } catch (error) {
      // Kinds are this package's own: what they do not say in its errors comes of data that nobody wrote.
      if (error instanceof RayError) throw new Foreign(error);
      throw new Damaged(`has a value of the kind '${name}' that cannot be made`, { cause: error });
    }
  },
};

/** Writes what a serializer gives; what it throws is the user's and is told with the path. */
function writeSerialized(out: Out, what: string, serialize: () => unknown): void {
  let data: unknown;
  try {
    data = serialize();
  } catch (error) {
    out.fail(threw(what, messageOf(error)));
  }
  if (types.isPromise(data)) {
    out.fail(asyncSerializer(what));
    data = undefined;
  }
  out.complete(data, { text: "<serialized>" });
}

export const registeredNode: NodeKind = {
  head(value, out) {
    const registration = registrationOf(value) as Registration;
    out.to.text(registration.id);
    addRegistration(registration, out);
    writeSerialized(out, `serialize of ${registration.cls.name}`, () => registration.serialize(value));
  },
  make(from) {
    const registration = registrationNamed(from.from.text());
    const data = from.complete();
    if (registration === undefined) throw new Damaged("has a value whose serializer is not known here");
    const { cls, deserialize } = registration;
    return madeBy(`deserialize of ${cls.name}`, cls, () => deserialize(data));
  },
};

export const selfSerializingNode: NodeKind = {
  head(value, out) {
    const cls = selfSerializing(value) as Record<symbol, (value: unknown) => unknown> & { name: string };
    out.complete(cls, { text: `<class ${cls.name}>` });
    writeSerialized(out, `the serializer of ${cls.name}`, () => cls[serializeKey]?.(value));
  },
  make(from) {
    const cls = from.complete();
    const data = from.complete();
    const deserialize: unknown = isObject(cls) ? Reflect.get(cls, deserializeKey) : undefined;
    if (!isObject(cls) || typeof deserialize !== "function")
      throw new Damaged("has a value whose class cannot make it");
    const name = String(Reflect.get(cls, "name"));
    return madeBy(`the deserializer of ${name}`, cls, () => Reflect.apply(deserialize, cls, [data]));
  },
};

// ------------------------------------------------------------------ registrations, which travel too

export interface RegistrationCodec {
  encode(registration: Registration): Payload;
  decode(payload: Payload): unknown;
}

let codec: RegistrationCodec;

/** Set by value.ts, which this file cannot import. */
export function bindRegistrationCodec(bound: RegistrationCodec): void {
  codec = bound;
}

export interface Arrived {
  readonly id: string;
  readonly payload: Payload;
}

export const registrationSection: Section<Set<Registration>, readonly Arrived[]> = {
  number: 2,
  begin: () => new Set(),
  write(registrations, to) {
    to.uint(registrations.size);
    for (const { id, payload } of registrations) {
      to.text(id);
      writeNested(payload as Payload, to);
    }
  },
  read(from) {
    const arrived: Arrived[] = [];
    for (let left = from.count(); left > 0; left--) arrived.push({ id: from.text(), payload: readNested(from) });
    return arrived;
  },
};

function writeNested({ bytes, buffers, refs, modules }: Payload, to: Writer): void {
  for (const part of [bytes, ...buffers]) {
    to.uint(part.byteLength + 1);
    to.raw(part);
  }
  to.uint(0);
  to.uint(refs.length);
  for (const ref of refs) to.text(ref);
  to.byte(modules ? 1 : 0);
}

function readNested(from: Reader): Payload {
  const parts: Uint8Array[] = [];
  for (let size = from.count(); size > 0; size = from.count()) parts.push(from.raw(size - 1));
  const [bytes, ...buffers] = parts;
  if (bytes === undefined) throw new Damaged("has an empty registration");
  const refs: string[] = [];
  for (let left = from.count(); left > 0; left--) refs.push(from.text());
  return { bytes, buffers, refs, modules: from.byte() === 1 };
}

function addRegistration(registration: Registration, out: Out): void {
  registration.payload ??= codec.encode(registration);
  for (const ref of registration.payload.refs) out.ref(ref);
  if (registration.payload.modules) out.needsModules();
  out.table(registrationSection).add(registration);
}

/** A function takes along all that was registered so far: its results and its own calls may need any of it. */
export function addAllRegistrations(out: Out): void {
  for (const registration of allRegistrations()) {
    try {
      addRegistration(registration, out);
    } catch {
      // It is told to whoever ships a value that needs it.
    }
  }
}

/** Makes known here what is not yet. */
export function install(arrived: readonly Arrived[]): void {
  for (const { id, payload } of arrived) {
    if (registrationNamed(id) !== undefined) continue;
    const parts = codec.decode(payload) as [
      Registration["cls"],
      Registration["serialize"],
      Registration["deserialize"],
    ];
    const [cls, serialize, deserialize] = parts;
    keepRegistration({ id, cls, serialize, deserialize, payload });
  }
}
