// Errors of this package: their classes are found by their codes, whichever copy of the package is on the other side.
import { fromPlain, toPlain, type RayError } from "../domain/errors.ts";
import { taskError, taskErrorParts, type TaskErrorParts } from "../domain/task-error.ts";
import { isObject } from "../std/is-object.ts";
import type { In, NodeKind } from "./graph.ts";
import { readError } from "./nodes-error.ts";
import { writeExtras } from "./nodes-object.ts";
import { placesIn } from "./places.ts";
import { Damaged } from "./reader.ts";

/** On the prototype of each class of ours; a class that a user derives from one has none of its own, and travels like any other. */
const nameKey = Symbol.for("ray-ts.error");
const partsKey = Symbol.for("ray-ts.task-error");

export function isRayError(value: Error): boolean {
  const prototype: object | null = Object.getPrototypeOf(value);
  return prototype !== null && Object.hasOwn(prototype, nameKey) && !isTaskError(value);
}

export function isTaskError(value: Error): boolean {
  return Object.hasOwn(value, partsKey) && taskErrorParts(value) !== undefined;
}

export const rayErrorNode: NodeKind<RayError> = {
  head: (value, out) => out.to.text(toPlain(value).code),
  body: (value, out) => writeExtras(value, out, { prototype: Object.getPrototypeOf(value) as object }),
  make({ from }) {
    const error = fromPlain({ code: from.text(), message: "", fields: {} });
    for (const key of Reflect.ownKeys(error)) Reflect.deleteProperty(error, key);
    return error;
  },
  fill: readLocated,
};

/** An error that stands for one of another process: made anew of what was thrown there, with its class. */
export const taskErrorNode: NodeKind<Error> = {
  head: (value, out) => out.complete(taskErrorParts(value), { text: "" }),
  body: (value, out) =>
    writeExtras(value, out, { prototype: Object.getPrototypeOf(value) as object, own: (key) => key === partsKey }),
  make(from) {
    const parts = from.complete();
    if (!isObject(parts) || !("thrown" in parts)) throw new Damaged("has an error of a task without what was thrown");
    const { submittedAt, ...others } = parts as TaskErrorParts;
    return taskError({ ...others, submittedAt: placesIn(submittedAt) });
  },
  fill: readLocated,
};

/** Our own words, in which there may be places in code that only this process can read. */
function readLocated(error: Error, from: In): void {
  readError(error, from);
  const { message, stack } = error;
  const located = placesIn(message);
  if (located === message) return;
  // It may have been frozen.
  Reflect.set(error, "message", located);
  if (stack !== undefined)
    Reflect.set(
      error,
      "stack",
      stack.replace(message, () => located),
    );
}
