// What a backend has to say that is no answer to anything: for whoever watches the program.
import type { ActorId } from "./actor.ts";
import type { ObjectId } from "./id.ts";
import type { Failure, Payload, WorkerLoss } from "./object.ts";
import type { Shortage, TaskRequest } from "./request.ts";
import type { Site } from "./task.ts";

export type News =
  | { readonly type: "retry"; readonly retry: Retry }
  | { readonly type: "starved"; readonly starvation: Starvation }
  /** A call failed while nobody here waited for its result, and nobody elsewhere knows of it. No id: it has none. */
  | { readonly type: "unheard"; readonly failure: Failure; readonly id: ObjectId | undefined }
  /** Once, when the first large value is stored: there is no shared memory for it, or too little, but files in this folder. */
  | { readonly type: "slowStore"; readonly folder: string }
  /** Actors wait for each other, and none of them goes on. */
  | { readonly type: "cycle"; readonly actors: readonly { id: ActorId; className: string; name: string }[] }
  /** Once for a function, when many calls of it were short. */
  | { readonly type: "short"; readonly short: ShortCalls };

/** A call is to be tried again. */
export interface Retry {
  readonly name: string;
  readonly site: Site;
  /** The one that is to come; the first of all was 1. */
  readonly attempt: number;
  /** Undefined: without an end. */
  readonly attemptsMax: number | undefined;
  /** Why: how the worker ended, or what was thrown. Neither: what it had made was lost. */
  readonly loss: WorkerLoss | undefined;
  readonly thrown: Payload | undefined;
}

/** A call, or an actor to be, has waited for long for what others hold. */
export interface Starvation extends Shortage {
  readonly name: string;
  readonly isActor?: boolean;
  readonly site: Site;
  readonly request: TaskRequest;
}

/** Calls of a function turn out to be shorter than their way to a worker. */
export interface ShortCalls {
  readonly name: string;
  readonly site: Site;
  /** What a call of late took. */
  readonly micros: number;
}
