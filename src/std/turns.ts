// The turns of the event loop, as they were when this program began: fake timers that user code puts in their place stop only its own.
import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate } from "node:timers";

type Soon = (callback: () => void) => void;

/** At the end of the running turn, before anything else comes in. */
export const atEndOfTurn: Soon = queueMicrotask;

const immediate = setImmediate;

/** In a turn of its own, after what has come in meanwhile. */
export function inNextTurn(callback: () => void): void {
  immediate(callback);
}

const outside = AsyncLocalStorage.snapshot();

/** The same, and in the asynchronous context of when this program began: what user code has set where it is asked for is not seen. */
export function inTurnOfItsOwn(callback: () => void): void {
  inNextTurn(() => outside(callback));
}

/** Whether the turn in which it was last begun is still running. Costs one callback in each turn in which it is begun. */
export class Turn {
  #isRunning = false;

  get isOver(): boolean {
    return !this.#isRunning;
  }

  begin(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    inNextTurn(() => {
      this.#isRunning = false;
    });
  }
}

/** Resolves then. */
export function aTurn(): Promise<undefined> {
  return new Promise((resolve) => inNextTurn(() => resolve(undefined)));
}
