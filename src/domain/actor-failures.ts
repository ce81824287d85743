// The texts of errors about actors: see failures.ts.
import { constructorOf, type ActorEnd, type ActorId } from "./actor.ts";
import type { ActorDeath } from "./object.ts";
import {
  ActorAlreadyExistsError,
  ActorDiedError,
  ActorNotFoundError,
  ActorUnavailableError,
  ObjectFreedError,
  PendingCallsLimitError,
} from "./errors.ts";
import {
  endOf,
  howItEnded,
  indented,
  isOutOfMemory,
  submitted,
  withoutEngineFrames,
  type CallName,
} from "./failures.ts";
import type { WorkerLoss } from "./object.ts";
import { told } from "./told.ts";
import { nearest } from "../std/nearest.ts";

/** `Actor(Counter, 12ab…)`, with its name where it has one. */
export function actorShown(actor: ActorId, { className, name }: Pick<ActorDeath, "className" | "name">): string {
  return name === "" ? `Actor(${className}, ${actor})` : `Actor(${className} ${JSON.stringify(name)}, ${actor})`;
}

interface Words {
  /** After "Actor(…)". */
  readonly how: string;
  readonly advice: string;
}

const ENDS: Readonly<Record<ActorEnd, (death: ActorDeath) => Words>> = {
  killed: ({ by = "" }) => ({
    how: `was killed${by === "" ? "" : ` ${by}`}`,
    advice: "Make another one, or wait for its calls before you kill it.",
  }),
  exited: () => ({
    how: "has ended itself with exitActor()",
    advice: "Make another one, or wait for its calls before it ends.",
  }),
  crashed: ({ loss, by = "", restarts }) => ({
    how: `${loss === undefined ? "has crashed" : crashed(loss)}${by === "" ? "" : ` ${by}`}`,
    advice: `${restarts === 0 ? "Set maxRestarts" : "Raise maxRestarts"} to have it started again, and maxTaskRetries for calls that may run more than once.`,
  }),
  failed: (death) => ({
    how: `${death.restarts === 0 ? "was never made" : "could not be started again"}${whyNotMade(death)}`,
    advice: "The cause of this error says why.",
  }),
  creatorGone: () => ({
    how: "went with the process that had made it",
    advice: 'Let a process that lives longer make it, such as the driver, or make it with lifetime: "detached".',
  }),
  unreachable: () => ({
    how: "has ended, because nobody had a handle of it any more",
    advice: "Keep a handle as long as the actor is needed.",
  }),
  nameTaken: () => ({
    how: "was never made, because another actor has its name",
    advice: "",
  }),
  groupGone: () => ({
    how: "has ended with the placement group that it ran in, or was to run in",
    advice: "Remove a group only after its last user ended. It also ends with its session.",
  }),
  unknown: () => ({
    how: "is not there, or not any more",
    advice: "It may have ended long ago. Make another one.",
  }),
};

/** After "its actor, a Counter,". */
export function howItDied(death: ActorDeath): string {
  return ENDS[death.end](death).how;
}

function whyNotMade({ className, cause }: ActorDeath): string {
  if (cause?.kind !== "thrown") return "";
  return cause.name === constructorOf(className)
    ? ", because its constructor threw"
    : ", because an argument of its constructor failed";
}

function crashed(loss: WorkerLoss): string {
  const process = `its process ${loss.pid}`;
  if (isOutOfMemory(loss)) return `ran out of memory: ${loss.reason ?? `the heap of ${process} was full`}`;
  if (loss.reason !== undefined) return `had to be ended, because ${loss.reason}`;
  return `has crashed: ${process} ${howItEnded(loss)}`;
}

interface Died extends CallName {
  readonly actor: ActorId;
  readonly death: ActorDeath;
  /** The call may have run, or a part of it. */
  readonly begun: boolean;
}

/** `cause`: the error of what kept it from being made. */
export function actorDied(died: Died, cause: Error | undefined): ActorDiedError {
  const { actor, death, begun, name, site } = died;
  const { how, advice } = ENDS[death.end](death);
  const restarts =
    death.restarts === 0 ? "" : `, after ${death.restarts} ${death.restarts === 1 ? "restart" : "restarts"}`;
  const call = begun ? `${name} may or may not have run there` : `${name} did not run`;
  const message = told(
    `${actorShown(actor, death)} ${how}${restarts}. ${call}.`,
    [
      submitted(site),
      cause === undefined ? "" : indented("its cause:", cause.message),
      indented("last lines on its standard error:", withoutEngineFrames(death.loss?.lastStderr ?? "")),
    ],
    advice,
  );
  const fields = { actorId: actor, begun, ...(death.loss && endOf(death.loss)) };
  return new ActorDiedError(message, fields, cause === undefined ? undefined : { cause });
}

export function actorUnavailable(
  call: CallName & { actor: ActorId; className: string; loss: WorkerLoss },
): ActorUnavailableError {
  const { actor, className, loss, name, site } = call;
  const message = told(
    `${name} may or may not have run: ${actorShown(actor, { className, name: "" })} ${crashed(loss)} while the call was in progress there. It is being started again.`,
    [submitted(site), indented("last lines on its standard error:", withoutEngineFrames(loss.lastStderr))],
    "Call again if it does no harm to run twice, or set maxTaskRetries to have that done.",
  );
  return new ActorUnavailableError(message, { actorId: actor, ...endOf(loss) });
}

export function actorAlreadyExists({ death, site }: { death: ActorDeath; site: string }): ActorAlreadyExistsError {
  const { className, name, namespace } = death;
  const taken = JSON.stringify(name);
  return new ActorAlreadyExistsError(
    told(
      `There is an actor named ${taken} in the namespace ${JSON.stringify(namespace)} already, so this ${className} was never made.`,
      [submitted(site)],
      `Choose another name, use that actor, await getActor(${taken}), or share it: getIfExists: true.`,
    ),
  );
}

export function actorNotFound(name: string, namespace: string, names: readonly string[]): ActorNotFoundError {
  const near = nearest(name, names);
  const advice =
    near === undefined
      ? "It may have ended, have another name, or live in another namespace: listNamedActors({ allNamespaces: true }) shows all."
      : `Did you mean ${JSON.stringify(near)}?`;
  return new ActorNotFoundError(
    told(`No actor is named ${JSON.stringify(name)} in the namespace ${JSON.stringify(namespace)}.`, [], advice),
  );
}

export function pendingCallsLimit(call: { name: string; shown: string; limit: number }): PendingCallsLimitError {
  const { name, shown, limit } = call;
  return new PendingCallsLimitError(
    told(
      `${name}.remote(): ${limit} ${limit === 1 ? "call" : "calls"} of ${shown} from here ${limit === 1 ? "is" : "are"} unfinished, as many as its option maxPendingCalls allows.`,
      [],
      "Wait for some of the results before you call again, or raise maxPendingCalls.",
    ),
  );
}

/** A handle that was used after it had been given up. */
export function handleGivenUp({ what, shown, id }: { what: string; shown: string; id: ActorId }): ObjectFreedError {
  const message = told(
    `${what}: this handle of ${shown} was given up before.`,
    [],
    "Give a handle up only after its last use. `using` does it at the end of its block, also for handles that were handed on.",
  );
  return new ObjectFreedError(message, { objectId: id });
}
