// What the first function costs that a process looks into, paid before there is one.
import { Script } from "node:vm";
import { encodeFunction } from "./function.ts";
import { canInspect, inspecting, scriptIdOf } from "./scope.ts";
import { scriptInfo } from "./scripts.ts";

/**
 * The first look into a function takes a process some 80 ms: well spent while the processes of a cluster come up. `program`: the URL
 * of the script from which most functions will come; all of it is looked through for the first one.
 */
export function warmUp(program: string | undefined): void {
  try {
    inspecting(() => {
      encodeFunction(new Script("((captured) => () => captured)(1)").runInThisContext() as () => number);
      const scriptId = program !== undefined && canInspect() ? scriptIdOf(program) : undefined;
      if (scriptId !== undefined) scriptInfo(scriptId);
    });
  } catch {
    // Where functions may not be looked into, the first one that has to be says so, and what to do.
  }
}
