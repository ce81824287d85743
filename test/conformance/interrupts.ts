// Calls that end early by their own options: a signal, and the time that they may take.
import assert from "node:assert/strict";
import { it } from "node:test";
import { get, remote, TaskTimeoutError } from "ray-ts";
import { gateFolder, isOpen, openGate, pass, roomIn } from "./gate.ts";
import { itIsolated, type Setting } from "./setting.ts";
import { busyWhileItEnds, cancelled, crowded, Leaver, leaver, party, sleeper, stopOf, tell } from "./stopped.ts";

export function interrupts(setting: Setting): void {
  const folder = gateFolder();
  const itLocally = itIsolated(setting);

  it("cancels by a signal whatever was submitted with it, and tells the signal's reason", async () => {
    const controller = new AbortController();
    const name = party();
    const running = sleeper.options({ signal: controller.signal, numCpus: 2 }).remote(folder, name);
    await pass(folder, `${name}-begun`);
    const waiting = tell.options({ signal: controller.signal }).remote(folder, `${name}-waiting`);
    tell.options({ signal: controller.signal, numReturns: 0 }).remote(folder, `${name}-nothing`);
    const done = remote(() => 1, { signal: controller.signal, numCpus: 0 }).remote();
    assert.equal(await get(done), 1);
    controller.abort(new Error("the user left"));
    for (const ref of [running, waiting]) {
      await cancelled(ref, /was cancelled by its signal: the user left\.\n/);
      assert.equal((await stopOf(ref)).cause, controller.signal.reason);
    }
    await pass(folder, `${name}-stopped`);
    const late = tell.options({ signal: controller.signal }).remote(folder, `${name}-late`);
    await cancelled(late, /was cancelled by its signal: the user left\.\n/);
    assert.equal(await get(done), 1);
    await get(remote(() => 1, { numCpus: 2 }).remote());
    for (const gate of ["waiting", "nothing", "late"]) assert.ok(!isOpen(folder, `${name}-${gate}`), gate);
  });

  it("says nothing of a reason where nobody gave one", async () => {
    const signal = AbortSignal.abort();
    await cancelled(tell.options({ signal }).remote(folder, party()), /^Task tell was cancelled by its signal\.\n/);
  });

  it("ends a call that takes longer than it may, wherever it is, and says how far it had come", async () => {
    const name = party();
    const running = sleeper.options({ timeoutMs: 50 }).remote(folder, name);
    const error = await stopOf(running);
    assert.ok(error instanceof TaskTimeoutError);
    assert.match(
      error.message,
      /^Task sleeper took longer than its timeoutMs, 50 ms from its submission: it was (?:running|waiting for a free worker)\.\n +submitted at test\/conformance\/interrupts\.ts:/,
    );
    await crowded(folder, async () => {
      // The first, since nobody hears of its end: when that of another is heard of, its own time is over.
      const nothing = tell.options({ timeoutMs: 1, numReturns: 0 }).remote(folder, `${name}-nothing`);
      assert.equal(nothing, undefined);
      const ready = tell.options({ timeoutMs: 1 }).remote(folder, `${name}-ready`);
      const dependent = remote((_: unknown) => 1, { timeoutMs: 1 }).remote(ready);
      assert.match((await stopOf(ready)).message, /it was waiting for a free worker\./);
      assert.match((await stopOf(dependent)).message, /it was waiting for (?:its arguments|a free worker)\./);
    });
    await get(remote(() => 1, { numCpus: 2 }).remote());
    for (const gate of ["ready", "nothing"]) assert.ok(!isOpen(folder, `${name}-${gate}`), gate);
  });

  it("does not begin a call that has no time at all, however fast it would be", async () => {
    const name = party();
    const error = await stopOf(tell.options({ timeoutMs: 0 }).remote(folder, name));
    assert.ok(error instanceof TaskTimeoutError);
    assert.match(error.message, /^Task tell took longer than its timeoutMs, 0 ms from its submission: it was waiting/);
    await get(remote(() => 1, { numCpus: 2 }).remote());
    assert.ok(!isOpen(folder, name));
  });

  it("has the CPUs of a call whose time is over for others, also when that never ends", async () => {
    const never = remote(() => new Promise<void>(() => {}), { numCpus: 2, timeoutMs: 20, maxRetries: 0 });
    assert.ok((await stopOf(never.remote())) instanceof TaskTimeoutError);
    assert.equal(await get(remote(() => 1, { numCpus: 2 }).remote()), 1);
  });

  it("tells a call whose time is over, and what it has submitted", async () => {
    const name = party();
    const parent = remote(async (where: string, gate: string) => {
      try {
        await get(sleeper.remote(where, gate));
      } catch (error) {
        openGate(where, error instanceof TaskTimeoutError ? `${gate}-told` : `${gate}-${String(error)}`);
      }
    });
    const ref = parent.options({ timeoutMs: 300 }).remote(folder, name);
    assert.ok((await stopOf(ref)) instanceof TaskTimeoutError);
    // On a slow machine it may never have begun.
    if (isOpen(folder, `${name}-begun`)) {
      await pass(folder, `${name}-stopped`);
      await pass(folder, `${name}-told`);
    }
  });

  it("leaves a call alone that ends in its time", async () => {
    const quick = remote((n: number) => n + 1, { timeoutMs: 3_600_000, signal: new AbortController().signal });
    assert.deepEqual(await get([quick.remote(1), quick.options({ timeoutMs: Infinity }).remote(2)]), [2, 3]);
    assert.throws(() => quick.options({ timeoutMs: -1 }), { name: "TypeError", message: /timeoutMs.*0 or more/ });
    assert.throws(() => quick.options({ signal: "now" as never }), { name: "TypeError", message: /an AbortSignal/ });
  });

  itLocally("takes the result that came in time when it was submitted by one who was busy until later", async () => {
    const task = (name: string, timeoutMs: number) => leaver.options({ timeoutMs }).remote(folder, name);
    assert.equal(await busyWhileItEnds(folder, task), "its value");
    const actor = remote(Leaver).remote();
    const method = (name: string, timeoutMs: number) => actor.leave.options({ timeoutMs }).remote(folder, name);
    assert.equal(await busyWhileItEnds(folder, method), "its value");
    const submitter = remote((where: string) =>
      busyWhileItEnds(where, (name, timeoutMs) => leaver.options({ timeoutMs }).remote(where, name)),
    );
    assert.equal(await get(submitter.remote(roomIn(folder))), "its value");
  });

  it("says that a signal cannot travel with the handle that has it", () => {
    const bound = tell.options({ signal: new AbortController().signal });
    assert.throws(() => remote((handle: unknown) => handle).remote(bound), {
      name: "SerializationError",
      message: /options\.signal.*AbortSignal/,
    });
  });
}
