// What is granted of a node's resources: enough, concrete GPUs, and without drift.
import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "../std/random.ts";
import { amounts, decisive, gpusIn, granted, minus, plus, resources, withGpus, type Resources } from "./resources.ts";

test("a resource that is called like a member of every object is there as others are, or not", () => {
  for (const name of ["constructor", "toString", "valueOf", "__defineGetter__"]) {
    const request = resources({ [name]: 1 });
    assert.equal(granted(request, resources({ CPU: 2 })), undefined, name);
    assert.deepEqual(decisive(request, resources({ CPU: 2 })), [name]);
    const left = minus(resources({ [name]: 2 }), request);
    assert.deepEqual(amounts(left), { [name]: 1 });
    assert.equal(granted(request, minus(left, request)), undefined);
    assert.deepEqual(amounts(plus({}, request)), { [name]: 1 });
  }
});

/** Grants one after the other, as long as there is enough: the GPUs of each, or "no". */
function gpusOf(total: number, ...wanted: readonly number[]): (readonly number[] | "no")[] {
  let available = withGpus(resources({ GPU: total }));
  return wanted.map((gpus) => {
    const grant = granted(resources({ GPU: gpus }), available);
    if (grant === undefined) return "no";
    available = minus(available, grant);
    return gpusIn(grant);
  });
}

test("whole GPUs are given once", () => {
  assert.deepEqual(gpusOf(3, 1, 2, 1), [[0], [1, 2], "no"]);
  assert.deepEqual(gpusOf(3, 2, 2, 1), [[0, 1], "no", [2]]);
});

test("shares of GPUs fill one before they take from the next, and are never of two", () => {
  assert.deepEqual(gpusOf(2, 0.5, 0.25, 0.5, 0.25, 0.5, 0.5), [[0], [0], [1], [0], [1], "no"]);
  assert.deepEqual(gpusOf(2, 0.6, 0.6, 0.6), [[0], [1], "no"]);
});

test("what is left of shared GPUs is no whole one", () => {
  assert.deepEqual(gpusOf(2, 0.5, 1, 0.6, 1, 0.5), [[0], [1], "no", "no", [0]]);
});

test("a share of more than one GPU is never given", () => {
  assert.deepEqual(gpusOf(4, 1.5, 2), ["no", [0, 1]]);
});

test("more than ten GPUs are given in order", () => {
  assert.deepEqual(gpusOf(12, 12), [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]]);
});

test("users read no single GPUs", () => {
  assert.deepEqual(amounts(withGpus(resources({ CPU: 2, GPU: 2 }))), { CPU: 2, GPU: 2 });
});

test("a million grants of random parts do not drift", () => {
  const random = new SeededRandom(1);
  const total = withGpus(resources({ CPU: 8, GPU: 2, license: 1 }));
  const held: Resources[] = [];
  let available = total;
  for (let grants = 0; grants < 1_000_000;) {
    const part = (): number => random.below(10_001) / 10_000;
    const grant = granted(resources({ CPU: part(), GPU: part(), license: part() / 10 }), available);
    if (grant !== undefined && held.length < 20) {
      grants += 1;
      available = minus(available, grant);
      held.push(grant);
      continue;
    }
    const [back] = held.splice(random.below(held.length), 1);
    if (back !== undefined) available = plus(available, back);
    for (const name in available) {
      const free = available[name] ?? 0;
      if (!Number.isInteger(free) || free < 0 || free > (total[name] ?? 0)) assert.fail(`${name}: ${free}`);
    }
  }
  for (const back of held) available = plus(available, back);
  assert.deepEqual(available, total);
});
