// What an owner hears of the end of a worker, noted for each of its calls that were in flight there.
import type { ObjectId } from "#src/domain/id.js";
import type { LeaseId, WorkerLost } from "#src/protocol/daemon.js";
import type { Machine } from "./machine.ts";

/** `flying`: with the leases under which they were pushed. `guilty`: the one that had said that it exits. */
export function noteLosses(
  world: Machine,
  { worker, loss, ended }: WorkerLost,
  flying: ReadonlyMap<ObjectId, LeaseId>,
  guilty: ObjectId | undefined,
): void {
  for (const [id, lease] of flying) {
    const { stopped, begunAt, spec } = world.ledger.task(id);
    const wasOver = ended.some((each) => each.lease === lease) && !begunAt.has(`${worker} ${lease}`);
    const forced = loss.forced === true && spec.maxRetries !== 0;
    const innocent = guilty !== undefined && guilty !== id;
    if (stopped !== undefined) world.count("stopped calls lost with their worker");
    else if (wasOver) world.count("lost before they could begin");
    else if (!world.ledger.lost(id, worker, innocent || forced)) world.count("lost with a retired worker");
    else if (forced) world.count("innocents lost with a worker that was ended by force");
  }
  if (flying.size > 0)
    world.count(flying.size === 1 ? "lost with one call in flight" : "lost with several calls in flight");
}
