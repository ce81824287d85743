// Placement groups as amounts: what a node can hold at once, and which calls fit.
import assert from "node:assert/strict";
import { test } from "node:test";
import { unschedulable } from "./failures.ts";
import { ANY_BUNDLE, groupRefusalOf, reserved, sumOf, type GroupPlan, type PlacementStrategy } from "./placement.ts";
import { capturedBy, refusalOf, shapeOf, type TaskRequest } from "./request.ts";
import { gpusIn, minus, resources, withGpus } from "./resources.ts";

const total = resources({ CPU: 4, GPU: 2, license: 1 });

function planFor(bundles: readonly Record<string, number>[], strategy: PlacementStrategy = "PACK"): GroupPlan {
  return { id: "g", bundles: bundles.map(resources), strategy };
}

test("all bundles get something, or none does", () => {
  const { bundles } = planFor([{ CPU: 1 }, { CPU: 3, license: 1 }]);
  assert.deepEqual(reserved(bundles, withGpus(total)), bundles);
  assert.equal(reserved([...bundles, { CPU: 1 }], withGpus(total)), undefined);
  assert.equal(reserved(bundles, minus(withGpus(total), { license: 1 })), undefined);
});

test("parts of GPUs find room for each other, in whatever order they stand", () => {
  for (const parts of [[0.4, 0.4, 0.6, 0.6], [0.6, 0.4, 0.6, 0.4], [0.25, 1, 0.75], [0.5, 0.5, 1], [2]]) {
    const grants = reserved(planFor(parts.map((GPU) => ({ GPU }))).bundles, withGpus(total));
    assert(grants !== undefined, parts.join(", "));
    const left = minus(withGpus(total), sumOf(grants));
    assert.ok(
      Object.values(left).every((units) => units >= 0),
      parts.join(", "),
    );
    assert.deepEqual(
      grants.map((grant) => gpusIn(grant).length),
      parts.map((part) => Math.ceil(part)),
    );
  }
  assert.equal(reserved(planFor([{ GPU: 0.7 }, { GPU: 0.7 }, { GPU: 0.5 }]).bundles, withGpus(total)), undefined);
});

test("a node refuses what it could never hold", () => {
  const cases: [plan: GroupPlan, request: Record<string, number> | undefined, bundle: number, refusal: unknown][] = [
    [planFor([{ CPU: 2 }, { CPU: 2 }]), undefined, ANY_BUNDLE, undefined],
    [planFor([{ CPU: 2 }, { CPU: 2.5 }]), undefined, ANY_BUNDLE, "group"],
    [planFor([{ CPU: 1 }, { CPU: 1 }], "STRICT_SPREAD"), undefined, ANY_BUNDLE, "apart"],
    [planFor([{ CPU: 1 }], "STRICT_SPREAD"), {}, ANY_BUNDLE, undefined],
    [planFor([{ CPU: 1 }, { CPU: 1 }], "STRICT_PACK"), { CPU: 1 }, 1, undefined],
    [planFor([{ CPU: 1 }, { CPU: 2 }]), { CPU: 2 }, 0, "bundle"],
    [planFor([{ CPU: 1 }, { CPU: 2 }]), { CPU: 2 }, ANY_BUNDLE, undefined],
    [planFor([{ CPU: 1 }, { CPU: 1 }]), { CPU: 2 }, ANY_BUNDLE, "bundle"],
    [planFor([{ GPU: 0.5 }, { GPU: 0.5 }]), { GPU: 1 }, ANY_BUNDLE, "bundle"],
    [planFor([{ CPU: 1 }]), { license: 1 }, ANY_BUNDLE, "bundle"],
  ];
  for (const [plan, amounts, bundle, refusal] of cases) {
    const request = amounts && { resources: resources(amounts), bundle };
    assert.equal(groupRefusalOf(plan, total, request), refusal, JSON.stringify([plan, amounts, bundle]));
  }
});

test("a call that is taken along asks for the same, in any bundle of the group, and is so for as long as the handle is the same", () => {
  const request: TaskRequest = { resources: resources({ CPU: 1 }), priority: 2 };
  const place = { ...planFor([{ CPU: 1 }]), bundle: 0, captures: true };
  const taken = capturedBy(request, place);
  assert.deepEqual(taken, { ...request, group: { ...place, bundle: ANY_BUNDLE } });
  assert.equal(capturedBy(request, { ...place }), taken);
  assert.notEqual(shapeOf(capturedBy(request, { ...place, id: "h" })), shapeOf(taken));
  for (let other = 0; other < 40; other += 1) capturedBy(request, { ...place, id: String(other) });
  assert.deepEqual(capturedBy(request, place), taken);
});

test("an error says what a group, or a call in it, asks for too much", () => {
  const node = { nodeId: "n", total, labels: {} };
  const told = (plan: GroupPlan, amounts: Record<string, number>, bundle = ANY_BUNDLE): string => {
    const request = { resources: resources(amounts), group: { ...plan, bundle, captures: false } };
    assert.notEqual(refusalOf(request, node), undefined);
    return unschedulable({ name: "f", site: "main.ts:1:1", request, node }).message;
  };
  assert.match(told(planFor([{ CPU: 3 }, { CPU: 2, fpga: 1 }]), {}), /too little of: CPU, fpga/);
  const many = planFor(Array.from({ length: 8 }, () => ({ CPU: 0.5 })));
  assert.match(
    told(many, { CPU: 1 }),
    /no bundle of its placement group has that much: (?:\{ CPU 0\.5 \}, ){4}\{ CPU 0\.5 \} and 3 more\./,
  );
  assert.match(
    told(many, { CPU: 1 }, 7),
    /but bundle 7 of its placement group has CPU 0\.5 in all\.\n.*submitted at main/,
  );
});
