// What the cluster is made of and how much of it is free.
import type { NodeInfo } from "../backend.ts";
import { aliveUntil, currentSession } from "./session.ts";
import type { Session } from "./slot.ts";

async function ask<T>(caller: string, question: (session: Session) => Promise<T>): Promise<T> {
  const session = currentSession(caller);
  return aliveUntil(session.ready.then(() => question(session)));
}

/** Each machine of the cluster, with all its resources and its labels. Ray: `ray.nodes`. */
export function nodes(): Promise<NodeInfo[]> {
  return ask("nodes()", ({ backend }) => backend.nodes());
}

/** All logical resources of the cluster, e.g. `{ CPU: 8, license: 2 }`. Ray: `ray.cluster_resources`. */
export function clusterResources(): Promise<Record<string, number>> {
  return ask("clusterResources()", ({ backend }) => backend.clusterResources());
}

/** Those that are free at the moment; what is used up is absent. May be out of date when it arrives. Ray: `ray.available_resources`. */
export function availableResources(): Promise<Record<string, number>> {
  return ask("availableResources()", ({ backend }) => backend.availableResources());
}
