// Calls that are cancelled: those that wait, those that run, and what they have submitted.
import assert from "node:assert/strict";
import { it } from "node:test";
import {
  asCompleted,
  cancel,
  get,
  getRuntimeContext,
  ObjectFreedError,
  put,
  remote,
  sleep,
  TaskCancelledError,
  wait,
  type ActorHandle,
  type ObjectRef,
} from "ray-ts";
import { slot } from "#src/api/slot.js";
import { gateFolder, isOpen, openGate, pass } from "./gate.ts";
import { cancelled, crowded, party, sleeper, stubborn, tell } from "./stopped.ts";

class Lock {
  #free = false;

  free(): void {
    this.#free = true;
  }

  isFree(): boolean {
    return this.#free;
  }
}

class Boss {
  #ref: ObjectRef<void> | undefined;

  submit(folder: string, name: string): [ObjectRef<void>] {
    this.#ref = sleeper.options({ numCpus: 0 }).remote(folder, name);
    return [this.#ref];
  }

  async cancel(): Promise<void> {
    if (this.#ref !== undefined) await cancel(this.#ref);
  }
}

export function cancels(): void {
  const folder = gateFolder();
  it("never runs a call that was cancelled while it waited, and says which call it was, who did it and why", async () => {
    const [one, other] = [party(), party()];
    const kept: ObjectRef<void>[] = [];
    await crowded(folder, async () => {
      const ref = tell.remote(folder, one);
      kept.push(tell.remote(folder, other));
      await cancel(ref, { reason: "no longer needed." });
      await cancelled(
        ref,
        /^Task tell was cancelled by ray\.cancel at test\/conformance\/cancel\.ts:\d+:\d+: no longer needed\.\n +submitted at test\/conformance\/cancel\.ts:\d+:\d+$/,
      );
    });
    await get(kept);
    assert.ok(isOpen(folder, other) && !isOpen(folder, one));
  });

  it("cancels a call that waits for an argument, and fails what depends on it", async () => {
    await crowded(folder, async () => {
      const first = remote(() => 1).remote();
      const second = remote((value: number) => value).remote(first);
      const third = remote((value: number) => value, { name: "third" }).remote(second);
      await cancel(second);
      await cancelled(second, /by ray\.cancel/);
      await cancelled(third, /by ray\.cancel.*\n.*\n.*so an argument of task third could not be computed/);
    });
  });

  it("tells a call that runs: its signal aborts, and what waits in it by our means rejects with the signal's reason", async () => {
    const name = party();
    const watched = remote(async (where: string, gate: string, never: [ObjectRef<unknown>]) => {
      const { signal } = getRuntimeContext();
      const waits = [get(never), wait(never), asCompleted(never).next(), sleep(Infinity)];
      const ends = waits.map((each) => each.catch((error: unknown) => error));
      openGate(where, `${gate}-begun`);
      const errors = await Promise.all(ends);
      // Nor does anything wait after that, be it here already.
      const later = [get(put(1)), sleep(0), get(never), wait([put(1)]), asCompleted([put(1)]).next()];
      errors.push(...(await Promise.all(later.map((each) => each.catch((error: unknown) => error)))));
      const reason: unknown = signal.reason;
      openGate(where, errors.every((error) => error === reason) ? `${gate}-alike` : `${gate}-differ`);
      openGate(
        where,
        reason instanceof TaskCancelledError && /: tired\.\n/.test(reason.message) ? gate : "wrong reason",
      );
    });
    const never = sleeper.remote(folder, party());
    const ref = watched.remote(folder, name, [never]);
    await pass(folder, `${name}-begun`);
    await cancel(ref, { reason: "tired" });
    await cancelled(ref, /: tired\.\n/);
    await pass(folder, `${name}-alike`);
    await pass(folder, name);
    await cancel(never);
  });

  it("aborts the signal of a call that looks at it only then, and calls its listeners", async () => {
    const name = party();
    const listening = remote(async (where: string, gate: string) => {
      getRuntimeContext().signal.addEventListener("abort", () => openGate(where, `${gate}-heard`));
      openGate(where, `${gate}-begun`);
      await sleep(Infinity).catch(() => {});
      if (getRuntimeContext().signal.aborted) openGate(where, `${gate}-aborted`);
    });
    const ref = listening.remote(folder, name);
    await pass(folder, `${name}-begun`);
    await cancel(ref);
    await pass(folder, `${name}-heard`);
    await pass(folder, `${name}-aborted`);
  });

  it("lets a function go on that does not care, with what it has taken", async () => {
    const name = party();
    const ref = stubborn.remote(folder, name);
    await pass(folder, `${name}-begun`);
    await cancel(ref);
    await cancelled(ref, /Task stubborn/);
    const next = remote((where: string, gate: string) => isOpen(where, gate)).remote(folder, `${name}-ended`);
    assert.equal(slot.session?.backend.progress(next.id), "ready");
    assert.equal(slot.session.backend.progress(ref.id), undefined);
    openGate(folder, `${name}-end`);
    assert.equal(await get(next), true, "it began when the other had ended");
  });

  it("counts a cancelled one as ready in wait and asCompleted", async () => {
    const ref = sleeper.remote(folder, party());
    await cancel(ref);
    assert.deepEqual(await wait([ref]), [[ref], []]);
    for await (const ready of asCompleted([ref])) assert.equal(ready, ref);
  });

  it("does nothing to what has ended, was put, or was cancelled before", async () => {
    const done = remote(() => 1).remote();
    assert.equal(await get(done), 1);
    const value = put(2);
    const ref = sleeper.remote(folder, party());
    await cancel(ref, { reason: "first" });
    for (const each of [done, value, ref, ref]) await cancel(each, { reason: "second" });
    assert.deepEqual(await get([done, value]), [1, 2]);
    await cancelled(ref, /: first\.\n/);
  });

  it("does nothing to what another call has submitted", async () => {
    const name = party();
    const submit = async (where: string, gate: string): Promise<[ObjectRef<void>]> => [
      stubborn.options({ numCpus: 0 }).remote(where, gate),
    ];
    const [inner] = await get(remote(submit).remote(folder, name));
    await pass(folder, `${name}-begun`);
    await cancel(inner);
    openGate(folder, `${name}-end`);
    assert.equal(await get(inner), undefined);
  });

  it("ends what another method of the same actor has submitted, or the same call", async () => {
    const boss = remote(Boss).remote();
    const names = [party(), party()] as const;
    const [inner] = await get(boss.submit.remote(folder, names[0]));
    await pass(folder, `${names[0]}-begun`);
    await get(boss.cancel.remote());
    await cancelled(inner, /Task sleeper was cancelled by ray\.cancel/);
    const own = async (where: string, gate: string): Promise<string> => {
      const ref = sleeper.remote(where, gate);
      await pass(where, `${gate}-begun`);
      await cancel(ref);
      return get(ref).then(String, (error: Error) => error.name);
    };
    assert.equal(await get(remote(own).remote(folder, names[1])), "TaskCancelledError");
  });

  it("refuses what is no ref, or one that was disposed of, and options that are none", async () => {
    const wrong: readonly [unknown, RegExp][] = [
      [42, /^cancel\(\) takes an ObjectRef, but got the number 42\.$/],
      [[put(1)], /got an array\. For several: await Promise\.all/],
      [sleeper, /got the function 'sleeper'\. Call it first: sleeper\.remote/],
      [Promise.resolve(put(1)), /got a Promise\. If the promise gives a ref, await it first/],
    ];
    for (const [value, message] of wrong) await assert.rejects(cancel(value as never), { name: "TypeError", message });
    const ref = put(1);
    ref[Symbol.dispose]();
    await assert.rejects(cancel(ref), ObjectFreedError);
    await assert.rejects(cancel(put(1), { force: "yes" } as never), {
      name: "TypeError",
      message: /force.*true or false/,
    });
  });

  it("fails each of several results", async () => {
    await crowded(folder, async () => {
      const refs = remote(() => [1, 2, 3], { numReturns: 3 }).remote();
      await cancel(refs[1] as ObjectRef<unknown>);
      for (const ref of refs) await cancelled(ref, /by ray\.cancel/);
    });
  });

  const family = remote(async (where: string, name: string, depth: number): Promise<void> => {
    const again: { remote(...args: unknown[]): ObjectRef<void> } = family;
    const child =
      depth === 0 ? sleeper.options({ numCpus: 0 }).remote(where, name) : again.remote(where, name, depth - 1);
    await get(child);
  });

  it("cancels what a call has submitted, down to the last, and nothing else", async () => {
    const [name, cousin] = [party(), party()];
    const other = family.remote(folder, cousin, 0);
    const ref = family.remote(folder, name, 1);
    for (const leaf of [name, cousin]) await pass(folder, `${leaf}-begun`);
    await cancel(ref);
    await pass(folder, `${name}-stopped`);
    assert.ok(!isOpen(folder, `${cousin}-stopped`));
    await cancel(other);
    await pass(folder, `${cousin}-stopped`);
  });

  it("leaves them alone when it is told to", async () => {
    const name = party();
    const parent = remote(async (where: string, gate: string) => {
      const child = stubborn.options({ numCpus: 0 }).remote(where, gate);
      await get(child);
    });
    const ref = parent.remote(folder, name);
    await pass(folder, `${name}-begun`);
    await cancel(ref, { recursive: false });
    await cancelled(ref, /by ray\.cancel/);
    openGate(folder, `${name}-end`);
    await pass(folder, `${name}-ended`);
  });

  it("tells a child with whom it ends, and never runs what a cancelled call still submits", async () => {
    const name = party();
    const parent = remote(async (where: string, gate: string) => {
      openGate(where, `${gate}-begun`);
      await sleep(Infinity).catch(() => {});
      const late = tell.remote(where, `${gate}-late`);
      // It waits for nothing any more, but what is here can be looked at.
      const failure = slot.session?.backend.read(late.id)?.failure;
      openGate(where, failure?.kind === "cancelled" ? `${failure.how}, ${failure.reason}` : "not cancelled");
    });
    const ref = parent.options({ name: "parent" }).remote(folder, name);
    await pass(folder, `${name}-begun`);
    await cancel(ref, { reason: `reason-${name}` });
    await pass(folder, `with its parent parent, reason-${name}`);
    assert.ok(!isOpen(folder, `${name}-late`));
  });

  it("can be called in a task, for what that has submitted", async () => {
    const outer = remote(async (where: string, name: string) => {
      const ref = sleeper.remote(where, name);
      await cancel(ref, { reason: "not this one" });
      return get(ref).catch((error: unknown) => error instanceof TaskCancelledError && error.message);
    });
    assert.match(
      String(await get(outer.remote(folder, party()))),
      /^Task sleeper was cancelled by ray\.cancel at .*: not this one/,
    );
  });

  it("does not try a cancelled call again, nor one that waits for its next attempt", async () => {
    const name = party();
    const flaky = remote(
      async (where: string, gate: string) => {
        openGate(where, `${gate}-${getRuntimeContext().attempt}`);
        await sleep(Infinity);
      },
      { retryExceptions: true, maxRetries: -1 },
    );
    const running = flaky.remote(folder, name);
    await pass(folder, `${name}-1`);
    await cancel(running);
    await cancelled(running, /by ray\.cancel/);
    const failing = remote(
      () => {
        throw new Error("once more");
      },
      { retryExceptions: true, retryDelayMs: 3_600_000 },
    ).remote();
    while (slot.session?.backend.progress(failing.id) !== "delayed") await sleep(1);
    await cancel(failing);
    await cancelled(failing, /by ray\.cancel/);
    // Whatever was to be tried again has been by now.
    await get(remote(() => 1).remote());
    assert.ok(!isOpen(folder, `${name}-2`));
  });

  it("lets a call that is cancelled give back what it has, by calls of actors without results", async () => {
    const name = party();
    const holder = remote(async (lock: ActorHandle<Lock>) => {
      try {
        openGate(folder, name);
        await sleep(Infinity);
      } finally {
        lock.free.options({ numReturns: 0 }).remote();
      }
    });
    const lock = remote(Lock).remote();
    const held = holder.remote(lock);
    await pass(folder, name);
    await cancel(held);
    while (!(await get(lock.isFree.remote()))) await sleep(1);
    await cancelled(held, /by ray\.cancel/);
  });

  it("cancels thousands at once, of which none runs, and goes on", async () => {
    const name = party();
    await crowded(folder, async () => {
      const refs = Array.from({ length: 2_500 }, (_, index) => tell.remote(folder, `${name}-${index}`));
      await Promise.all(refs.map((ref) => cancel(ref)));
      const [ready] = await wait(refs, { numReturns: refs.length });
      assert.equal(ready.length, refs.length);
      for (const ref of refs.slice(0, 3)) await cancelled(ref, /by ray\.cancel/);
    });
    assert.equal(await get(remote(() => 1, { numCpus: 2 }).remote()), 1);
    assert.ok(!isOpen(folder, `${name}-0`) && !isOpen(folder, `${name}-2499`));
  });
}
