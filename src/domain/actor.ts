// Actors by name: how calls say whom they mean, and how a life may end. An actor is named like an object: handles are refs to it,
// and it lives as long as anybody holds one.
import type { ObjectId } from "./id.ts";

export type ActorId = ObjectId;

/** Of calls that name no group of their own. */
export const DEFAULT_GROUP = "";

/** How many calls of an actor may be in progress at once, by concurrency group. */
export type GroupLimits = Readonly<Record<string, number>>;

/** Such an actor runs one call at a time: who waits for one waits for all before it. */
export function isSole(limits: GroupLimits): boolean {
  const all = Object.values(limits);
  return all.length === 1 && all[0] === 1;
}

/** A call of a method. */
export interface MethodCall {
  readonly actor: ActorId;
  readonly className: string;
  /** Of the actor, if it has one. */
  readonly actorName?: string;
  /** As the class names it. */
  readonly method: string;
  readonly group: string;
  /** Calls of this group are pushed in the order in which they were submitted, and wait for those before them. */
  readonly ordered: boolean;
  /** Nothing else runs in the actor while a call of this group does. */
  readonly sole?: boolean;
}

/** How its constructor is called, as a call. */
export function constructorOf(className: string): string {
  return `${className}.constructor`;
}

/** How an actor ended for good. */
export type ActorEnd =
  | "killed"
  | "exited"
  /** `loss` says how. */
  | "crashed"
  /** It was never made; `cause` says why. */
  | "failed"
  | "creatorGone"
  | "unreachable"
  | "nameTaken"
  /** With the placement group that it ran in; `cause` names it. */
  | "groupGone"
  | "unknown";

/** In the order of the type. */
export const actorEnds: readonly ActorEnd[] = [
  "killed",
  "exited",
  "crashed",
  "failed",
  "creatorGone",
  "unreachable",
  "nameTaken",
  "groupGone",
  "unknown",
];
