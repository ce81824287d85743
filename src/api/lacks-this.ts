// A method that was given to `remote` alone has no `this`: what the engine then says does not name the reason.
import { types } from "node:util";
import { textOf } from "../std/text-of.ts";
import { isNative } from "../codec/intrinsics.ts";

/** Whether the error says that the function's own `this` was undefined. Looks at no getter of the user's. */
export function lacksThis(fn: unknown, error: unknown): boolean {
  if (typeof fn !== "function" || !types.isNativeError(error)) return false;
  const message: unknown = Object.getOwnPropertyDescriptor(error, "message")?.value;
  if (typeof message !== "string") return false;
  if (isNative(fn)) return message.endsWith(" called on null or undefined");
  const text = textOf(fn);
  const property = /^Cannot (?:read|set) properties of undefined \((?:reading|setting) '(.+)'\)$/.exec(message)?.[1];
  if (property !== undefined) return text.includes(`this.${property}`) || text.includes("this[");
  if (/^Cannot (?:read|write) private member #/.test(message)) return text.includes("this.#");
  return /^Cannot destructure .*'this' as it is undefined/.test(message);
}
