// Options that somebody gave to a public function: an error about them begins where that was called.
import type { OptionKind, OptionsOf } from "../domain/option-table.ts";
import { checkOptions, type OtherOptions } from "../domain/options-checked.ts";
import { atCaller } from "./own-frames.ts";

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
