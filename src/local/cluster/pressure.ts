// Who has to go when the machine has hardly any memory left.
import type { ProcessId } from "../../domain/id.ts";
import { memoryShareMax } from "../../domain/limits.ts";
import { megabytes } from "../../std/megabytes.ts";
import type { Lease, Worker } from "./lease.ts";
import type { MemoryLook } from "./step.ts";

/** Ticks in which the end of one process is given the time to show. */
const RELIEF_TICKS = 10;
/** Of those that had most, in messages. */
const SHOWN_MAX = 5;

export class Relief {
  #patience = 0;

  tick(): void {
    if (this.#patience > 0) this.#patience -= 1;
  }

  /**
   * As in Ray: the newest call that can be tried again, because the older ones have more to lose; one that cannot be only where there is
   * no other. Nobody while the last one's end may not have shown yet.
   */
  victim(leases: Iterable<Lease>, seen: MemoryLook): { worker: ProcessId; reason: string } | undefined {
    if (this.#patience > 0 || seen.usedBytes <= seen.totalBytes * memoryShareMax) return undefined;
    const candidates = [...leases].filter(({ worker }) => worker.forced === "no");
    const chosen = newest(candidates.filter((lease) => !isLastTry(lease))) ?? newest(candidates);
    if (chosen === undefined) return undefined;
    this.#patience = RELIEF_TICKS;
    const others = candidates.filter((lease) => lease !== chosen);
    return { worker: chosen.worker.id, reason: reasonFor(chosen, others, seen) };
  }
}

/** Apart is what may not begin twice, and what a crash has hit before. */
function isLastTry({ demand }: Lease): boolean {
  return demand.request.apart === true;
}

function newest(leases: readonly Lease[]): Lease | undefined {
  return leases.reduce<Lease | undefined>(
    (best, lease) => (best === undefined || lease.id > best.id ? lease : best),
    undefined,
  );
}

function reasonFor(
  { worker }: Lease,
  others: readonly Lease[],
  { usedBytes, totalBytes, byWorker }: MemoryLook,
): string {
  const share = ((100 * usedBytes) / totalBytes).toFixed(1);
  const sizeOf = (of: Worker): number => byWorker.get(of.id) ?? 0;
  const shown = others
    .toSorted((one, other) => sizeOf(other.worker) - sizeOf(one.worker))
    .slice(0, SHOWN_MAX)
    .map((lease) => `${lease.demand.name} (pid ${lease.worker.pid}) ${megabytes(sizeOf(lease.worker))}`);
  const rest = shown.length === 0 ? "no other call runs" : `others that run: ${shown.join(", ")}`;
  return (
    `${share} % of the ${megabytes(totalBytes)} of this machine were in use, and of the calls that run the newest one had to go; ` +
    `its process (pid ${worker.pid}) had ${megabytes(sizeOf(worker))}; ${rest}`
  );
}
