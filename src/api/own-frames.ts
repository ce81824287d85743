// Stacks as users want to read them: without the frames of this package, which would fill the ten that are kept.
import { RayError } from "../domain/errors.ts";
import { taskErrorParts } from "../domain/task-error.ts";
import { calledAt, withoutOwnFrames } from "../std/own-frames.ts";
import { setTraceLimit } from "../std/traces.ts";

/** Between a public function and the place where its error is made. */
const OWN_FRAMES_MAX = 20;

/** Makes an error of ours with the frames of the user that a deep place of ours would leave no room for. */
export function told<E extends Error>(make: () => E): E {
  const before = Error.stackTraceLimit;
  let error: E;
  try {
    setTraceLimit(before + OWN_FRAMES_MAX);
    error = make();
  } finally {
    setTraceLimit(before);
  }
  // The frames of a task were seen to before.
  if (taskErrorParts(error) !== undefined || typeof error.stack !== "string") return error;
  error.stack = withoutOwnFrames(error.stack, before);
  return error;
}

/** An error of what is done first in a public function begins with whoever called it. Nothing of the user's may run in there. */
export function atCaller<T>(callee: (...args: never[]) => unknown, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw error instanceof Error ? calledAt(callee, error) : error;
  }
}

/** What a public function throws at its call: the stack of an error of ours begins with whoever called the function. */
export function thrownBy(callee: (...args: never[]) => unknown, error: unknown): unknown {
  return error instanceof RayError && taskErrorParts(error) === undefined ? calledAt(callee, error) : error;
}
