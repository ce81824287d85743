// What makes an actor: as the front end hands it to a backend, and as a cluster keeps it.
import type { GroupLimits } from "./actor.ts";
import type { DefinitionId } from "./id.ts";
import type { Payload } from "./object.ts";
import type { TaskRequest } from "./request.ts";
import type { CallId, Cancel, Dependency, Site } from "./task.ts";

/** What is known of an actor wherever its name is. */
export interface ActorTraits {
  readonly className: string;
  /** "" for none; unique in its namespace. */
  readonly name: string;
  readonly namespace: string;
  /** -1 for ever. */
  readonly maxRestarts: number;
  readonly limits: GroupLimits;
  /** What a handle is made of, besides the id; the front end's. */
  readonly about: Payload;
}

/** An actor to be, as the front end hands it to a backend. */
export interface ActorSpec extends ActorTraits {
  /** Of the class. */
  readonly definition: DefinitionId;
  readonly args: Payload;
  readonly dependencies: readonly Dependency[];
  /** What it takes as long as it lives; and, when it has `placing`, only until it is made: then nothing. */
  readonly request: TaskRequest;
  readonly placing: boolean;
  /** The actor that has the name, if there is one, instead of this. */
  readonly getIfExists: boolean;
  /** It lives until it is killed, whoever holds it and whatever becomes of its creator. */
  readonly detached: boolean;
  readonly site: Site;
  /** The call of this process that makes it. */
  readonly parent?: CallId | undefined;
  /** Cancelled before it was submitted: it is never made. */
  readonly cancelled?: Cancel | undefined;
}

/** An actor as the cluster knows it from the beginning; its arguments come when they are there. */
export interface ActorPlan extends ActorTraits {
  readonly definition: DefinitionId;
  readonly request: TaskRequest;
  readonly placing: boolean;
  readonly getIfExists: boolean;
  readonly detached: boolean;
  /** Where it was made, in words. */
  readonly site: string;
}

/** What its constructor takes: as for a call. */
export interface ActorArgs {
  readonly args: Payload;
  readonly positions: readonly number[];
  readonly values: readonly Payload[];
}
