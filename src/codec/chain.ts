// What is above an object, asked in such a way that no trap of the user's runs: a Proxy tells nothing about itself.
import { types } from "node:util";

/** The prototype; null at a Proxy, and where there is none. */
export function above(value: object): object | null {
  return types.isProxy(value) ? null : (Object.getPrototypeOf(value) as object | null);
}

/** Whether a question that goes up the prototypes, as `in` and `instanceof` do, would run the traps of a Proxy. */
export function leadsToProxy(value: object): boolean {
  for (let at: object | null = value; at !== null && at !== Object.prototype; at = above(at))
    if (types.isProxy(at)) return true;
  return false;
}
