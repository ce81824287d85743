// A call of a remote function, as the front end hands it to a backend.
import type { DefinitionId, ObjectId } from "./id.ts";
import type { Payload } from "./object.ts";
import type { Resources } from "./resources.ts";

/** A place in the user's source. The text is looked up (source maps and all) only when somebody reads it. */
export interface Site {
  readonly text: string;
}

/** A top-level argument that was a ref: the value goes to this position. */
export interface Dependency {
  readonly position: number;
  readonly id: ObjectId;
}

export interface TaskSpec {
  readonly definition: DefinitionId;
  readonly name: string;
  /** The array of arguments; positions that are dependencies hold `undefined`. */
  readonly args: Payload;
  readonly dependencies: readonly Dependency[];
  /** How many results: 0, 1 or more; each has its own ref. */
  readonly returns: number;
  /** System failures to survive; -1 for ever. */
  readonly maxRetries: number;
  readonly request: Resources;
  readonly site: Site;
}

/** Tasks of one shape can run on the same leases. */
export type Shape = string;

/** A handle makes its request once and uses it for every call. */
const shapes = new WeakMap<Resources, Shape>();

export function shapeOf(request: Resources): Shape {
  let shape = shapes.get(request);
  if (shape === undefined) {
    shape = "";
    for (const name in request) shape += `${name}=${request[name]};`;
    shapes.set(request, shape);
  }
  return shape;
}
