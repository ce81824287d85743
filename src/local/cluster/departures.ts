// Leases that end before their calls do or after, and processes that are ended, or asked to go.
import type { ProcessId } from "../../domain/id.ts";
import type { FromDaemon, ToDaemon } from "../../protocol/daemon.ts";
import type { Actors } from "./actors.ts";
import type { Demands } from "./demands.ts";
import { mayEnd } from "./ended.ts";
import type { Grants } from "./grants.ts";
import type { Group, Groups } from "./groups.ts";
import type { Lease, Worker } from "./lease.ts";
import type { SharedObjects } from "./objects.ts";
import type { Starts } from "./starts.ts";
import type { ClusterEffect } from "./step.ts";
import type { Workers } from "./workers.ts";

/** Ticks that a worker beyond one per CPU stays idle before it goes: starting another costs more than keeping it for a while. */
const RESTED_TICKS_MAX = 50;
/** One that nobody can use any more has something left to do, or others still wait for it: it is asked again after so many ticks. */
const SPENT_TICKS = 10;
/** A second: ticks that calls in a placement group that was given up may take to end by themselves. */
const LEAVING_TICKS_MAX = 10;
const FORCED =
  "a call on it was cancelled by force, did not end when its time was over, or ran in a placement group that was removed";

type Message<T extends ToDaemon["type"]> = Extract<ToDaemon, { type: T }>;

interface DeparturesContext {
  readonly workers: Workers;
  readonly demands: Demands;
  readonly groups: Groups;
  readonly grants: Grants;
  readonly starts: Starts;
  readonly objects: SharedObjects;
  readonly actors: Actors;
  readonly send: (to: ProcessId, message: FromDaemon) => void;
  readonly emit: (effect: ClusterEffect) => void;
}

export class Departures {
  readonly #context: DeparturesContext;

  constructor(context: DeparturesContext) {
    this.#context = context;
  }

  recall(lease: Lease, when: "yield" | "over"): void {
    if (when === "yield") lease.recalled = when;
    this.#context.send(lease.worker.id, { type: "recall", lease: lease.id, when });
  }

  giveBack(owner: ProcessId, { lease: id, begun }: Message<"giveBack">): void {
    const lease = this.#context.workers.leases.get(id);
    if (lease?.demand.owner !== owner) return;
    this.#context.workers.count(lease, begun);
    this.recall(lease, "over");
    this.end(lease);
  }

  endWorker(owner: ProcessId, { lease: id, recursive }: Message<"endWorker">): void {
    const lease = this.#context.workers.leases.get(id);
    // One that has ended meanwhile has nothing running under it.
    if (lease?.demand.owner !== owner) return;
    const { worker } = lease;
    if (mayEnd(worker, owner)) return this.force(worker, recursive ? "tree" : "alone");
    lease.recalled = "yield";
    this.#context.send(owner, { type: "recall", lease: id, when: "yield" });
  }

  force(worker: Worker, how: "alone" | "tree"): void {
    if (worker.forced !== "tree") worker.forced = how;
    this.#context.emit({ type: "kill", worker: worker.id, reason: FORCED });
  }

  end(lease: Lease): void {
    this.#context.workers.end(lease);
    this.#context.demands.tidy(lease.demand);
    if (lease.worker.spent) this.#retire(lease.worker);
    this.#context.groups.sweep();
    this.#context.grants.settle();
  }

  /** Processes that have been idle for long; of those of the session as many stay as there are CPUs. */
  sendHome(): void {
    let { surplus } = this.#context.starts;
    for (const worker of this.#context.workers.idle) {
      worker.rested += 1;
      const isKept = this.#context.starts.isKept(worker.kind);
      const rested = (!isKept || surplus > 0) && worker.rested > RESTED_TICKS_MAX;
      const spent = worker.spent && worker.rested % SPENT_TICKS === 0;
      if ((rested || spent) && this.#retire(worker) && isKept) surplus -= 1;
    }
    this.#context.workers.tidyKinds();
  }

  tick(): void {
    for (const group of this.#context.groups.leaving) {
      group.ticks += 1;
      if (group.ticks > LEAVING_TICKS_MAX) this.#endUsersOf(group);
    }
  }

  /** Their owners were told, and have not seen to it. Or they are in one process with those, and do not end: then both have to. */
  #endUsersOf({ bundles, ticks }: Group): void {
    const anyhow = ticks > LEAVING_TICKS_MAX * 2;
    for (const { pool, worker, demand } of this.#context.workers.leases.values())
      if (bundles.includes(pool) && (anyhow || mayEnd(worker, demand.owner))) this.force(worker, "alone");
  }

  /** It may find that it has something left to do, and says `ready` then. */
  #retire(worker: Worker): boolean {
    if (worker.state !== "idle" || this.#context.objects.owes(worker.id) || this.#context.actors.owes(worker.id))
      return false;
    this.#context.workers.leave(worker);
    this.#context.send(worker.id, { type: "retire" });
    return true;
  }
}
