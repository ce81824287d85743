// Tasks that submit tasks and wait for them.
import assert from "node:assert/strict";
import { it } from "node:test";
import { get, put, remote, wait, type ObjectRef } from "ray-ts";

export function nesting(): void {
  const double = remote((n: number) => n * 2);

  it("runs a task of a task of a task", async () => {
    const inner = remote(async (n: number) => get(double.remote(n)));
    const middle = remote(async (n: number) => (await get(inner.remote(n))) + 1);
    const outer = remote(async (n: number) => (await get(middle.remote(n))) + 1);
    assert.equal(await get(outer.remote(5)), 12);
  });

  it("runs a function that calls itself, wider and deeper than there are CPUs", async () => {
    const fib: { remote(n: number): ObjectRef<number> } = remote(async (n: number): Promise<number> => {
      if (n < 2) return n;
      const [a, b] = await get([fib.remote(n - 1), fib.remote(n - 2)]);
      return a + b;
    });
    assert.equal(await get(fib.remote(8)), 21);
  });

  it("runs two functions that call each other", async () => {
    const isEven: { remote(n: number): ObjectRef<boolean> } = remote(
      async (n: number): Promise<boolean> => n === 0 || get(isOdd.remote(n - 1)),
    );
    const isOdd: { remote(n: number): ObjectRef<boolean> } = remote(
      async (n: number): Promise<boolean> => n !== 0 && get(isEven.remote(n - 1)),
    );
    assert.equal(await get(isEven.remote(4)), true);
    assert.equal(await get(isOdd.remote(4)), false);
  });

  it("returns a ref of a call it made, without waiting for it", async () => {
    const start = remote(async (n: number) => double.remote(n));
    assert.equal(await get(await get(start.remote(4))), 8);
  });

  it("takes handles as arguments and gives them as results", async () => {
    const apply = remote(async (fn: { remote(n: number): ObjectRef<number> }, n: number) => get(fn.remote(n)));
    assert.equal(await get(apply.remote(double, 3)), 6);
    const give = remote(() => double);
    const given = await get(give.remote());
    assert.equal(await get(given.remote(4)), 8);
    assert.equal(given.local(4), 8);
  });

  it("keeps the options of a handle that travels", async () => {
    const pair = remote((n: number): [number, number] => [n, n + 1], { numReturns: 2, name: "pair" });
    const viaTask = remote(async (fn: { remote(n: number): readonly ObjectRef<number>[] }) => get(fn.remote(1)));
    assert.deepEqual(await get(viaTask.remote(pair)), [1, 2]);
  });

  it("waits in tasks too", async () => {
    const firstOf = remote(async (refs: readonly ObjectRef<number>[]) => {
      const [ready, pending] = await wait(refs);
      return [ready.length, pending.length];
    });
    assert.deepEqual(await get(firstOf.remote([put(1), double.remote(2)])), [1, 1]);
  });

  it("keeps what a ref in a ref in a ref stands for", async () => {
    const wrap = remote((value: unknown) => [put(value)]);
    let nested = put<unknown>("core");
    for (let depth = 0; depth < 5; depth++) nested = wrap.remote(nested);
    let value = await get(nested);
    while (Array.isArray(value)) value = await get(value[0] as ObjectRef<unknown>);
    assert.equal(value, "core");
  });

  it("captures refs in functions", async () => {
    const table = put(new Map([["a", 1]]));
    const lookUp = remote(async (key: string) => (await get(table)).get(key));
    assert.deepEqual(await get([lookUp.remote("a"), lookUp.remote("b")]), [1, undefined]);
  });
}
