// Between whom turns are taken: submitters, whatever amounts their calls ask for; and among the calls of one of them, those that ask for
// the same.
import type { ProcessId } from "../../domain/id.ts";
import { amountOf } from "../../domain/resources.ts";
import type { TaskRequest } from "../../domain/request.ts";
import type { Demand, Lease, Party, Share } from "./lease.ts";

/** A second without a grant: changing hands so seldom costs nothing. */
const OVERDUE_TICKS = 10;
/** One tick may have been a moment: an asked lease that is there after the second runs a long call, or nobody uses it. */
const LATE_TICKS = 2;

export class Shares {
  readonly #shares = new Map<string, Share>();

  /** The one in which a demand of these is to be. */
  of(owner: ProcessId, request: TaskRequest): Share {
    const key = keyOf(owner, request);
    return this.#shares.get(key) ?? shareFor(key);
  }

  join(demand: Demand): void {
    const { share } = demand;
    share.demands.add(demand);
    this.#shares.set(share.key, share);
  }

  leave(demand: Demand): void {
    const { share } = demand;
    share.demands.delete(demand);
    if (share.demands.size === 0) this.#shares.delete(share.key);
  }
}

/** Of one that shares its turns with no other. */
export function shareFor(key: string): Share {
  return {
    key,
    demands: new Set(),
    leases: new Set(),
    calls: 0,
    granted: 0,
    starving: false,
    ungranted: 0,
    claims: false,
  };
}

/**
 * Whoever has all CPUs has no less of a right to a GPU for that: only calls that ask for the same things, be it more or less of them, are
 * counted together.
 */
function keyOf(owner: ProcessId, { resources, group }: TaskRequest): string {
  const names = Object.keys(resources).filter((name) => amountOf(resources, name) > 0);
  return JSON.stringify([owner, group?.id ?? "", ...names.toSorted()]);
}

/** Those between which it is decided who of two demands gets something: themselves, if they are of one submitter. */
export function parties(one: Demand, other: Demand): readonly [Party, Party] {
  return one.share === other.share ? [one, other] : [one.share, other.share];
}

/** Compares whose turn it is first, of parties of the same urgency. */
export function inTurn(left: Party, right: Party): number {
  return (
    counted(left) - counted(right) ||
    Number(isFirst(right)) - Number(isFirst(left)) ||
    Number(isOverdue(right)) - Number(isOverdue(left))
  );
}

/** One less when it is overdue: then it comes before its equals. */
function counted(party: Party): number {
  return held(party) - Number(isOverdue(party));
}

/**
 * Its calls in progress, as far as they count against it. A large one that waits beside some that may run for ever counts one less each
 * second in which its submitter gets nothing: it needs more than a turn now and then to have enough.
 */
export function held({ calls, starving, ungranted }: Party): number {
  return starving ? Math.max(0, calls - Math.floor(ungranted / OVERDUE_TICKS)) : calls;
}

function isFirst(party: Party): boolean {
  return party.starving && held(party) === 0;
}

/** It has what others have, and that may be one long call; so others give up some of what calls come and go on. */
function isOverdue({ ungranted, claims }: Party): boolean {
  return ungranted >= OVERDUE_TICKS || claims;
}

/** What is another's, when its calls end: it has nothing in progress, or got nothing for long. */
export function mayTake(party: Party): boolean {
  return held(party) === 0 || isOverdue(party);
}

/** It has long calls, as far as can be told: all that it has was asked back, and does not come. */
export function hasOnlyLate({ leases, calls }: Party): boolean {
  for (const lease of leases) if (!lease.blocked && lease.late < LATE_TICKS) return false;
  return calls > 0;
}

/** One of its calls is to make way. */
export function yielding({ leases }: Party): boolean {
  for (const lease of leases) if (lease.recalled === "yield") return true;
  return false;
}

/** A lease begins, or ends, or its call waits for others, or goes on. */
export function count({ demand }: Lease, calls: number): void {
  demand.calls += calls;
  demand.share.calls += calls;
}

/** None of its demands lacks anything. */
export function isContent({ demands }: Share): boolean {
  for (const { lacking } of demands) if (lacking > 0) return false;
  return true;
}

/** It lacks nothing more, or has got something: what it has waited for so far counts no longer. */
export function beginAgain(party: Party): void {
  party.ungranted = 0;
  party.claims = false;
}
