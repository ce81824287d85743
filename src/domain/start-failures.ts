// The texts of errors about processes that could not be started: see failures.ts.
import { OutOfMemoryError, RuntimeEnvSetupError } from "./errors.ts";
import { callShown, endOf, howItEnded, indented, submitted, withoutEngineFrames, type CallName } from "./failures.ts";
import type { WorkerLoss } from "./object.ts";
import type { TaskRequest } from "./request.ts";
import type { Env } from "./runtime-env.ts";
import { told } from "./told.ts";

/** What the system says when a program has as much as it may have of files, processes or memory. */
const BEYOND_LIMITS = /\b(?:EMFILE|ENFILE|EAGAIN|ENOMEM)\b/;

/** No process could be started: `loss` says how the last one ended. */
export function setupFailed(
  call: CallName & { request: TaskRequest; loss: WorkerLoss },
): RuntimeEnvSetupError | OutOfMemoryError {
  const { loss, name, site, request } = call;
  if (loss.outOfMemory === true) return noRoom(call, loss);
  const who = callShown(name).replace(/^./, (letter) => letter.toLowerCase());
  const why = loss.reason ?? `worker process ${loss.pid} ${howItEnded(loss)} before it was ready`;
  if (BEYOND_LIMITS.test(why))
    return new RuntimeEnvSetupError(
      told(
        `No process could be started for ${who}: ${why}.`,
        [submitted(site)],
        "The system allows no more: raise its limits (ulimit -n for open files, three for each process; ulimit -u), or have fewer actors at once.",
      ),
    );
  return new RuntimeEnvSetupError(
    told(
      `The environment of ${who} could not be set up: ${why}.`,
      [submitted(site), indented("last lines of its output:", withoutEngineFrames(loss.lastStderr))],
      `Check its runtimeEnv: ${JSON.stringify(request.env ?? {})}.`,
    ),
  );
}

/** The machine has no memory for another process. */
function noRoom({ name, site }: CallName, loss: WorkerLoss): OutOfMemoryError {
  return new OutOfMemoryError(
    told(
      `${callShown(name)} got no process, for which the machine has no memory: ${loss.reason ?? ""}.`,
      [submitted(site)],
      "Make fewer actors, each for the work of several, or let some end (kill, or give up their handles) before you make others. " +
        "See also what else has memory on this machine.",
    ),
    endOf(loss),
  );
}

/** Of the session: `reason` has the last lines of output. */
export function sessionSetupFailed({ reason, env }: { reason: string; env: Env }): RuntimeEnvSetupError {
  return new RuntimeEnvSetupError(
    told(
      `The environment of the session could not be set up: ${reason}`,
      [],
      `Check the runtimeEnv of init(): ${JSON.stringify(env)}.`,
    ),
  );
}
