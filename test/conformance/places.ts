// On which node a call may run. (The session has one node, with the label zone: "test".)
import assert from "node:assert/strict";
import { it } from "node:test";
import { get, getRuntimeContext, nodes, remote, UnschedulableError, type ObjectRef } from "ray-ts";

async function refusal(ref: ObjectRef<unknown>): Promise<string> {
  const error: unknown = await get(ref).catch((reason: unknown) => reason);
  assert.ok(error instanceof UnschedulableError, String(error));
  return error.message;
}

export function places(): void {
  const where = remote(function where() {
    return getRuntimeContext().nodeId;
  });

  it("runs a call where the labels are as it asks", async () => {
    const { nodeId } = getRuntimeContext();
    const met: Record<string, string>[] = [
      { zone: "test" },
      { zone: "!production" },
      { zone: "in(test, staging)" },
      { zone: "!in(production, staging)", colour: "!red" },
      { "ray.io/node-id": nodeId },
    ];
    const refs = met.map((labelSelector) => where.options({ labelSelector }).remote());
    assert.deepEqual(await get(refs), [nodeId, nodeId, nodeId, nodeId, nodeId]);
  });

  it("says at once when no node has such labels, which it wants and which there are", async () => {
    const unmet: Record<string, string>[] = [
      { zone: "production" },
      { zone: "!test" },
      { zone: "in(production, staging)" },
      { zone: "!in(test)" },
      { colour: "red", zone: "test" },
    ];
    for (const labelSelector of unmet) {
      const message = await refusal(where.options({ labelSelector }).remote());
      const wanted = Object.entries(labelSelector).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
      assert.ok(message.includes(`where can never run: its labelSelector wants { ${wanted.join(", ")} }`), message);
      assert.match(message, /the labels of the only node are \{ zone: "test", ray\.io\/node-id: /);
      assert.match(message, /not met: (?:zone|colour)\n/);
      assert.match(message, /submitted at .*places/);
    }
  });

  it("keeps what a handle asks for in calls that tasks make", async () => {
    const call = remote(async (fn: { remote(): ObjectRef<string> }) => get(fn.remote()));
    const message = await refusal(call.remote(where.options({ labelSelector: { zone: "production" } })));
    assert.match(message, /labelSelector wants \{ zone: "production" \}/);
  });

  it("runs calls on the node that they name, or elsewhere where that will do", async () => {
    const [node] = await nodes();
    const nodeId = node?.nodeId ?? "";
    const strategies = [
      "DEFAULT",
      "SPREAD",
      { nodeId },
      { nodeId, soft: true },
      { nodeId, placementGroup: undefined },
      { nodeId: "c0ffee", soft: true },
      { nodeId: "the one from last week", soft: true },
    ] as const;
    const refs = strategies.map((schedulingStrategy) => where.options({ schedulingStrategy }).remote());
    assert.deepEqual(new Set(await get(refs)), new Set([nodeId]));
    const message = await refusal(where.options({ schedulingStrategy: { nodeId: "c0ffee" } }).remote());
    assert.ok(message.includes(`wants the node c0ffee, but the only node is ${nodeId}`), message);
    assert.match(message, /soft: true/);
  });

  it("refuses selectors and strategies that are none when they are given", () => {
    const bad: readonly [options: object, message: RegExp][] = [
      [
        { labelSelector: { zone: "in(a" } },
        /option labelSelector\.zone should be a label "v", "!v", .* but got "in\(a"/,
      ],
      [{ labelSelector: { zone: 1 } }, /option labelSelector\.zone should be .* but got 1/],
      [{ labelSelector: { "a b": "c" } }, /option labelSelector\["a b"\] should be under a name of .* but got "a b"/],
      [{ labelSelector: "zone" }, /option labelSelector should be an object/],
      [
        { schedulingStrategy: "PACK" },
        /option schedulingStrategy should be "DEFAULT" or "SPREAD", or .* but got "PACK"/,
      ],
      [
        { schedulingStrategy: { nodeId: "zz" } },
        /schedulingStrategy\.nodeId should be the id of a node, in hexadecimal/,
      ],
      [
        { schedulingStrategy: { soft: true } },
        /schedulingStrategy\.nodeId should be the id of a node.* but got undefined/,
      ],
      [
        { schedulingStrategy: { placementGroup: {} } },
        /placementGroup should be a placement group, as placementGroup\(\)/,
      ],
    ];
    for (const [options, message] of bad) {
      assert.throws(() => where.options(options as never), { name: "TypeError", message });
      assert.throws(() => remote(() => 1, options as never), { name: "TypeError", message });
    }
  });
}
