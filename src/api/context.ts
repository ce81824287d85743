// Where am I running: in the driver or in which call, and what that call was given.
import { delay, startTimer } from "../std/clock.ts";
import { calledAt } from "../std/own-frames.ts";
import { amounts } from "../domain/resources.ts";
import { numbersOf } from "./gpus.ts";
import type { ActorHandle } from "./lift.ts";
import { described } from "./mistakes.ts";
import { handleOfHost } from "./named-actors.ts";
import { currentSession } from "./session.ts";
import { currentCall } from "./slot.ts";
import { signalOf } from "./stop.ts";
import { whenStopped } from "./waits.ts";

/** A picture of the moment: it does not change afterwards, but for its `signal`. */
export interface RuntimeContext {
  /** `driver`: no call is running here, also in a worker between calls. */
  readonly kind: "driver" | "task" | "actor";
  readonly jobId: string;
  readonly nodeId: string;
  /** The process this runs in. */
  readonly workerId: string;
  readonly namespace: string;
  readonly taskId: string | undefined;
  readonly taskName: string | undefined;
  /** 1 in the first run, up to maxRetries + 1; a run whose process ended for the sake of another call is not counted. 0 in the driver. */
  readonly attempt: number;
  readonly actorId: string | undefined;
  readonly actorName: string | undefined;
  readonly wasCurrentActorReconstructed: boolean;
  /** As the options asked, e.g. `{ CPU: 1 }`; empty in the driver. */
  readonly assignedResources: Readonly<Record<string, number>>;
  /** The GPUs that the call was given; see `getGpuIds`. */
  readonly gpuIds: readonly number[];
  /** Of the placement group that the call runs in. */
  readonly placementGroupId: string | undefined;
  /** Aborted when this call is cancelled or times out; never in the driver. */
  readonly signal: AbortSignal;
  /** Inside an actor: a handle to itself. Anywhere else: TypeError. */
  currentActor<T>(): ActorHandle<T>;
}

const none: Readonly<Record<string, number>> = Object.freeze({});
const noGpus: readonly number[] = Object.freeze([]);
const neverAborted = new AbortController().signal;

/**
 * Where the calling code runs: ids of session, job, node, worker and task, the task's name, attempt (1 in the first run) and resources,
 * and a signal that is aborted when the call is cancelled; inside an actor also its id and name, and a handle of it:
 * `getRuntimeContext().currentActor<Counter>()`. In the driver what belongs to a task is `undefined`, but for `attempt`, which is 0, and
 * `assignedResources` and `gpuIds`, which are empty. Begins a session when there is none. Ray: `ray.get_runtime_context`.
 */
export function getRuntimeContext(): RuntimeContext {
  const call = currentCall();
  const { identity } = (call?.session ?? currentSession("getRuntimeContext()")).backend;
  const actor = call?.actor;
  return {
    kind: call === undefined ? "driver" : actor === undefined ? "task" : "actor",
    jobId: identity.jobId,
    nodeId: identity.nodeId,
    workerId: identity.processId,
    namespace: identity.namespace,
    taskId: call?.taskId,
    taskName: call?.taskName,
    attempt: call?.attempt ?? 0,
    actorId: actor?.id,
    actorName: actor?.name === "" ? undefined : actor?.name,
    wasCurrentActorReconstructed: actor !== undefined && actor.restarts > 0,
    assignedResources: call === undefined ? none : Object.freeze(amounts(call.request)),
    gpuIds: call === undefined ? noGpus : Object.freeze(numbersOf(call.request, identity.gpus)),
    placementGroupId: call?.group?.id,
    signal: call === undefined ? neverAborted : signalOf(call),
    currentActor: <T>() => {
      if (call === undefined || actor === undefined)
        throw new TypeError("currentActor() is for code that runs inside an actor.");
      return handleOfHost(call.session, actor) as ActorHandle<T>;
    },
  };
}

/**
 * The GPUs that the running call was given, by the numbers in `CUDA_VISIBLE_DEVICES` of the driver. Where that has UUIDs: by their places
 * in it, from 0 on; `CUDA_VISIBLE_DEVICES` of the call has the names. Empty where it was given none, and in the driver. Ray: `ray.get_gpu_ids`.
 */
export function getGpuIds(): number[] {
  const call = currentCall();
  const { identity } = (call?.session ?? currentSession("getGpuIds()")).backend;
  return call === undefined ? [] : numbersOf(call.request, identity.gpus);
}

/**
 * Resolves after at least `ms` milliseconds, never early, unlike a bare timer. Rejects as soon as the call that it is in is cancelled or
 * out of time. TypeError for what is no number.
 */
export function sleep(ms: number): Promise<void> {
  if (typeof ms !== "number" || Number.isNaN(ms))
    return Promise.reject(
      calledAt(sleep, new TypeError(`sleep() takes a number of milliseconds, but got ${described(ms)}.`)),
    );
  const call = currentCall();
  if (call === undefined) return delay(ms);
  return new Promise((resolve, reject) => {
    if (call.stopped !== undefined) throw call.stopped.error;
    const timer = startTimer(ms, () => {
      forget();
      resolve();
    });
    const forget = whenStopped(call, (error) => {
      timer.cancel();
      reject(error);
    });
  });
}
