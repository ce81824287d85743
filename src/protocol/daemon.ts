// Between a client (driver or worker) and the daemon. The brains speak these messages as they are: nothing is translated on the way.
import type { ActorId } from "../domain/actor.ts";
import type { ActorArgs, ActorPlan } from "../domain/actor-spec.ts";
import type { ActorDeath } from "../domain/object.ts";
import type { DefinitionId, ObjectId, ProcessId } from "../domain/id.ts";
import type { Failure, Outcome, Payload, WorkerLoss } from "../domain/object.ts";
import type { GroupEnd, GroupId, GroupPlan } from "../domain/placement.ts";
import type { NodeOffer, Shape, Shortage, TaskRequest } from "../domain/request.ts";
import type { Medium } from "../domain/store.ts";
import type { Resources } from "../domain/resources.ts";

/** Counts up within a daemon's life; a higher lease is a later one. */
export type LeaseId = number;

/** Any client to the daemon. In order, per client. */
export type ToDaemon =
  /**
   * How many leases of this shape the sender lacks, beyond all it was granted up to and including lease `seen`: grants that were on
   * their way to it count against the number, and leases that ended meanwhile change nothing, whoever hears of that first. The latest
   * word counts.
   */
  | {
      readonly type: "demand";
      readonly shape: Shape;
      readonly request: TaskRequest;
      readonly lacking: number;
      readonly seen: LeaseId;
      /** Of the first task that waits; "" when none does. For messages. */
      readonly name: string;
    }
  /** The sender has nothing in flight on this lease and will not push on it again. `begun`: calls that it had answers to. */
  | { readonly type: "giveBack"; readonly lease: LeaseId; readonly begun: number }
  /**
   * The sender will not push on this lease again, and the call that runs under it is to be stopped by force: its worker is ended; only
   * when that is the sender itself, and runs other calls, the lease is recalled.
   * `recursive`: so are those that run calls which that worker has submitted, and so on.
   */
  | { readonly type: "endWorker"; readonly lease: LeaseId; readonly recursive: boolean }
  /** The sender has found no room in the store, neither in memory nor on the disk: what is garbage there should be collected. */
  | { readonly type: "full" }
  /** The sender (the owner) makes an object known; it counts as one hold of the sender. Before any `hold` of it, `publish` after it. */
  | { readonly type: "share"; readonly id: ObjectId }
  /** The sender has put large parts of a payload into the store, under an id of its own; it counts as one hold of the sender. */
  | { readonly type: "store"; readonly id: ObjectId; readonly bytes: number; readonly medium: Medium }
  /** `process` is about to receive this ref from the sender. Sent before the ref itself. */
  | { readonly type: "hold"; readonly id: ObjectId; readonly process: ProcessId }
  /**
   * These refs have come from `process`, each as often as it is here, since the sender last said so. `last`: nothing more comes from
   * there. What that process had announced for the sender and is never named will not come: those holds go.
   */
  | {
      readonly type: "heard";
      readonly process: ProcessId;
      readonly ids: readonly ObjectId[];
      readonly last: boolean;
    }
  /** From its owner, which lets go of it: if it is lost as long as others hold it, the owner makes it again. Answered by `freed`, once. */
  | { readonly type: "outlives"; readonly id: ObjectId }
  /** The sender lets go of so many holds it was given. */
  | { readonly type: "release"; readonly id: ObjectId; readonly count: number }
  /** The value of a shared object, from its owner; once more when it was lost and is made again. Refs inside were shared before. */
  | { readonly type: "publish"; readonly id: ObjectId; readonly outcome: Outcome }
  /**
   * The value of this object, as the sender was given it, names parts in the store that cannot be read. Answered as `subscribe` is, by
   * another value.
   */
  | { readonly type: "lost"; readonly id: ObjectId; readonly stored: ObjectId }
  /** Answered by one `value`, as soon as there is one. */
  | { readonly type: "subscribe"; readonly id: ObjectId }
  | { readonly type: "define"; readonly definition: DefinitionId; readonly payload: Payload }
  /** Others may name it: it is kept when the sender, whose function it is, has ended. May come before `define`. */
  | { readonly type: "travels"; readonly definition: DefinitionId }
  /** Nobody can name it any more. */
  | { readonly type: "undefine"; readonly definition: DefinitionId }
  /** Answered by one `definition`. */
  | { readonly type: "fetch"; readonly definition: DefinitionId }
  /** The sender makes a placement group: it is reserved when its turn has come and there is enough for all of its bundles. */
  | {
      readonly type: "createGroup";
      readonly plan: GroupPlan;
      /** "" for none. */
      readonly name: string;
      readonly detached: boolean;
    }
  /**
   * The sender makes an actor, under an id of its own, which counts as one hold of the sender. It is there from now on, and is begun when
   * its arguments have come.
   */
  | { readonly type: "createActor"; readonly id: ActorId; readonly plan: ActorPlan }
  /** From its creator; after `actorLacks` only what was lost, with `args` that nobody looks at. Refs inside were shared before. */
  | ({ readonly type: "actorArgs"; readonly id: ActorId } & ActorArgs)
  /** From its creator: an argument cannot be there. From its worker: its constructor has failed. */
  | { readonly type: "actorFailed"; readonly id: ActorId; readonly cause: Failure }
  /** From its worker: it takes calls. `cleansUp`: there is something for it to do when it ends in order. */
  | { readonly type: "actorMade"; readonly id: ActorId; readonly cleansUp: boolean }
  /** From its worker: it takes no more calls, and will end by itself. */
  | { readonly type: "actorLeaves"; readonly id: ActorId }
  /**
   * From its worker: a call, or an actor that runs one at a time, has waited for long, for these actors, calls and objects of others. Comes
   * now and then. None: it goes on.
   */
  | { readonly type: "awaits"; readonly id: ObjectId; readonly on: readonly ObjectId[] }
  /** The sender has calls for it. Answered by `actorAt`, now and whenever it is started again, or by `actorDead`. */
  | { readonly type: "seek"; readonly id: ActorId }
  /** Answered by one `answer` with the same number, as soon as there is one. */
  | { readonly type: "ask"; readonly ask: number; readonly question: Question }
  /** From a worker: it can run calls now. */
  | { readonly type: "ready" }
  /** From a worker: the call running under this lease waits for results of others (or goes on). It lends its CPUs meanwhile. */
  | { readonly type: "blocked"; readonly lease: LeaseId }
  | { readonly type: "unblocked"; readonly lease: LeaseId }
  /** From a worker: it accepts no more calls under this lease, and none is running. The answer to `recall`. `begun`: how many have begun. */
  | { readonly type: "leaseOver"; readonly lease: LeaseId; readonly begun: number };

export type Question =
  | "clusterResources"
  | "availableResources"
  | "nodes"
  /** Do away with this group. Answered when nothing of it is taken any more; at once when there is none. */
  | { readonly removeGroup: GroupId }
  /** Whether all of this group is reserved now. */
  | { readonly isReserved: GroupId }
  /** Which group has this name. */
  | { readonly groupNamed: string }
  /** End this actor. Answered at once: the end itself comes by and by. `by`: who wants it, for messages. */
  | { readonly killActor: ActorId; readonly restart: boolean; readonly by: string }
  /** The answer counts as a hold of the asker. */
  | { readonly actorNamed: string; readonly namespace: string }
  /** Of one namespace, or of all of them. */
  | { readonly namedActors: string | undefined };

/** The answer to `groupNamed`. */
export interface GroupsNamed {
  readonly plan: GroupPlan | undefined;
  /** Those that there are, when none has that name. */
  readonly names: readonly string[];
}

/** A lease that the worker has ended, and how many calls it had begun under it. */
export interface EndedLease {
  readonly lease: LeaseId;
  readonly begun: number;
}

/**
 * `ended`: of the receiver's latest leases there, those that had ended by then. Calls were begun in the order in which they were pushed:
 * whatever came later has not.
 */
export interface WorkerLost {
  readonly type: "workerLost";
  readonly worker: ProcessId;
  readonly loss: WorkerLoss;
  readonly ended: readonly EndedLease[];
  /** Of the actor that lived there. */
  readonly actor?: ActorFate | undefined;
}

/** `death`: absent when it is being started again. */
export interface ActorFate {
  readonly id: ActorId;
  readonly death?: ActorDeath | undefined;
}

export interface ActorTitle {
  readonly id: ActorId;
  readonly className: string;
  /** "" for none. */
  readonly name: string;
}

/** Refs inside were counted as holds of the receiver before. */
export interface Host extends ActorArgs {
  readonly type: "host";
  readonly id: ActorId;
  readonly lease: LeaseId;
  readonly plan: ActorPlan;
  /** How often it has been started again. */
  readonly restarts: number;
  readonly resources: Resources;
}

/** The daemon to any client. */
export type FromDaemon =
  | {
      readonly type: "granted";
      readonly lease: LeaseId;
      readonly shape: Shape;
      readonly worker: ProcessId;
      readonly address: string;
      /** What calls have under it: what the shape asks for, with concrete GPUs. */
      readonly resources: Resources;
      /** No more calls than that may be pushed under it. Absent: any number. */
      readonly callsMax?: number;
    }
  /** No node can ever give what such a request asks for: what waits for this shape fails. */
  | { readonly type: "unschedulable"; readonly shape: Shape; readonly node: NodeOffer }
  /** A placement group is no more in which the receiver has asked for something: what waits for it fails, and what runs in it is to end. */
  | { readonly type: "groupGone"; readonly group: GroupId; readonly name: string; readonly why: GroupEnd }
  /** No process can be started in the environment that such a request asks for: what waits for this shape fails. */
  | { readonly type: "setupFailed"; readonly shape: Shape; readonly loss: WorkerLoss }
  /** A demand of this shape has had nothing for long: others hold what it needs. */
  | {
      readonly type: "starved";
      readonly shape: Shape;
      readonly shortage: Shortage;
      /** It is no call that waits, but an actor to be. */
      readonly actor?: { readonly name: string; readonly request: TaskRequest; readonly site: string };
    }
  /** To whoever had a lease on it, after everything the worker itself had sent to the daemon. */
  | WorkerLost
  /** A process has ended that had announced refs for the receiver: answered by `heard`, when all that it had sent has come. */
  | { readonly type: "departed"; readonly process: ProcessId }
  /** Refs inside were counted as holds of the receiver before. */
  | { readonly type: "value"; readonly id: ObjectId; readonly outcome: Outcome }
  /** To an owner: somebody waits for an object that the daemon does not know. Share and publish it, or `publish` its loss. */
  | { readonly type: "requested"; readonly id: ObjectId }
  /** To an owner that has said `outlives`: nobody holds it any more. */
  | { readonly type: "freed"; readonly id: ObjectId }
  /** To an owner: `reader` could not read the parts of its value that are in the store, and waits for another, or its loss. */
  | { readonly type: "lost"; readonly id: ObjectId; readonly stored: ObjectId; readonly reader: ProcessId }
  | {
      readonly type: "definition";
      readonly definition: DefinitionId;
      readonly payload?: Payload;
      readonly failure?: Failure;
    }
  /** To whoever has fetched it: nobody will ask for it any more. */
  | { readonly type: "forget"; readonly definition: DefinitionId }
  | { readonly type: "answer"; readonly ask: number; readonly answer: unknown }
  /** To a worker: this owner may push under this lease from now on (the push itself may have come first). */
  | { readonly type: "leased"; readonly lease: LeaseId; readonly owner: ProcessId }
  /**
   * To a worker: end this lease. "idle": as soon as nothing runs or waits under it. "yield": give waiting calls back now, end
   * after the running one. "over": its owner gave it back or is gone; forget it, and drop what it had queued.
   */
  | { readonly type: "recall"; readonly lease: LeaseId; readonly when: "idle" | "yield" | "over" }
  /** To an owner: less urgent calls wait for what this lease has. It is to be given back as soon as the owner has no more calls for it. */
  | { readonly type: "spare"; readonly lease: LeaseId }
  /**
   * The answer to `seek`: the actor lives there; calls are pushed under this seat, as under a lease.
   * `restartable`: it may be started again, so that it matters which calls have begun.
   */
  | {
      readonly type: "actorAt";
      readonly actor: ActorId;
      readonly seat: LeaseId;
      readonly worker: ProcessId;
      readonly address: string;
      readonly resources: Resources;
      readonly restartable: boolean;
    }
  /** What was made or sought under this id, with `getIfExists`, is this actor: the one that has the name. Of that all else is said. */
  | { readonly type: "actorIs"; readonly id: ActorId; readonly actor: ActorId }
  /** It has ended without a process of which the receiver knew. Refs inside were counted as holds of the receiver before. */
  | { readonly type: "actorDead"; readonly actor: ActorId; readonly death: ActorDeath }
  /** To its creator: a value that it is made of was lost, as `cause` says. Answered by `actorArgs` or `actorFailed`. */
  | { readonly type: "actorLacks"; readonly id: ActorId; readonly cause: Extract<Failure, { kind: "lost" }> }
  /** To a driver: these actors wait for each other, the last for the first, and none of their calls can end. */
  | { readonly type: "cycle"; readonly actors: readonly ActorTitle[] }
  /** To a worker that has nothing to do: an actor is to live there under this lease, as long as the process does. */
  | Host
  /** To any client: memory of the object store is nearly full, or somebody waits for what actors have. Garbage should be collected: refs and handles keep both. */
  | { readonly type: "collect" }
  /**
   * To a worker: there are more idle workers than needed. It ends; or answers `ready`, when it has something left to do. To one with an
   * actor: nobody needs that any more; it ends in order.
   */
  | { readonly type: "retire" };
