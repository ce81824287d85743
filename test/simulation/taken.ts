// What calls that run now take of the node, as the workers themselves know it: the brains' own bookkeeping has no part in this.
import { sumOf, type GroupId, type GroupPlace } from "#src/domain/placement.js";
import { gpusIn, RESOURCE_UNIT, type Resources } from "#src/domain/resources.js";
import type { LeaseId } from "#src/protocol/daemon.js";
import type { Taking } from "./hosting.ts";
import { must } from "./violation.ts";

export interface Busy {
  readonly taking: readonly Taking[];
  /** Leases whose CPUs were ever lent, so that they may be owed now. */
  readonly lentLeases: ReadonlySet<LeaseId>;
}

/** Calls never take more than there is, apart from CPUs of those that have waited and go on. */
export function checkTaken(workers: Iterable<Busy>, total: Resources): void {
  const taken: Record<string, number> = {};
  const inGroups = new Map<GroupId, { readonly place: GroupPlace; readonly taken: Record<string, number> }>();
  for (const worker of workers) {
    for (const call of worker.taking) {
      checkGpus(call.request);
      const lent = worker.lentLeases.has(call.lease);
      count(taken, call.request, lent);
      if (call.group === undefined) continue;
      const inGroup = inGroups.get(call.group.id) ?? { place: call.group, taken: {} };
      inGroups.set(call.group.id, inGroup);
      count(inGroup.taken, call.request, lent);
    }
  }
  checkAmounts(taken, total, "the node");
  for (const [id, { place, taken: ofGroup }] of inGroups) {
    // Which GPUs those are is not in the plan; the brain's own check knows.
    const named = Object.fromEntries(Object.entries(ofGroup).filter(([name]) => !name.startsWith("GPU:")));
    checkAmounts(named, sumOf(place.bundles), `group ${id}`);
  }
}

function count(taken: Record<string, number>, request: Resources, lent: boolean): void {
  for (const name in request) if (name !== "CPU" || !lent) taken[name] = (taken[name] ?? 0) + (request[name] ?? 0);
}

function checkAmounts(taken: Resources, total: Resources, where: string): void {
  for (const name in taken) {
    const used = taken[name] ?? 0;
    const exists = total[name] ?? 0;
    must(
      used <= exists,
      "no resource is given twice",
      () => `${name}: ${used / RESOURCE_UNIT} of ${exists / RESOURCE_UNIT} of ${where} in use`,
    );
  }
}

/** A call has as many concrete GPUs as it asked for, or its share of one. */
function checkGpus(request: Resources): void {
  const asked = request["GPU"] ?? 0;
  const has = gpusIn(request).map((index) => request[`GPU:${index}`]);
  const right =
    has.length === Math.ceil(asked / RESOURCE_UNIT) && has.every((units) => units === Math.min(asked, RESOURCE_UNIT));
  must(right, "calls have the GPUs they asked for", () => JSON.stringify(request));
}
