// Runs a call that is a stream: takes one item after another from its generator, until that ends or nobody wants more.
import { encode } from "../codec/value.ts";
import { TaskError } from "../domain/errors.ts";
import type { ObjectId } from "../domain/id.ts";
import { ownedPayload, type Payload } from "../domain/object.ts";
import { monotonicMs, startTimer } from "../std/clock.ts";
import { isThenable } from "../std/is-thenable.ts";
import { aTurn } from "../std/turns.ts";
import { patiently } from "./patience.ts";
import type { CallContext } from "./slot.ts";
import { lendCpus, whenStopped } from "./waits.ts";

/** Where the items of a stream go. */
export interface Production {
  /** So many are made and do not go anywhere: an attempt before this one has sent them. */
  readonly skip: number;
  /** As whom the call waits that reads them. */
  readonly reader: ObjectId | undefined;
  /** But for these places, in their order. With a `skip` of Infinity it ends after them. */
  readonly again: readonly number[];
  /** Whether to go on after those: perhaps later, when there is room for more. */
  room(): boolean | Promise<boolean>;
  /** Whether to go on after this one. */
  item(value: Payload): boolean | Promise<boolean>;
}

/** A generator of either kind; what a transpiler makes of one is none of the engine's. */
export interface Producer {
  next(): unknown;
  return?(): unknown;
}

/** After so long the event loop has its turn: somebody may have said that it is enough. */
const TURN_MS = 1;
/** A producer that has no room for so long stands still. Shorter pauses are part of its work, and to say each would take longer. */
const STILL_MS = 100;

/**
 * Rejects with what the generator threw. An error: why the call has no stream, or not all of it. Whoever stops early lets the generator
 * run its `finally` blocks.
 */
export async function produce(
  context: CallContext,
  { name }: { readonly name: string },
  production: Production,
  result: Producer,
): Promise<{ readonly error: unknown } | undefined> {
  // What begins calls must not be kept by one that never waits.
  await aTurn();
  const { skip, again, reader } = production;
  let repeated = 0;
  const pauses = new Pauses(context, reader);
  let turnStartMs = monotonicMs();
  for (let index = 0; context.stopped === undefined; index += 1) {
    if (skip === Infinity && repeated === again.length) break;
    const given = result.next();
    const step = (isThenable(given) ? await given : given) as IteratorResult<unknown>;
    if (step.done === true)
      return index < skip && skip < Infinity ? { error: new TaskError(tooFew(name, index, skip)) } : undefined;
    let more: boolean | Promise<boolean> = true;
    const isRepeated = index === again[repeated];
    if (isRepeated) repeated += 1;
    if (isRepeated || index >= skip) {
      let value: Payload;
      try {
        const item = kept(context, name, encode(step.value, `item ${index + 1} of ${name}`));
        value = item instanceof Promise ? await item : item;
      } catch (error) {
        await close(result);
        return { error };
      }
      more = production.item(value);
    } else if (index === skip - 1) {
      more = production.room();
    }
    if (more !== true && (more === false || !(await pauses.until(more)))) break;
    if (monotonicMs() - turnStartMs < TURN_MS) continue;
    await aTurn();
    turnStartMs = monotonicMs();
  }
  await close(result);
  return undefined;
}

/** At once, unless it has to be waited for. */
function kept({ session }: CallContext, name: string, encoded: Payload): Payload | Promise<Payload> {
  let item = encoded;
  const own = (): void => void (item = ownedPayload(item));
  return patiently(() => session.backend.keep(item, () => `an item of ${name}`), own);
}

async function close(producer: Producer): Promise<void> {
  await producer.return?.();
}

export function isProducer(value: unknown): value is Producer {
  return typeof value === "object" && value !== null && "next" in value && typeof value.next === "function";
}

/** One that stands still lends its CPUs: what its reader does before it reads on may need them. It waits for its reader. */
class Pauses {
  readonly #context: CallContext;
  readonly #awaited: () => readonly ObjectId[];
  /** Pauses that last make it shorter, others longer: a slow reader is not to wait for it at each item. */
  #patienceMs = STILL_MS;

  constructor(context: CallContext, reader: ObjectId | undefined) {
    this.#context = context;
    const awaited = reader === undefined ? [] : [reader];
    this.#awaited = () => awaited;
  }

  /** False as soon as the call is stopped. */
  until(more: Promise<boolean>): Promise<boolean> {
    const context = this.#context;
    if (context.stopped !== undefined) return Promise.resolve(false);
    return new Promise((resolve) => {
      let takeBack: (() => void) | undefined;
      const timer = startTimer(this.#patienceMs, () => (takeBack = lendCpus(context, this.#awaited)), {
        keepsAlive: false,
      });
      const goOn = (yes: boolean): void => {
        timer.cancel();
        forget();
        this.#patienceMs =
          takeBack === undefined ? Math.min(STILL_MS, this.#patienceMs * 2) : Math.max(1, this.#patienceMs / 2);
        takeBack?.();
        takeBack = undefined;
        resolve(yes);
      };
      const forget = whenStopped(context, () => goOn(false));
      void more.then(goOn);
    });
  }
}

function tooFew(name: string, count: number, before: number): string {
  return (
    `Task ${name} was tried again and made ${count} ${count === 1 ? "item" : "items"}, fewer than the ${before} that its reader had got before. ` +
    "A stream that may be tried again must make the same items each time; maxRetries: 0 forbids it."
  );
}
