// THE SEAM: what any cluster must do for the front end. Implemented by inline, local and (later) ray; one conformance suite tests all.
import type { ActorId } from "./domain/actor.ts";
import type { ActorSpec } from "./domain/actor-spec.ts";
import type { DefinitionId, ObjectId, ProcessId } from "./domain/id.ts";
import type { Outcome, Payload } from "./domain/object.ts";
import type { GroupId, GroupPlan } from "./domain/placement.ts";
import type { Progress } from "./domain/progress.ts";
import type { CallId, Cancel, Site, TaskSpec } from "./domain/task.ts";

export interface NodeInfo {
  nodeId: string;
  alive: boolean;
  address: string;
  resources: Record<string, number>;
  labels: Record<string, string>;
}

/** A placement group to be made. `name`: "" for none. */
export interface GroupWish extends Omit<GroupPlan, "id"> {
  readonly name: string;
  readonly detached: boolean;
  /** In whose code it is made, of a call or after it. */
  readonly actor: ActorId | undefined;
}

export interface KillActor {
  readonly restart: boolean;
  readonly site: Site;
}

export interface ActorName {
  readonly name: string;
  readonly namespace: string;
}

export interface ActorFound {
  readonly actor: { readonly id: ActorId; readonly about: Payload } | undefined;
  readonly names: readonly string[];
}

/** Who and where this process is, as far as the cluster is concerned. Constant while the backend lives. */
export interface Identity {
  readonly kind: "inline" | "local" | "ray";
  readonly address: string;
  readonly sessionId: string;
  readonly jobId: string;
  readonly nodeId: string;
  /** The process that owns what this backend submits. */
  readonly processId: ProcessId;
  readonly namespace: string;
  /** What CUDA calls the GPUs of the machine, by index. */
  readonly gpus: readonly string[];
  readonly dashboardUrl: string | undefined;
}

/** In which call code runs; undefined in the driver. */
export interface Asker {
  readonly call: CallId | undefined;
}

export interface Backend {
  readonly identity: Identity;

  /**
   * The payload as it can be kept and sent: an encoded value has views of the memory of its user, who goes on to write into it. Hand it over
   * once, to `define`, `submit` or `put`, or as what a call gives; or `drop` it. `label`: what it is, for whoever looks what takes all the
   * room. Throws OutOfDiskError, ObjectStoreFullError or ObjectStoreUnavailableError when there is none for it.
   */
  keep(payload: Payload, label: () => string): Payload;
  drop(payload: Payload): void;
  /** What was kept, with all of its parts; those it has not in itself are in memory of their own. Throws ObjectLostError when they are gone. */
  open(payload: Payload): Payload;

  /** A fresh id for a definition of this process. */
  nextDefinition(): DefinitionId;
  /** Makes a shipped function known to the cluster, before the first task that names it. Refs inside live as long as it. */
  define(definition: DefinitionId, payload: Payload): void;
  /** Others may name it from now on, also when this process has ended. */
  travels(definition: DefinitionId): void;
  /** Nobody can name it any more. A class stays as long as there is an actor of it that may have to be made again. */
  undefine(definition: DefinitionId): void;

  /**
   * Never blocks, never throws for what the cluster may refuse: that becomes the outcome of the refs. The ids of the results (none
   * for `returns: 0`; for a stream the one that says when it has ended), each counted as held once by the caller. Keeps alive the refs in `spec` for as long as it needs them.
   */
  submit(spec: TaskSpec): readonly ObjectId[];
  /** Stores a value; the id is held once by the caller. `site`: where, for messages; of large ones. */
  put(value: Payload, site?: string): ObjectId;

  /** The outcome, if it is in this process now. */
  read(id: ObjectId): Outcome | undefined;
  /** The value of this object, as `read` or `watch` gave it, could not be opened. From now on they tell what comes of it instead. */
  lost(id: ObjectId, value: Payload): void;
  /**
   * Calls back once: when there is an outcome, at the latest when the session ends; never before `watch` has returned. The
   * caller keeps the ref held meanwhile.
   */
  watch(id: ObjectId, notify: (outcome: Outcome) => void): void;
  /** Takes back one `watch` of this function that was not called back yet. */
  unwatch(id: ObjectId, notify: (outcome: Outcome) => void): void;

  /**
   * The next item of the stream whose call makes `stream`, as the object that it is or will be: held by the stream, to be watched like
   * any other. Undefined: none comes any more, or the stream was left. A watched one that turns out to be none has an outcome too.
   */
  peekItem(stream: ObjectId): ObjectId | undefined;
  /** The caller takes over the item that `peekItem` gave, which has an outcome, with one hold of it. The next one is next. */
  takeItem(stream: ObjectId): void;
  /** Nobody reads the stream any more: what is unread goes, and its call is cancelled. */
  leaveStream(stream: ObjectId): void;

  /** How far the call that makes this object has come. Undefined: it has ended, or another process submitted it. */
  progress(id: ObjectId): Progress | undefined;

  /**
   * Ends the call that makes this object: its refs fail at once, whatever the function still does; it does not begin any more, and
   * is never tried again. No effect when it has ended, or another process submitted it. `asker`: the code that wants it; when left out,
   * that which submitted the call.
   */
  cancel(id: ObjectId, cancel: Cancel, asker?: Asker): void;

  /** One more object in this process stands for this id. Every `hold` is matched by one `release`. */
  hold(id: ObjectId): void;
  release(id: ObjectId): void;

  /** The call `lease` of this process waits for others from now on / goes on. Does nothing outside of tasks. Nesting is the caller's to count.
   * `awaited`: for what it waits, asked for when that takes long. */
  blocked(call: CallId, awaited: () => readonly ObjectId[]): void;
  unblocked(call: CallId): void;

  /**
   * Never blocks; what becomes of it shows in its calls. The id is held once by the caller, like that of an object: `hold` and `release`
   * count handles, and an actor without any ends when its calls have. Calls are submitted with `method`.
   */
  createActor(spec: ActorSpec): ActorId;
  /** The id that all its handles have. Undefined: it was made with `getIfExists`, and it is not known yet which that is. */
  actorIdOf(actor: ActorId): ActorId | undefined;
  /** A handle has come in which `actorIdOf` is another than the id that it is held under; undefined: it was not known where it came from. `name`: of the actor. */
  findActor(id: ActorId, as: { readonly actor: ActorId | undefined; readonly name: string }): void;
  /** Calls of it that this process has submitted and that have not ended. */
  pendingCalls(actor: ActorId): number;
  /** Ends it now; with `restart` it is started again as after a crash. Resolves when that is under way; does nothing to one that has ended. */
  killActor(actor: ActorId, kill: KillActor): Promise<void>;
  /** The id is held once by the caller. Undefined: none that lives; `names` are those of the namespace. */
  actorNamed(name: string, namespace: string): Promise<ActorFound>;
  /** Of one namespace, or of all. */
  namedActors(namespace: string | undefined): Promise<readonly ActorName[]>;

  /** Never blocks; what becomes of it shows in the calls that name it. It goes with this process, or the job, unless it is detached. */
  createGroup(wish: GroupWish): GroupId;
  /** Its users fail, and are ended where that is possible. Resolves when it is given up; on processes, when all of it is free again. */
  removeGroup(id: GroupId): Promise<void>;
  /** Whether all of it is reserved now. */
  isReserved(id: GroupId): Promise<boolean>;
  /** `names`: of those that there are. */
  groupNamed(name: string): Promise<{ readonly plan: GroupPlan | undefined; readonly names: readonly string[] }>;

  clusterResources(): Promise<Record<string, number>>;
  availableResources(): Promise<Record<string, number>>;
  nodes(): Promise<NodeInfo[]>;

  /** Ends this process's part in the cluster, and a private cluster altogether. What is pending ends with a failure of kind "closed". Idempotent. */
  close(): Promise<void>;
}
