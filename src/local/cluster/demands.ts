// Who wants leases, of which shape, how many; and whose turn it is.
import type { ProcessId } from "../../domain/id.ts";
import type { Resources } from "../../domain/resources.ts";
import type { Shape } from "../../domain/task.ts";
import type { LeaseId } from "../../protocol/daemon.ts";
import type { Lease } from "./workers.ts";

export interface Demand {
  readonly owner: ProcessId;
  readonly shape: Shape;
  readonly request: Resources;
  /** Leases in all, those it has included. */
  wanted: number;
  readonly leases: Set<Lease>;
  /** Its latest lease, ever: among equals the one that has waited longest comes first. */
  granted: LeaseId;
  /** Had nothing in progress for a whole tick: comes before deeper ones. */
  starving: boolean;
}

export class Demands {
  readonly #byOwner = new Map<ProcessId, Map<Shape, Demand>>();

  set(owner: ProcessId, shape: Shape, request: Resources, wanted: number): Demand {
    const shapes = this.#byOwner.get(owner) ?? new Map<Shape, Demand>();
    this.#byOwner.set(owner, shapes);
    const demand = shapes.get(shape) ?? {
      owner,
      shape,
      request,
      wanted,
      leases: new Set(),
      granted: 0,
      starving: false,
    };
    shapes.set(shape, demand);
    demand.wanted = wanted;
    return demand;
  }

  /** Nothing is wanted and nothing held: forget it. */
  tidy(demand: Demand): void {
    if (demand.wanted > 0 || demand.leases.size > 0) return;
    const shapes = this.#byOwner.get(demand.owner);
    shapes?.delete(demand.shape);
    if (shapes?.size === 0) this.#byOwner.delete(demand.owner);
  }

  of(owner: ProcessId): Demand[] {
    return [...(this.#byOwner.get(owner)?.values() ?? [])];
  }

  remove(owner: ProcessId): void {
    this.#byOwner.delete(owner);
  }

  /**
   * Those that lack leases, whose turn it is first: the one with the fewest calls in progress, so that a hundred thousand tasks of
   * one submitter do not delay ten of another; among equals the deepest, because what it finishes lets its ancestors finish.
   */
  waiting(depthOf: (owner: ProcessId) => number): Demand[] {
    const lacking: Turn[] = [];
    for (const shapes of this.#byOwner.values()) {
      for (const demand of shapes.values()) {
        if (demand.leases.size < demand.wanted)
          lacking.push({ demand, active: active(demand), depth: depthOf(demand.owner) });
      }
    }
    return lacking.sort(inTurn).map(({ demand }) => demand);
  }

  get size(): number {
    return this.#byOwner.size;
  }
}

interface Turn {
  readonly demand: Demand;
  readonly active: number;
  readonly depth: number;
}

function inTurn(left: Turn, right: Turn): number {
  return (
    left.active - right.active ||
    Number(right.demand.starving) - Number(left.demand.starving) ||
    right.depth - left.depth ||
    left.demand.granted - right.demand.granted
  );
}

/** Leases whose call does not wait for others. */
export function active(demand: Demand): number {
  let count = 0;
  for (const lease of demand.leases) if (!lease.blocked) count += 1;
  return count;
}
