// wait: which refs have come, and which streams have something to take.
import { waitDefaults } from "../domain/option-table.ts";
import type { WaitOptions } from "../domain/options.ts";
import { isArray } from "../std/is-array.ts";
import { breath } from "./breath.ts";
import { checkedOptions } from "./checked.ts";
import type { AnyRef, ObjectRefGenerator } from "./lift.ts";
import { described, severalRefs } from "./mistakes.ts";
import { holdFor } from "./objects.ts";
import { told } from "./own-frames.ts";
import { watchUntil } from "./pending.ts";
import { assertReadable, readerOf } from "./reader.ts";
import { holdOf, type Hold } from "./ref.ts";
import { throwIfStopped } from "./stop.ts";

/**
 * `[ready, pending]`, both in input order, never more than `numReturns` ready, however many are. Failed ones count as ready. A stream
 * among them is ready when an item can be taken from it, or when it has ended. Ray: `ray.wait`.
 *
 * Errors: TypeError for what is no array of refs, or has a ref twice, and for wrong options; RangeError for a
 * `numReturns` above their number.
 */
export async function wait<R extends AnyRef | ObjectRefGenerator<unknown>>(
  refs: readonly R[],
  given?: WaitOptions,
): Promise<[ready: R[], pending: R[]]> {
  if (holdOf(given) !== undefined || readerOf(given) !== undefined) throw severalRefs("wait()");
  const options = checkedOptions("wait", given, "wait()", wait);
  const numReturns = options.numReturns ?? waitDefaults.numReturns;
  const waitables = waitablesOf(refs);
  options.signal?.throwIfAborted();
  throwIfStopped();
  if (refs.length === 0) return [[], []];
  if (numReturns > refs.length) {
    const text = `wait() can return at most as many refs as it got, ${refs.length}, but numReturns is ${numReturns}.`;
    throw told(() => new RangeError(text));
  }
  const [only] = waitables.length === 1 ? waitables : [];
  if (only?.hold !== undefined) only.hold.session.hints?.asks(only.hold.id);
  const missing: { readonly index: number; readonly hold: Hold }[] = [];
  const lent: Hold[] = [];
  const here = waitables.map(({ hold, coming }, index) => {
    const awaited = hold ?? coming?.();
    if (awaited === undefined) return true;
    if (hold === undefined) lent.push(awaited);
    if (awaited.session.backend.read(awaited.id) !== undefined) return true;
    missing.push({ index, hold: awaited });
    return false;
  });
  try {
    let ready = refs.length - missing.length;
    const arrived = (position: number): boolean => {
      here[missing[position]?.index as number] = true;
      ready += 1;
      return ready >= numReturns;
    };
    if (ready >= numReturns) await breath(0);
    else
      await watchUntil(
        missing.map(({ hold }) => hold),
        arrived,
        options,
      );
  } finally {
    for (const hold of lent) hold.drop();
  }
  if (here[0] === true) only?.hold?.session.hints?.got(only.hold.id);
  return split(refs, here, numReturns);
}

/** A ref has its hold; a stream gives one for its next item, which is to be dropped, or none when it has ended. */
interface Waitable {
  readonly id: string;
  readonly hold: Hold | undefined;
  readonly coming: (() => Hold | undefined) | undefined;
}

function waitablesOf(refs: unknown): Waitable[] {
  if (!isArray(refs)) {
    const single = holdOf(refs) === undefined ? "" : " Put a single ref in an array: wait([ref]).";
    throw told(() => new TypeError(`wait() takes an array of refs, but got ${described(refs)}.${single}`));
  }
  const seen = new Map<string, number>();
  return Array.from(refs, (ref, index) => {
    const waitable = waitableOf(ref, index);
    const before = seen.get(waitable.id);
    if (before !== undefined)
      throw told(
        () => new TypeError(`wait() takes each ref once, but ${waitable.id} is at index ${before} and ${index}.`),
      );
    seen.set(waitable.id, index);
    return waitable;
  });
}

function waitableOf(ref: unknown, index: number): Waitable {
  const reader = readerOf(ref);
  if (reader === undefined) {
    const hold = holdFor("wait()", ref, ` at index ${index}`);
    return { id: `ObjectRef(${hold.id})`, hold, coming: undefined };
  }
  assertReadable(reader, "wait()");
  return { id: `ObjectRefGenerator(${reader.id})`, hold: undefined, coming: () => reader.coming() };
}

function split<R>(refs: readonly R[], here: readonly boolean[], readyMax: number): [ready: R[], pending: R[]] {
  const ready: R[] = [];
  const pending: R[] = [];
  refs.forEach((ref, index) => (here[index] === true && ready.length < readyMax ? ready : pending).push(ref));
  return [ready, pending];
}
