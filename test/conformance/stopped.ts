// Calls to be stopped, and what they come to. Imported by workers too.
import assert from "node:assert/strict";
import { get, remote, sleep, TaskCancelledError, type ObjectRef } from "ray-ts";
import { isOpen, openGate, pass } from "./gate.ts";

/** Says that it has begun, and waits by our means until it is stopped; then says so, and throws. */
export const sleeper = remote(async function sleeper(folder: string, name: string) {
  openGate(folder, `${name}-begun`);
  try {
    await sleep(Infinity);
  } catch (error) {
    openGate(folder, `${name}-stopped`);
    throw error;
  }
});

/** Takes no notice of being stopped: ends when its gate is opened. */
export const stubborn = remote(
  async function stubborn(folder: string, name: string) {
    openGate(folder, `${name}-begun`);
    // By the means of Node, which know nothing of it.
    while (!isOpen(folder, `${name}-end`)) await new Promise((resolve) => setTimeout(resolve, 1));
    openGate(folder, `${name}-ended`);
  },
  { numCpus: 2 },
);

export const tell = remote((folder: string, name: string) => openGate(folder, name));

/** The error of a call that was stopped. */
export async function stopOf(ref: ObjectRef<unknown>): Promise<Error> {
  return get(ref).then(
    () => assert.fail("it was not stopped"),
    (error: Error) => error,
  );
}

export async function cancelled(ref: ObjectRef<unknown>, message: RegExp): Promise<void> {
  const error = await stopOf(ref);
  assert.ok(error instanceof TaskCancelledError, String(error));
  assert.match(error.message, message);
}

let parties = 0;

/** A name for gates, so that no test passes through those of another. */
export function party(): string {
  parties += 1;
  return `party${parties}`;
}

/** All CPUs are taken while `body` runs. */
export async function crowded(folder: string, body: () => Promise<void>): Promise<void> {
  const name = party();
  const holder = stubborn.remote(folder, name);
  await pass(folder, `${name}-begun`);
  try {
    await body();
  } finally {
    openGate(folder, `${name}-end`);
    await get(holder);
  }
}

/** Ends when it is told to, and says so when its result is on its way. */
async function leave(folder: string, name: string): Promise<string> {
  openGate(folder, `${name}-begun`);
  await pass(folder, `${name}-go`);
  setTimeout(() => openGate(folder, `${name}-left`), 20);
  return name;
}

export const leaver = remote(leave);

export class Leaver {
  leave(folder: string, name: string): Promise<string> {
    return leave(folder, name);
  }
}

/**
 * Submits a call, and computes until its result has come and its time is over: what `get` gives then. On a machine that is slow to begin
 * it once more, with more time.
 */
export async function busyWhileItEnds(
  folder: string,
  submit: (name: string, timeoutMs: number) => ObjectRef<string>,
): Promise<string> {
  for (let timeoutMs = 200; ; timeoutMs *= 2) {
    const name = party();
    const beganMs = performance.now();
    const tookMs = (): number => performance.now() - beganMs;
    const ref = submit(name, timeoutMs);
    while (!isOpen(folder, `${name}-begun`) && tookMs() < timeoutMs) await sleep(1);
    openGate(folder, `${name}-go`);
    if (tookMs() > timeoutMs / 2) {
      await get(ref).catch(() => {});
      continue;
    }
    while (!isOpen(folder, `${name}-left`) || tookMs() <= timeoutMs);
    return (await get(ref)) === name ? "its value" : "another value";
  }
}
