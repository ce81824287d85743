// The error classes of the public surface. They carry plain data only, so that an error can cross processes and be built again.
//
// `instanceof` looks for a brand on the prototype chain and not for this copy's own prototypes: an error made by one
// installed copy of the package is an instance of the same class of another copy.
import { errorTable, fieldsOf } from "./error-table.ts";
import type { ErrorName } from "./error-table.ts";

/** On the prototype of each class of ours: its name. The nearest one on the chain says what an error is. */
const nameKey: unique symbol = Symbol.for("ray-ts.error");

function brandOf(name: string): symbol {
  return Symbol.for(`ray-ts.error.${name}`);
}

/** Of our own: `ErrorOptions` stands in the library of ES2022 only, and users compile for older ones. */
export interface Cause {
  readonly cause?: unknown;
}

export class RayError extends Error {
  readonly code: string;

  /** Missing fields get the defaults of the table. */
  constructor(message: string, fields: Readonly<Record<string, unknown>> = {}, options?: Cause) {
    super(message, options);
    const name = nameOf(this) ?? "RayError";
    this.code = errorTable[name].code;
    for (const [field, { default: fallback, told }] of Object.entries(fieldsOf(name))) {
      // Defined, not assigned: a subclass of the user may have an accessor of that name.
      Object.defineProperty(this, field, {
        value: fields[field] ?? fallback,
        enumerable: told !== true,
        writable: true,
        configurable: true,
      });
    }
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    // A class that users derive from ours has no brand of its own and is told by its prototype, as usual.
    const own = Object.hasOwn(this.prototype, nameKey) ? nameOf(this.prototype) : undefined;
    if (own === undefined) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === "object" && value !== null && Reflect.get(value, brandOf(own)) === true;
  }
}

export class TaskError extends RayError {}
export class TaskCancelledError extends RayError {}
export class TaskTimeoutError extends RayError {}

export class WorkerCrashedError extends RayError {
  declare readonly exitCode: number | null;
  declare readonly signal: string | null;
  declare readonly lastStderr: string;
}
export class TaskExitedError extends WorkerCrashedError {}
export class OutOfMemoryError extends RayError {
  declare readonly exitCode: number | null;
  declare readonly signal: string | null;
  declare readonly lastStderr: string;
}

export class ActorError extends RayError {
  declare readonly actorId: string;
}
export class ActorDiedError extends ActorError {
  declare readonly begun: boolean;
  declare readonly exitCode: number | null;
  declare readonly signal: string | null;
  declare readonly lastStderr: string;
}
export class ActorUnavailableError extends ActorError {
  declare readonly exitCode: number | null;
  declare readonly signal: string | null;
  declare readonly lastStderr: string;
}
export class ActorAlreadyExistsError extends RayError {}
export class ActorNotFoundError extends RayError {}
export class PendingCallsLimitError extends RayError {}

export class GetTimeoutError extends RayError {}
export class ObjectLostError extends RayError {
  declare readonly objectId: string;
}
export class ObjectFreedError extends ObjectLostError {}
export class OwnerDiedError extends ObjectLostError {}
export class ObjectReconstructionFailedError extends ObjectLostError {}
export class ObjectStoreFullError extends RayError {}
export class OutOfDiskError extends RayError {}
export class ObjectStoreUnavailableError extends RayError {}

export class SerializationError extends RayError {
  declare readonly path: string;
  declare readonly reason: string;
  declare readonly hint: string;
  declare readonly location: string;
}

export class UnschedulableError extends RayError {}
export class PlacementGroupRemovedError extends RayError {}
export class PlacementGroupAlreadyExistsError extends RayError {}
export class PlacementGroupNotFoundError extends RayError {}
export class RuntimeEnvSetupError extends RayError {}
export class SessionClosedError extends RayError {}
export class ConnectionError extends RayError {}
export class QueueEmptyError extends RayError {}
export class QueueFullError extends RayError {}

/** By the name in the table; the compiler proves that none is missing on either side. */
const errorClasses: Readonly<Record<ErrorName, typeof RayError>> = {
  RayError,
  TaskError,
  TaskCancelledError,
  TaskTimeoutError,
  WorkerCrashedError,
  TaskExitedError,
  OutOfMemoryError,
  ActorError,
  ActorDiedError,
  ActorUnavailableError,
  ActorAlreadyExistsError,
  ActorNotFoundError,
  PendingCallsLimitError,
  GetTimeoutError,
  ObjectLostError,
  ObjectFreedError,
  OwnerDiedError,
  ObjectReconstructionFailedError,
  ObjectStoreFullError,
  OutOfDiskError,
  ObjectStoreUnavailableError,
  SerializationError,
  UnschedulableError,
  PlacementGroupRemovedError,
  PlacementGroupAlreadyExistsError,
  PlacementGroupNotFoundError,
  RuntimeEnvSetupError,
  SessionClosedError,
  ConnectionError,
  QueueEmptyError,
  QueueFullError,
};

/** Marks a prototype as that of the class: `instanceof` and `toPlain` go by these marks. */
export function brand(prototype: object, name: ErrorName): void {
  Object.defineProperty(prototype, nameKey, { value: name, configurable: true });
  Object.defineProperty(prototype, brandOf(name), { value: true });
}

for (const [name, errorClass] of Object.entries(errorClasses) as [ErrorName, typeof RayError][]) {
  brand(errorClass.prototype, name);
  // Written out because minifiers rename classes. On the prototype, where the header of `stack` finds it.
  Object.defineProperty(errorClass.prototype, "name", { value: name, writable: true, configurable: true });
}

function nameOf(error: object): ErrorName | undefined {
  return Reflect.get(error, nameKey) as ErrorName | undefined;
}

/** An error of ours as data. A cause is the caller's to carry: it may be any value. */
export interface PlainError {
  /** Tells the class. (The `code` of a TaskError may be another: that of what was thrown.) */
  readonly code: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export function toPlain(error: RayError): PlainError {
  // A copy of the package that is newer may know classes which this one does not: then the code says all.
  const row = errorTable[nameOf(error) ?? "RayError"] as (typeof errorTable)[ErrorName] | undefined;
  const name = row === undefined ? "RayError" : (nameOf(error) ?? "RayError");
  const fields = Object.keys(fieldsOf(name)).map((field): [string, unknown] => [field, Reflect.get(error, field)]);
  return { code: row?.code ?? error.code, message: error.message, fields: Object.fromEntries(fields) };
}

export function fromPlain(plain: PlainError, options?: Cause): RayError {
  for (const [name, { code }] of Object.entries(errorTable)) {
    if (code === plain.code) return new errorClasses[name as ErrorName](plain.message, plain.fields, options);
  }
  const unknown = new RayError(plain.message, plain.fields, options);
  Object.defineProperty(unknown, "code", { value: plain.code, enumerable: true, writable: true, configurable: true });
  return unknown;
}
