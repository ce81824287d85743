// Placement groups: amounts reserved together, for the calls that name the group.
import { inspect } from "node:util";
import { Script } from "node:vm";
import { registerKind } from "../codec/kinds.ts";
import { callSite } from "../codec/places.ts";
import { encode } from "../codec/value.ts";
import { placementGroupNotFound, sessionClosed } from "../domain/failures.ts";
import type { ObjectId } from "../domain/id.ts";
import { checkBundles } from "../domain/options-checked.ts";
import type { PlacementGroupOptions } from "../domain/options.ts";
import { ANY_BUNDLE, planOf, READY_OF, withPlan, type GroupPlan } from "../domain/placement.ts";
import { amounts } from "../domain/resources.ts";
import type { Cancel, Site } from "../domain/task.ts";
import { monotonicMs } from "../std/clock.ts";
import { checkedOptions } from "./checked.ts";
import type { ObjectRef } from "./lift.ts";
import { described } from "./mistakes.ts";
import { atCaller, told } from "./own-frames.ts";
import { refFor } from "./ref.ts";
import { aliveUntil, aliveUntilEnded, currentSession } from "./session.ts";
import { Shipped } from "./shipped.ts";
import { currentCall, slot, type Session } from "./slot.ts";
import { throwIfStopped } from "./stop.ts";
import { wait } from "./wait.ts";

/** Amounts by the names of resources: `{ CPU: 1, GPU: 1, license: 2 }`. */
export type Bundle = Record<string, number>;

/**
 * A placement group, there or still to come. Name it in `schedulingStrategy` to run calls in it. Travels in arguments, results and
 * closures. `await using` removes it at the end of the block.
 */
export interface PlacementGroup extends AsyncDisposable {
  readonly id: string;
  readonly bundles: readonly Bundle[];
  readonly bundleCount: number;
  /**
   * The group itself, as soon as all of its bundles are reserved. UnschedulableError when no cluster like this one could ever hold it,
   * PlacementGroupRemovedError when it is removed before. Ray: `pg.ready`.
   */
  ready(): ObjectRef<PlacementGroup>;
  /**
   * Whether it is reserved, waiting so long for it; 30,000 ms if nothing else is said, and 0: whether it is now. False too when it can
   * never be. Ray: `pg.wait`.
   */
  wait(timeoutMs?: number): Promise<boolean>;
  toString(): string;
}

const WAIT_MS = 30_000;

const ENOUGH: Cancel = { how: "when wait() had waited long enough", reason: "", force: "no", recursive: false };

/** In which session each handle came to be. A group ends with its session at the latest. */
const sessions = new WeakMap<object, Session>();

/** Throws for a group of an earlier session. `what` says what it was to be used for. */
export function assertInSession(group: { readonly id: string }, what: string): void {
  if (sessions.get(group)?.closed !== true) return;
  throw sessionClosed({
    what: `${what}: PlacementGroup(${group.id})`,
    reason: "the group is of an earlier session",
    orderly: true,
  });
}

class Handle implements PlacementGroup {
  readonly id: string;
  readonly bundles: readonly Bundle[];

  constructor(plan: GroupPlan, session: Session | undefined) {
    if (session !== undefined) sessions.set(this, session);
    this.id = plan.id;
    this.bundles = Object.freeze(plan.bundles.map((bundle) => Object.freeze(amounts(bundle))));
    withPlan(this, plan);
  }

  get bundleCount(): number {
    return this.bundles.length;
  }

  ready(): ObjectRef<PlacementGroup> {
    const site = callSite(1);
    return atCaller(this.ready, () => readiness(this, site));
  }

  async wait(timeoutMs: number = WAIT_MS): Promise<boolean> {
    if (typeof timeoutMs !== "number" || !(timeoutMs >= 0))
      throw told(
        () => new TypeError(`wait() takes a number of milliseconds, 0 or more, but got ${described(timeoutMs)}.`),
      );
    const site = callSite(1);
    const deadlineMs = monotonicMs() + timeoutMs;
    assertInSession(this, "wait()");
    throwIfStopped();
    const { backend, ready } = currentSession("wait()");
    // Whoever has no time to wait is told too, and nobody waits for a process in which a call could see it.
    if (await aliveUntil(ready.then(() => backend.isReserved(this.id)))) return true;
    const leftMs = deadlineMs - monotonicMs();
    if (leftMs <= 0) return false;
    const ref = readiness(this, site);
    try {
      await wait([ref], { timeoutMs: leftMs });
      return backend.read(ref.id)?.value !== undefined;
    } finally {
      backend.cancel(ref.id, ENOUGH);
      ref[Symbol.dispose]();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    // What has gone with its session need not be removed.
    return sessions.get(this)?.closed === true ? Promise.resolve() : removePlacementGroup(this);
  }

  toString(): string {
    return `PlacementGroup(${this.id})`;
  }

  [inspect.custom](): string {
    return `${this.toString()} ${inspect(this.bundles, { breakLength: Infinity })}`;
  }
}
Object.defineProperty(Handle, "name", { value: "PlacementGroup" });

/** In a script of its own: all of the script that a function is from is looked through before it is shipped. */
let itself: Shipped | undefined;

function shippedItself(): Shipped {
  const script = new Script("(group) => group");
  return (itself ??= new Shipped(script.runInThisContext() as (group: unknown) => unknown, "ready", undefined));
}

/** A call that takes nothing and runs in the group: it can as soon as the group is there. So does Ray. */
function readiness(group: Handle, site: Site): ObjectRef<PlacementGroup> {
  const plan = planOf(group) as GroupPlan;
  assertInSession(group, "ready()");
  const session = currentSession("ready()");
  const name = READY_OF + group.toString();
  const parent = currentCall();
  const [id] = session.backend.submit({
    definition: shippedItself().definitionIn(session),
    name,
    args: session.backend.keep(encode([group]), () => name),
    dependencies: [],
    returns: 1,
    maxRetries: -1,
    retryOn: "none",
    retryDelay: undefined,
    request: { resources: {}, group: { ...plan, bundle: ANY_BUNDLE, captures: false } },
    site,
    parent: parent?.callId,
    cancelled: parent?.stopped?.cancel,
  });
  return refFor(session, id as ObjectId, { name, site, dependencies: [], signal: undefined });
}

/**
 * Reserves amounts for calls to come, all of its bundles or none of them, as soon as there is enough; groups that wait take turns in the
 * order in which they were made. Returns at once. Nothing else can have what is reserved: calls that are to run there name the group,
 * `{ schedulingStrategy: { placementGroup, bundleIndex } }`, and take from its bundles. It ends with the program, unless its `lifetime`
 * is "detached"; one that a task has made also when the process of that task crashes, and one that an actor has made also with the actor. Ray: `ray.util.placement_group`.
 *
 * `group.ready()` is a ref of the group itself, which is there as soon as all of it is reserved; `await group.wait(timeoutMs)` says whether
 * that is so, waiting so long for it: 30,000 ms if nothing else is said, and with 0 not at all. False too when it can never be. Ray:
 * `pg.ready`, `pg.wait`.
 *
 * Errors: TypeError for bundles and options that are wrong. What can never be reserved is told to whoever waits for it: UnschedulableError. In a
 * call that is cancelled, or out of time, TaskCancelledError or TaskTimeoutError: it makes nothing any more.
 */
export function placementGroup(bundles: readonly Bundle[], options?: PlacementGroupOptions): PlacementGroup {
  const plans = atCaller(placementGroup, () => checkBundles(bundles, "placementGroup()"));
  const checked = checkedOptions("placementGroup", options, "placementGroup()", placementGroup);
  const { strategy = "PACK", name = "", lifetime } = checked;
  const parent = currentCall();
  if (parent?.stopped?.cancel !== undefined) throw parent.stopped.error;
  const session = currentSession("placementGroup()");
  const id = session.backend.createGroup({
    bundles: plans,
    strategy,
    name,
    detached: lifetime === "detached",
    actor: parent?.actor?.id,
  });
  return new Handle({ id, bundles: plans, strategy }, session);
}

/**
 * Gives up what is reserved. Calls that wait to run in the group fail with PlacementGroupRemovedError, and so do those that run in it,
 * whose processes are ended. Resolves when all of it is free for others. No effect when it is gone. Ray: `ray.util.remove_placement_group`.
 *
 * Inline there is no process to end: a call that runs in it is told by its signal, and what it has taken is free when it ends.
 *
 * Errors: TypeError for what is no placement group, SessionClosedError.
 */
export async function removePlacementGroup(group: PlacementGroup): Promise<void> {
  const plan = planOf(group);
  if (plan === undefined)
    throw told(() => new TypeError(`removePlacementGroup() takes a placement group, but got ${described(group)}.`));
  atCaller(removePlacementGroup, () => assertInSession(group, "removePlacementGroup()"));
  // Without a session there is none any more.
  if (slot.session !== undefined && !slot.session.closed)
    await aliveUntilEnded(slot.session.backend.removeGroup(plan.id));
}

/** The group of that name. Ray: `ray.util.get_placement_group`. Errors: PlacementGroupNotFoundError, which names similar ones. */
export async function getPlacementGroup(name: string): Promise<PlacementGroup> {
  if (typeof name !== "string" || name === "")
    throw told(() => new TypeError(`getPlacementGroup() takes the name of a group, but got ${described(name)}.`));
  const session = currentSession("getPlacementGroup()");
  const { plan, names } = await aliveUntil(session.ready.then(() => session.backend.groupNamed(name)));
  if (plan === undefined) throw told(() => placementGroupNotFound(name, names));
  return new Handle(plan, session);
}

/** The group that the calling code runs in, if it runs in one. Ray: `ray.util.get_current_placement_group`. */
export function getCurrentPlacementGroup(): PlacementGroup | undefined {
  const call = currentCall();
  const place = call?.group;
  return place && new Handle({ id: place.id, bundles: place.bundles, strategy: place.strategy }, call?.session);
}

registerKind({
  name: "placementGroup",
  matches: (value) => planOf(value) !== undefined,
  encode: (value) => planOf(value),
  decode: (data) => new Handle(data as GroupPlan, currentCall()?.session ?? slot.session),
});
