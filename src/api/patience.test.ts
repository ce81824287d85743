// What is tried again, how often, and what comes of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ObjectStoreUnavailableError } from "../domain/errors.ts";
import { fileTooLarge, objectStoreFull, outOfDisk } from "../domain/object-failures.ts";
import { patiently } from "./patience.ts";

/** Fails so often, and gives the number of the attempt. */
function failing(times: number, error: Error): () => number {
  let attempt = 0;
  return () => {
    attempt += 1;
    if (attempt <= times) throw error;
    return attempt;
  };
}

test("what this process lacks for the moment is waited for, and nothing else", async () => {
  const noRoom = { bytes: 1e6, label: "a value", folder: "there", reason: "ENOSPC", hasMemory: true, holders: [] };
  for (const full of [objectStoreFull(noRoom), outOfDisk(noRoom)]) assert.equal(await patiently(failing(1, full)), 2);
  const lacking = new ObjectStoreUnavailableError("EMFILE");
  assert.equal(patiently(failing(0, lacking)), 1);
  let prepared = 0;
  assert.equal(await patiently(failing(3, lacking), () => void (prepared += 1)), 4);
  assert.equal(prepared, 1);
  await assert.rejects(async () => patiently(failing(Number.POSITIVE_INFINITY, lacking)), lacking);
  for (const lasting of [new Error("another"), fileTooLarge({ bytes: 1e6, label: "a value", pid: 1 })])
    assert.throws(() => patiently(failing(1, lasting)), lasting);
});
