// Options that somebody gave to a public function: an error about them begins where that was called.
import type { OptionKind, OptionsOf } from "../domain/option-table.ts";
import { checkOptions, type OtherOptions } from "../domain/options-checked.ts";
import { atCaller, told } from "./own-frames.ts";

/** `callee`: the public function; `caller`: how errors name the call. */
export function checkedOptions<K extends OptionKind>(
  kind: K,
  options: OptionsOf[K] | undefined,
  caller: string,
  callee: (...args: never[]) => unknown,
  others?: OtherOptions,
): OptionsOf[K] {
  return atCaller(callee, () => checkOptions(kind, options, caller, others));
}

/** The same for what is no option, from wherever it is found: the stack begins with whoever called into this package. */
export function wrongCall(message: string): TypeError {
  return told(() => new TypeError(message));
}
