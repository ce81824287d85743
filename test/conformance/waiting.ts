// get and wait when something is not here yet: who is ready, how long, and what interrupts it.
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { after, before, it } from "node:test";
import { get, GetTimeoutError, put, remote, wait, type ObjectRef } from "ray-ts";
import { gateFolder, openGate, pass } from "./gate.ts";

export function waiting(): void {
  let never: ObjectRef<string>;
  const blockedUntil = remote(
    async function blockedUntil(where: string, gate: string) {
      await pass(where, gate);
      return gate;
    },
    { numCpus: 0 },
  );

  after(async () => {
    openGate(folder, "end");
    await get(never);
  });
  const folder = gateFolder();
  before(() => {
    never = blockedUntil.remote(folder, "end");
  });

  it("splits refs into ready and pending, both in input order", async () => {
    const [a, b] = [put("a"), put("b")];
    assert.deepEqual(await wait([never, a, b], { numReturns: 2 }), [[a, b], [never]]);
  });

  it("never gives more ready refs than asked for", async () => {
    const refs = [put(1), put(2), put(3)];
    const [ready, pending] = await wait(refs);
    assert.deepEqual(ready, [refs[0]]);
    assert.deepEqual(pending, [refs[1], refs[2]]);
  });

  it("waits until enough are ready", async () => {
    const later = blockedUntil.remote(folder, "later");
    const waitingForIt = wait([never, later]);
    openGate(folder, "later");
    assert.deepEqual(await waitingForIt, [[later], [never]]);
  });

  it("counts failed ones as ready", async () => {
    const bad = remote(() => {
      throw new Error("bad");
    }).remote();
    assert.deepEqual(await wait([never, bad]), [[bad], [never]]);
  });

  it("gives what is ready when the time is up, and sees what has come when it only polls", async () => {
    const done = put(1);
    assert.deepEqual(await wait([done, never], { numReturns: 2, timeoutMs: 1 }), [[done], [never]]);
    assert.deepEqual(await wait([never], { timeoutMs: 0 }), [[], [never]]);
    const polled = blockedUntil.remote(folder, "polled");
    openGate(folder, "polled");
    let ready: ObjectRef<string>[] = [];
    while (ready.length === 0) [ready] = await wait([polled], { timeoutMs: 0 });
    assert.equal(await get(polled), "polled");
  });

  it("gives two empty lists for none", async () => {
    assert.deepEqual(await wait([]), [[], []]);
  });

  it("refuses duplicates, and more than there are", async () => {
    const ref = put(1);
    await assert.rejects(wait([ref, never, ref]), { name: "TypeError", message: /each ref once.*index 0 and 2/ });
    await assert.rejects(wait([ref], { numReturns: 2 }), {
      name: "RangeError",
      message: /at most.*1, but numReturns is 2/,
    });
    await assert.rejects(wait([ref], { numReturns: 0 }), TypeError);
  });

  it("gives up after timeoutMs, naming what is pending and in which state", async () => {
    const dependent = remote((value: string) => value)
      .options({ name: "dependent" })
      .remote(never);
    await assert.rejects(get([put(1), dependent, never], { timeoutMs: 1 }), (error: unknown) => {
      assert.ok(error instanceof GetTimeoutError);
      assert.equal(error.code, "RAY_GET_TIMEOUT_ERROR");
      assert.match(error.message, /2 of 3 values/);
      assert.match(error.message, new RegExp(`dependent, ${dependent.id}: waiting for its argument 1`));
      assert.match(
        error.message,
        new RegExp(`blockedUntil, ${never.id}: (?:waiting for a free worker|running); submitted at `),
      );
      return true;
    });
    await assert.rejects(get(never, { timeoutMs: 0 }), GetTimeoutError);
    assert.equal(await get(put(1), { timeoutMs: 0 }), 1);
  });

  it("gives up with the signal's reason, whenever it is aborted", async () => {
    const controller = new AbortController();
    const pending = [get(never, { signal: controller.signal }), wait([never], { signal: controller.signal })];
    const reason = new Error("changed my mind");
    controller.abort(reason);
    for (const one of pending) await assert.rejects(one, (error) => error === reason);
    await assert.rejects(get(put(1), { signal: controller.signal }), (error) => error === reason);
    await assert.rejects(wait([put(1)], { signal: controller.signal }), (error) => error === reason);
  });

  it("listens once to a signal that many wait with, of which Node would warn", async () => {
    const { signal } = new AbortController();
    const shared = blockedUntil.remote(folder, "signalled");
    const waits = Array.from({ length: 20 }, () => [get(shared, { signal }), wait([shared], { signal })]);
    assert.equal(getEventListeners(signal, "abort").length, 1);
    openGate(folder, "signalled");
    await Promise.all(waits.flat());
    assert.equal(getEventListeners(signal, "abort").length, 0);
  });

  it("waits for what others wait for too, and leaves nothing behind", async () => {
    const shared = blockedUntil.remote(folder, "shared");
    const refs = [never, shared];
    const polls = Array.from({ length: 50 }, () => wait(refs, { timeoutMs: 0 }));
    const gets = Array.from({ length: 50 }, () => get(shared));
    await Promise.all(polls);
    openGate(folder, "shared");
    assert.deepEqual(new Set(await Promise.all(gets)), new Set(["shared"]));
  });

  it("fails as soon as any one fails", async () => {
    const bad = remote(() => {
      throw new RangeError("first");
    }).remote();
    await assert.rejects(get([never, bad]), RangeError);
    await assert.rejects(get([bad, never]), RangeError);
  });
}
