// The message by which a task becomes a call on a worker.
import type { Payload } from "../../domain/object.ts";
import type { StreamPosition } from "../../protocol/worker.ts";
import type { OwnerEffect } from "./step.ts";
import type { Resources } from "../../domain/resources.ts";
import type { Place } from "./lane.ts";
import type { Task } from "./tasks.ts";

/** A lease, or a seat at an actor. */
export type Pushable = Place & { readonly resources: Resources };

/** `values`: of its dependencies, in their order. */
export function callOn(
  { id, worker, address, resources }: Pushable,
  task: Task,
  values: readonly Payload[],
  stream: StreamPosition | undefined,
): OwnerEffect {
  const { number, attempt, alone, retriesLeft, spec } = task;
  const { definition, name, method, args, dependencies, returns, retryOn, request } = spec;
  return {
    type: "worker",
    worker,
    address,
    message: {
      type: "call",
      lease: id,
      task: number,
      attempt,
      definition,
      name,
      args,
      positions: dependencies.map((dependency) => dependency.position),
      values,
      returns,
      request: resources,
      group: request.group,
      alone,
      method: method && { name: method.method, group: method.group },
      // After the last attempt nothing depends on the answer.
      retryOn: retriesLeft === 0 ? "none" : retryOn,
      stream,
    },
  };
}
