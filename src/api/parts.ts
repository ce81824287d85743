// `.remote` and `.options` of a handle: functions of their own, bound, so that `const { remote } = slow` and `inputs.map(slow.remote)`
// work. Taken out they travel as well, by way of their handle.
import { registerKind } from "../codec/kinds.ts";

/** On each of them: the handle, and the name there. */
const partKey: unique symbol = Symbol.for("ray-ts.handlePart");

type Parts = Readonly<Record<"remote" | "options", (...args: never[]) => unknown>>;

export function defineParts(handle: object, parts: Parts): void {
  for (const [name, part] of Object.entries(parts)) {
    Object.defineProperty(part, partKey, { value: [handle, name] });
    Object.defineProperty(handle, name, { value: part, enumerable: true });
  }
}

registerKind({
  name: "handlePart",
  matches: (value) => typeof value === "function" && partKey in value,
  encode: (value) => Reflect.get(value, partKey),
  decode: (data) => {
    const [handle, name] = data as [object, keyof Parts];
    return Reflect.get(handle, name) as object;
  },
});
