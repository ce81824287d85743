// Which functions give streams, and the options that only they have, or only the others.
import { types } from "node:util";
import { textOf } from "../std/text-of.ts";
import type { TaskOptions } from "../domain/options.ts";
import type { AnyFunction } from "./lift.ts";

/** What compilers make of `async function*` for targets before ES2018. */
const lowered =
  /^(?:async\s+)?(?:function)?[^(]*\([^{}]*\)\s*\{\s*return\s*\(?(?:0,\s*)?[\w$.]*__asyncGenerator\)?\(this,/;

export function isGenerator(fn: AnyFunction): boolean {
  return types.isGeneratorFunction(fn) || lowered.test(textOf(fn));
}

/** Throws for options that do not go with whether it is a stream. */
export function assertFits(
  { numReturns, backpressure }: Pick<TaskOptions, "numReturns" | "backpressure">,
  streams: boolean,
  caller: string,
  name: string,
): void {
  if (streams && numReturns !== undefined) {
    throw new TypeError(
      `${caller}: the option numReturns is not for generator functions: ${name} gives a stream, with a ref for each item. Leave it out.`,
    );
  }
  if (!streams && backpressure !== undefined) {
    throw new TypeError(
      `${caller}: the option backpressure is for streams, and ${name} is no generator function (function* or async function*). Leave it out.`,
    );
  }
}
