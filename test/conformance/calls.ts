// Submitting calls and getting what they return.
import assert from "node:assert/strict";
import { it } from "node:test";
import { asCompleted, get, put, remote, type ObjectRef } from "ray-ts";
import { gateFolder, openGate, pass } from "./gate.ts";

export function calls(): void {
  const add = remote((a: number, b: number) => a + b);
  const echo = remote((value: unknown) => value);

  it("gives a value, of functions that return one and of those that promise one", async () => {
    assert.equal(await get(add.remote(1, 2)), 3);
    assert.equal(await get(remote(async (x: number) => Promise.resolve(x * 2)).remote(4)), 8);
    assert.equal(await get(remote(() => undefined).remote()), undefined);
    // oxlint-disable-next-line unicorn/no-thenable -- what promises of other libraries look like
    const thenable = remote(() => ({ then: (resolve: (value: string) => void) => resolve("settled") }));
    assert.equal(await get(thenable.remote() as ObjectRef<unknown>), "settled");
  });

  it("gives the values of many refs in the order of the refs, also of one ref twice", async () => {
    const refs = Array.from({ length: 20 }, (_, index) => add.remote(index, 0));
    assert.deepEqual(await get(refs), [...refs.keys()]);
    const ref = add.remote(1, 1);
    assert.deepEqual(await get([ref, ref]), [2, 2]);
    assert.deepEqual(await get([]), []);
  });

  it("resolves refs that are arguments, wherever they stand", async () => {
    assert.equal(await get(add.remote(add.remote(1, 2), add.remote(3, 4))), 10);
    assert.equal(await get(add.remote(put(5), 1)), 6);
    assert.equal(await get(remote((...all: number[]) => all.length).remote(1, put(2), 3)), 3);
  });

  it("keeps refs that are nested in arguments", async () => {
    const first = remote(async (refs: readonly ObjectRef<number>[]) => get(refs[0] as ObjectRef<number>));
    assert.equal(await get(first.remote([add.remote(1, 2)])), 3);
    const inObject = remote(async ({ inner }: { inner: ObjectRef<number> }) => get(inner));
    assert.equal(await get(inObject.remote({ inner: put(7) })), 7);
  });

  it("passes refs on in results, as they are", async () => {
    const give = remote((n: number) => put(n));
    const inner = await get(give.remote(3));
    assert.equal(await get(inner), 3);
    const many = await get(remote(() => ({ list: [put("a"), put("b")] })).remote());
    assert.deepEqual(await get(many.list), ["a", "b"]);
    const [same] = (await get(echo.remote([inner]))) as ObjectRef<number>[];
    assert.equal(same?.id, inner.id);
  });

  it("gives nothing, one ref, or a ref per element, as numReturns says", async () => {
    const pair = remote((n: number): [number, string] => [n, String(n)], { numReturns: 2 });
    const [number, text] = pair.remote(4);
    assert.equal(await get(text), "4");
    assert.equal(await get(number), 4);
    assert.equal(pair.options({ numReturns: 0 }).remote(1), undefined);
    assert.deepEqual(await get(pair.options({ numReturns: 1 }).remote(1)), [1, "1"]);
  });

  it("runs calls that give no ref", async () => {
    const folder = gateFolder();
    assert.equal(remote((where: string) => openGate(where, "ran"), { numReturns: 0 }).remote(folder), undefined);
    await pass(folder, "ran");
  });

  it("submits now and runs later: a call never begins inside remote()", async () => {
    const folder = gateFolder();
    const refs = [1, 2, 3].map((n) =>
      remote(async (where: string, value: number) => {
        await pass(where, "go");
        return value;
      }).remote(folder, n),
    );
    openGate(folder, "go");
    assert.deepEqual(await get(refs), [1, 2, 3]);
  });

  it("leaves the original untouched by options", async () => {
    const named = add.options({ name: "plus", numCpus: 0 });
    assert.equal(named.name, "plus");
    assert.notEqual(add.name, "plus");
    assert.equal(await get(named.remote(1, 1)), 2);
    assert.equal(named.local(1, 1), 2);
  });

  it("takes handles apart: remote and options need no receiver", async () => {
    const { remote: call, options } = add;
    assert.equal(await get(call(1, 2)), 3);
    assert.equal(await get(options({}).remote(1, 2)), 3);
  });

  it("hands out refs as they become ready", async () => {
    const folder = gateFolder();
    const late = remote(async (where: string) => {
      await pass(where, "late");
      return "late";
    }).remote(folder);
    const early = put("early");
    const seen: string[] = [];
    for await (const ref of asCompleted([late, early])) {
      seen.push(await get(ref));
      openGate(folder, "late");
    }
    assert.deepEqual(seen, ["early", "late"]);
    for await (const _ of asCompleted([])) assert.fail("nothing to hand out");
    for await (const ref of asCompleted(new Set([early, early]))) assert.equal(ref, early);
    for await (const _ of asCompleted([early, late])) break;
  });

  it("lets many ask one asCompleted at once", async () => {
    const refs = [1, 2, 3].map((n) => add.remote(n, 0));
    const completed = asCompleted(refs);
    const steps = await Promise.all([1, 2, 3, 4].map(() => completed.next()));
    assert.deepEqual(
      steps.map((step) => step.done),
      [false, false, false, true],
    );
  });
}
