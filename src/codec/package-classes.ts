// Whether what cannot travel lies inside of an instance of a package's class: then it is the package's affair, and the user can only leave
// that instance in its process.
import { types } from "node:util";
import { scriptOfFunction, type AnyFunction } from "./capture.ts";
import { above } from "./chain.ts";
import { classNameOf } from "./choose-function.ts";
import { constructorOf } from "./owners.ts";

/** The class of the outermost such instance of these objects, the outermost of which is the last. Within `inspecting`. */
export function packageClassAmong(objects: readonly (object | undefined)[]): string | undefined {
  for (const object of objects.toReversed()) {
    const cls = object === undefined || typeof object === "function" ? undefined : classOf(object);
    if (cls !== undefined && isPackageClass(cls)) return classNameOf(cls);
  }
  return undefined;
}

const known = new WeakMap<AnyFunction, boolean>();

/** Within `inspecting`. */
export function isPackageClass(cls: AnyFunction): boolean {
  let found = known.get(cls);
  if (found === undefined) known.set(cls, (found = isOfPackage(scriptOfFunction(cls)?.url ?? "")));
  return found;
}

function classOf(object: object): ReturnType<typeof constructorOf> {
  const prototype = above(object);
  // The prototype of a class is no instance of what is above it.
  if (prototype === null || types.isProxy(prototype) || constructorOf(object) !== undefined) return undefined;
  return constructorOf(prototype);
}

/** Of a URL, or of a path, which is relative where the package belongs to the project. */
export function isOfPackage(place: string): boolean {
  return /(^|[\\/])node_modules[\\/]/.test(place);
}
