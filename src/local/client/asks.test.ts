// A question that nobody answers any more fails, by the name of what was called.
import assert from "node:assert/strict";
import { it } from "node:test";
import { Asks } from "./asks.ts";

it("what is asked when the session ends, and after it", async () => {
  const asks = new Asks(() => {});
  const before = asks.ask("clusterResources");
  asks.close("the daemon is gone", false);
  const failure = /^SessionClosedError: clusterResources\(\): the session has ended \(the daemon is gone\)/;
  await assert.rejects(before, failure);
  await assert.rejects(asks.ask({ removeGroup: "g" }), /removePlacementGroup\(\): the session has ended/);
});
