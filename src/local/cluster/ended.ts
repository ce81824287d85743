// What may be ended, and what is to be said of what has.
import type { ProcessId } from "../../domain/id.ts";
import type { WorkerLoss } from "../../domain/object.ts";
import type { EndedLease } from "../../protocol/daemon.ts";
import type { Worker } from "./lease.ts";

/** What is to be said of the end of a process. */
export function toldLoss(worker: Worker | undefined, loss: WorkerLoss | undefined): WorkerLoss {
  const known = loss ?? { pid: worker?.pid ?? 0, exitCode: null, signal: null, lastStderr: "" };
  if (worker === undefined) return known;
  if (worker.forced !== "no") return { ...known, forced: true };
  return worker.state === "leaving" && known.exitCode === 0 ? { ...known, retired: true } : known;
}

/** A waiting orphan may share its worker with calls that somebody still wants. */
export function onlyOrphans(worker: Worker): boolean {
  for (const lease of worker.leases) if (lease.orphanTicks === undefined) return false;
  return true;
}

/** For the sake of one call on it, of this owner. Whoever ends what runs in its own process would be lost with it. */
export function mayEnd(worker: Worker, owner: ProcessId): boolean {
  return worker.id !== owner || worker.leases.size === 1;
}

/** Of the latest leases that it has ended, those of this owner. */
export function endedOf(worker: Worker | undefined, owner: ProcessId): readonly EndedLease[] {
  return (worker?.ended ?? []).filter((each) => each.owner === owner).map(({ lease, begun }) => ({ lease, begun }));
}
