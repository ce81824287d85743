// The public surface of ray-ts, in reading order.
import { declareModule } from "./codec/declared.ts";
// oxlint-disable-next-line import/no-self-import, import/no-cycle -- nobody else can have the object that stands for this module
import * as ray from "./index.ts";

// Whatever way a program got this module, functions that use it find the worker's.
declareModule(ray, import.meta.url);

// The session.
export { init, isInitialized, shutdown, type RayContext } from "./api/session.ts";
export type { InitOptions, RuntimeEnv } from "./domain/options.ts";

// Functions that run elsewhere.
export { remote, type RemoteFunction } from "./api/remote.ts";
export type { RemoteArgs, RemoteReturn, RefTuple } from "./api/lift.ts";
export type {
  NodeAffinity,
  PlacementGroupStrategy,
  ResourceOptions,
  RetryOptions,
  TaskOptions,
} from "./domain/options.ts";

// Actors.
export { exitActor } from "./api/exit-actor.ts";
export { getActor, listNamedActors } from "./api/named-actors.ts";
export { kill } from "./api/kill.ts";
export { actorHandle, type ActorHandle, type RemoteMethod } from "./api/lift.ts";
export type { ActorClass } from "./api/actor.ts";
export type {
  ActorOptions,
  GetActorOptions,
  KillOptions,
  ListNamedActorsOptions,
  MethodOptions,
} from "./domain/options.ts";

// References to values.
export { get, put } from "./api/objects.ts";
export { wait } from "./api/wait.ts";
export { asCompleted } from "./api/as-completed.ts";
export { cancel } from "./api/cancel.ts";
export type { ObjectRef, ObjectRefGenerator, Unref } from "./api/lift.ts";
export type { CancelOptions, GetOptions, WaitOptions } from "./domain/options.ts";

// Where am I.
export { getGpuIds, getRuntimeContext, sleep, type RuntimeContext } from "./api/context.ts";

// Placement groups.
export { placementGroup, removePlacementGroup } from "./api/placement.ts";
export { getCurrentPlacementGroup, getPlacementGroup } from "./api/placement.ts";
export type { Bundle, PlacementGroup } from "./api/placement.ts";
export type { PlacementGroupOptions } from "./domain/options.ts";

// The cluster.
export { availableResources, clusterResources, nodes } from "./api/cluster.ts";
export type { NodeInfo } from "./backend.ts";

// Values and functions that need help to travel.
export { explainCapture, type CaptureReport } from "./codec/function.ts";
export { registerSerializer } from "./codec/kinds.ts";
export { shipByValue } from "./codec/modules.ts";
export { isWorker } from "./api/is-worker.ts";

// What can go wrong.
export {
  RayError,
  TaskError,
  TaskCancelledError,
  TaskTimeoutError,
  WorkerCrashedError,
  TaskExitedError,
  OutOfMemoryError,
  ActorError,
  ActorDiedError,
  ActorUnavailableError,
  ActorAlreadyExistsError,
  ActorNotFoundError,
  PendingCallsLimitError,
  GetTimeoutError,
  ObjectLostError,
  ObjectFreedError,
  OwnerDiedError,
  ObjectReconstructionFailedError,
  ObjectStoreFullError,
  OutOfDiskError,
  ObjectStoreUnavailableError,
  SerializationError,
  UnschedulableError,
  PlacementGroupRemovedError,
  PlacementGroupAlreadyExistsError,
  PlacementGroupNotFoundError,
  RuntimeEnvSetupError,
  SessionClosedError,
  ConnectionError,
  QueueEmptyError,
  QueueFullError,
} from "./domain/errors.ts";
