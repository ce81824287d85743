// get and put: values into refs and out of them.
import { callSite } from "../codec/places.ts";
import { encode } from "../codec/value.ts";
import { getTimeout, type Pending } from "../domain/failures.ts";
import { pendingShownMax, storedBytesMin } from "../domain/limits.ts";
import { sizeOf, type Outcome, type Payload } from "../domain/object.ts";
import { progressWords } from "../domain/progress.ts";
import { checkedOptions } from "./checked.ts";
import type { GetOptions } from "../domain/options.ts";
import { monotonicMs } from "../std/clock.ts";
import { isArray } from "../std/is-array.ts";
import { calledAt } from "../std/own-frames.ts";
import { isThenable } from "../std/is-thenable.ts";
import { breath } from "./breath.ts";
import { throwErrorFor } from "./failure.ts";
import { importsFor, isUnreadable, valueOf } from "./arrivals.ts";
import type { AnyRef, ObjectRef, Unref } from "./lift.ts";
import { notARef, severalRefs } from "./mistakes.ts";
import { told, thrownBy } from "./own-frames.ts";
import { watchUntil } from "./pending.ts";
import { assertUsable, holdOf, refFor, type Hold } from "./ref.ts";
import { currentSession } from "./session.ts";
import { throwIfStopped } from "./stop.ts";

/**
 * The value of a ref, or the values of many in the order of the refs, made anew for each call. Fails as soon as any one fails.
 * Ray: `ray.get`.
 *
 * Errors: the task's own (TaskError), TaskCancelledError, TaskTimeoutError, GetTimeoutError naming what is pending, WorkerCrashedError, UnschedulableError,
 * ObjectLostError, ObjectStoreUnavailableError, ObjectFreedError for a disposed ref, SessionClosedError, TypeError for what is no ref, or
 * for a single value with a method `then`: in an array it comes as it is. In a call that is cancelled, or out of time, whatever would wait
 * rejects with that.
 */
export function get<T>(ref: ObjectRef<T>, options?: GetOptions): Promise<T>;
export function get<const R extends readonly AnyRef[]>(
  refs: R,
  options?: GetOptions,
): Promise<{ -readonly [K in keyof R]: Unref<R[K]> }>;
/** A ref that may be of several types, as `wait` and `asCompleted` give them. */
export function get<R extends AnyRef>(ref: R, options?: GetOptions): Promise<Unref<R>>;
/** One or many. The compiler speaks of this form when something is wrong. */
export function get(refs: AnyRef | readonly AnyRef[], options?: GetOptions): Promise<unknown>;
export async function get(refs: unknown, given?: GetOptions): Promise<unknown> {
  if (holdOf(given) !== undefined) throw severalRefs("get()");
  const options = checkedOptions("get", given, "get()", get);
  options.signal?.throwIfAborted();
  throwIfStopped();
  if (isArray(refs)) {
    // Not `map`, which would pass over holes.
    const holds = Array.from(refs, (ref, index) => holdFor("get()", ref, ` at index ${index}`));
    const [first] = holds;
    if (holds.length > 1) first?.session.hints?.gotMany();
    else first?.session.hints?.asks(first.id);
    const values = await getAll(holds, options);
    // An array does not make a batch of one.
    if (holds.length === 1) first?.session.hints?.got(first.id, values[0]);
    return values;
  }
  const hold = holdFor("get()", refs, "");
  hold.session.hints?.asks(hold.id);
  const here = valueHere(hold);
  const value = here === undefined ? (await getAll([hold], options))[0] : here.value;
  if (here?.pause !== undefined) await here.pause;
  hold.session.hints?.got(hold.id, value);
  return notThenable(value, hold);
}

/** A value that can be made without waiting. `pause`: it is time for the event loop to turn. */
export function valueHere(
  hold: Hold,
): { readonly value: unknown; readonly pause: Promise<void> | undefined } | undefined {
  const payload = hold.session.backend.read(hold.id)?.value;
  if (payload === undefined || payload.modules) return undefined;
  try {
    return { value: valueFor(hold, payload), pause: breath(sizeOf(payload)) };
  } catch (error) {
    if (isUnreadable(payload, error)) return undefined;
    throw error;
  }
}

function valueFor({ session, origin }: Hold, payload: Payload): unknown {
  const value = valueOf(payload, session);
  session.hints?.fetched(value, payload, origin?.name);
  return value;
}

/** No promise can give such a value: it would call the method, and wait for what that says. */
function notThenable(value: unknown, { id, origin }: Hold): unknown {
  if (!isThenable(value)) return value;
  const what = origin === undefined ? `ObjectRef(${id})` : `Task ${origin.name}`;
  throw new TypeError(
    `${what} has a value with a method 'then', and whoever awaits it would get what that method says instead. ` +
      "Get it inside an array: const [value] = await get([ref]).",
  );
}

export async function getAll(holds: readonly Hold[], options: GetOptions): Promise<unknown[]> {
  const outcomes: (Outcome | undefined)[] = holds.map((hold) => hold.session.backend.read(hold.id));
  // What has come may be decoded only after an import; the refs inside must not go before.
  for (const hold of holds) hold.enter();
  try {
    const failed = outcomes.findIndex((outcome) => outcome?.failure !== undefined);
    if (failed >= 0) await throwFailure(holds, outcomes, failed);
    const deadlineMs = monotonicMs() + (options.timeoutMs ?? 0);
    await awaitMissing(holds, outcomes, options, options.timeoutMs);
    const values: unknown[] = [];
    while (values.length < holds.length) {
      const index = values.length;
      const hold = holds[index] as Hold;
      const payload = outcomes[index]?.value as Payload;
      const ready = importsFor(payload);
      if (ready !== undefined) await ready;
      try {
        values.push(valueFor(hold, payload));
      } catch (error) {
        outcomes[index] = insteadOf(payload, hold, error);
        await throwFailure(holds, outcomes, index);
        const leftMs = options.timeoutMs && Math.max(0, deadlineMs - monotonicMs());
        await awaitMissing(holds, outcomes, options, leftMs);
      }
    }
    return values;
  } catch (error) {
    // All of them were asked for, though one speaks for them.
    for (const { session, id } of holds) session.hints?.asked(id, session.backend.read(id)?.failure);
    throw error;
  } finally {
    for (const hold of holds) hold.leave();
  }
}

async function throwFailure(
  holds: readonly Hold[],
  outcomes: readonly (Outcome | undefined)[],
  index: number,
): Promise<void> {
  const failure = outcomes[index]?.failure;
  const hold = holds[index];
  if (failure !== undefined && hold !== undefined) await throwErrorFor(failure, hold);
}

/** Its backend is told when it is lost: what comes of it then, or undefined when that is still to come. Throws what is no loss. */
function insteadOf(payload: Payload, { id, session: { backend } }: Hold, error: unknown): Outcome | undefined {
  if (!isUnreadable(payload, error)) throw error;
  backend.lost(id, payload);
  const outcome = backend.read(id);
  if (outcome?.value === payload) throw error;
  return outcome;
}

/** Fills the gaps in `outcomes`. `leftMs`: of the time that the whole may take. */
async function awaitMissing(
  holds: readonly Hold[],
  outcomes: (Outcome | undefined)[],
  { timeoutMs, signal }: GetOptions,
  leftMs: number | undefined,
): Promise<void> {
  const missing = [...holds.keys()].filter((index) => outcomes[index] === undefined);
  if (missing.length === 0) return breath(outcomes.reduce((size, outcome) => size + sizeOf(outcome?.value), 0));
  let left = missing.length;
  let failed = -1;
  const arrived = (position: number, outcome: Outcome): boolean => {
    const index = missing[position] as number;
    outcomes[index] = outcome;
    left -= 1;
    if (outcome.failure !== undefined) failed = index;
    return left === 0 || failed >= 0;
  };
  const complete = await watchUntil(
    missing.map((index) => holds[index] as Hold),
    arrived,
    { timeoutMs: leftMs, signal },
  );
  if (failed >= 0) await throwFailure(holds, outcomes, failed);
  if (!complete)
    throw told(() =>
      getTimeout({ timeoutMs: timeoutMs ?? 0, total: holds.length, pending: pendingOf(holds, outcomes) }),
    );
}

/** The first ones in full, and how many there are. */
function pendingOf(holds: readonly Hold[], outcomes: readonly (Outcome | undefined)[]): Pending {
  const pending = holds.filter((_, index) => outcomes[index] === undefined);
  const first = pending
    .slice(0, pendingShownMax)
    .map((hold) => ({ id: hold.id, name: hold.origin?.name ?? "", state: stateOf(hold) }));
  return { first, count: pending.length };
}

function stateOf(hold: Hold): string {
  const { origin, session, id } = hold;
  const progress = session.backend.progress(id);
  if (progress === undefined) return "made by another process, not here yet";
  const site = origin === undefined ? "" : `; submitted at ${origin.site.text}`;
  return `${progress === "waiting" ? waitingFor(hold) : progressWords[progress]}${site}`;
}

/** Arguments of an unfinished call are kept, so one that is not here has not come yet. */
function waitingFor({ origin, session }: Hold): string {
  const missing = (origin?.dependencies ?? []).filter(({ id }) => session.backend.read(id) === undefined);
  const [first] = missing;
  if (first === undefined) return "waiting for an argument";
  const more = missing.length === 1 ? "" : ` and ${missing.length - 1} more`;
  return `waiting for its argument ${first.position + 1}, ObjectRef(${first.id})${more}`;
}

/**
 * Stores a value once and returns at once; whoever gets it sees the value as it is now. Ray: `ray.put`.
 *
 * Throws at the call: TypeError for a ref, SerializationError with the path of what cannot travel, OutOfDiskError,
 * ObjectStoreFullError, ObjectStoreUnavailableError, SessionClosedError.
 */
export function put<T>(value: T): ObjectRef<T> {
  if (holdOf(value) !== undefined) {
    const text =
      "put() takes a value, but got an ObjectRef, which is stored already. To store the ref itself, put it in an array: put([ref]).";
    throw calledAt(put, new TypeError(text));
  }
  const session = currentSession("put()");
  try {
    const encoded = encode(value, "the value");
    const isTold = sizeOf(encoded) >= storedBytesMin || session.leaks !== undefined;
    const site = isTold ? callSite(1) : undefined;
    const kept = session.backend.keep(encoded, () => `a value put at ${site?.text}`);
    const id = session.backend.put(kept, site?.text);
    session.hints?.put(id, value, site);
    return refFor<T>(session, id, undefined, site);
  } catch (error) {
    throw thrownBy(put, error);
  }
}

export function holdFor(caller: string, ref: unknown, at: string): Hold {
  const hold = holdOf(ref);
  if (hold === undefined) throw notARef(caller, ref, at);
  assertUsable(hold, caller);
  return hold;
}
