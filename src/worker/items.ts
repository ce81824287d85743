// What streams that run here make: it leaves at once, or together with what comes after it, and a stream that is too far ahead waits.
import type { Payload } from "../domain/object.ts";
import type { CallId } from "../domain/task.ts";
import type { Call } from "../protocol/worker.ts";
import { monotonicMs } from "../std/clock.ts";
import { inNextTurn } from "../std/turns.ts";
import type { Desks } from "./desks.ts";
import type { Pace } from "./pace.ts";
import type { Running, RunnerHooks } from "./running.ts";

interface ItemsContext {
  readonly desks: Desks;
  readonly hooks: RunnerHooks;
  readonly running: ReadonlyMap<CallId, Running>;
  /** Carries out what the desks want at once. */
  readonly takeEffects: () => void;
  /** Something of this call is about to leave. */
  readonly leaving: (call: Call) => void;
}

export class Items {
  readonly #context: ItemsContext;

  constructor(context: ItemsContext) {
    this.#context = context;
  }

  /** What went wrong here is no error of the function's, in whose place it would be told. */
  take(callId: CallId, value: Payload): boolean | Promise<boolean> {
    try {
      return this.#add(callId, value);
    } catch (error) {
      this.#context.hooks.broken(error);
      return false;
    }
  }

  /** A stream has made an item. Whether it goes on: perhaps later. */
  #add(callId: CallId, value: Payload): boolean | Promise<boolean> {
    const running = this.#context.running.get(callId);
    if (running?.pace === undefined || running.over) {
      this.#context.hooks.drop([value]);
      return false;
    }
    const { call, from, pace } = running;
    const { lease, task } = call;
    // What has refs inside does not wait: they are counted for the owner now.
    const now = pace.isUrgent(value, monotonicMs()) || call.alone || value.refs.length > 0;
    if (now) this.#context.leaving(call);
    if (value.refs.length > 0) this.#context.hooks.sending([value], from);
    this.#context.desks.step({ type: "item", lease, task, value, now });
    this.#context.takeEffects();
    const room = this.room(callId);
    if (now || room !== true) this.#context.hooks.flush();
    else if (!pace.sending) this.#sendSoon(running, pace);
    return room;
  }

  /** Whether a stream goes on. */
  room(callId: CallId): boolean | Promise<boolean> {
    const running = this.#context.running.get(callId);
    if (running?.pace === undefined || running.over) return false;
    const { lease, task } = running.call;
    return this.#context.desks.isPaused(lease, task) ? running.pace.wait() : true;
  }

  #sendSoon({ call }: Running, pace: Pace): void {
    pace.sending = true;
    inNextTurn(() => {
      pace.sending = false;
      this.#context.desks.step({ type: "sendItems", lease: call.lease, task: call.task });
      this.#context.takeEffects();
      this.#context.hooks.flush();
    });
  }

  /** What streams have made leaves: this process may be about to end. */
  sendAll(): void {
    for (const { call, pace } of this.#context.running.values())
      if (pace !== undefined) this.#context.desks.step({ type: "sendItems", lease: call.lease, task: call.task });
    this.#context.takeEffects();
  }
}
