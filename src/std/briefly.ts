// Any value in a few words, for messages.
import { inspect, types, type InspectOptions } from "node:util";

/** May run accessors and inspection methods of the value, unless told not to. */
export function briefly(value: unknown, options: InspectOptions = {}): string {
  // Node shows in it what the process that it comes from had noted there.
  if (types.isPromise(value)) return "a Promise";
  return inspect(value, { depth: 1, maxArrayLength: 10, maxStringLength: 200, breakLength: Infinity, ...options });
}
