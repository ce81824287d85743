// What was announced, and what of it has come.
import assert from "node:assert/strict";
import { it } from "node:test";
import { BookedHolds } from "./booked.ts";

it("knows what was announced and has not come, each as often as that", () => {
  const booked = new BookedHolds();
  for (const id of ["a", "b", "a", "c"]) booked.book(id, "sender", "receiver");
  booked.heard("a", "sender", "receiver");
  booked.heard("b", "sender", "receiver");
  booked.book("c", "sender", "other");
  assert.deepEqual(booked.receiversFrom("sender"), ["receiver", "other"]);
  assert.deepEqual(booked.takeRest("sender", "receiver"), [
    ["a", 1],
    ["c", 1],
  ]);
  assert.deepEqual(booked.takeRest("sender", "receiver"), []);
  assert.deepEqual(booked.receiversFrom("sender"), ["other"]);
});

it("takes the receiver's word before the sender's", () => {
  const booked = new BookedHolds();
  booked.heard("a", "sender", "receiver");
  assert.deepEqual(booked.receiversFrom("sender"), ["receiver"]);
  booked.book("a", "sender", "receiver");
  assert.deepEqual(booked.receiversFrom("sender"), []);
  assert.equal(booked.size, 0);
});

it("keeps nothing of a receiver that is gone", () => {
  const booked = new BookedHolds();
  booked.book("a", "one", "receiver");
  booked.book("a", "other", "receiver");
  booked.book("a", "other", "third");
  booked.receiverGone("receiver");
  assert.deepEqual(booked.receiversFrom("one"), []);
  assert.deepEqual(booked.receiversFrom("other"), ["third"]);
});
