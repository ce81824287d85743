// The mailbox of an actor: a list of inputs, and what is to be begun.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Call, Reply } from "../protocol/worker.ts";
import { Mailbox } from "./mailbox.ts";

const LEASE = 1;
const SEAT = 2;
const NOTHING = { bytes: new Uint8Array(), buffers: [], refs: [], modules: false };

const call = (task: number): Call => ({
  type: "call",
  lease: SEAT,
  task,
  attempt: 1,
  definition: "",
  name: "C.m",
  args: NOTHING,
  positions: [],
  values: [],
  returns: 1,
  request: {},
  alone: true,
  method: { name: "m", group: "" },
  retryOn: "none",
  stream: undefined,
});

const RESIDENT = {
  id: `${"a".repeat(16)}000000000001`,
  lease: LEASE,
  restarts: 0,
  plan: {
    className: "C",
    name: "",
    namespace: "n",
    maxRestarts: 0,
    limits: { "": 1 },
    about: NOTHING,
    definition: "c",
    request: { resources: {} },
    placing: false,
    getIfExists: false,
    detached: false,
    site: "",
  },
};

function told(mailbox: Mailbox): string[] {
  return mailbox.drain().map((effect) => {
    if (effect.type === "start") return `start ${effect.call.task}`;
    if (effect.type === "passedOver") return `passed over ${effect.call.task}`;
    if (effect.type === "owner" || effect.type === "daemon") return effect.message.type;
    return effect.type;
  });
}

function open(tasks: number, limit = 1): Mailbox {
  const mailbox = new Mailbox({ ...RESIDENT, plan: { ...RESIDENT.plan, limits: { "": limit } } });
  mailbox.open();
  for (let task = 1; task <= tasks; task += 1) mailbox.step({ type: "call", from: "a", call: call(task) });
  return mailbox;
}

const finished = (mailbox: Mailbox, task: number, reply: Reply): void =>
  mailbox.step({ type: "finished", lease: SEAT, task, reply, micros: 1 });

test("calls of a group begin one after the other", () => {
  const mailbox = open(2);
  assert.deepEqual(told(mailbox), ["start 1"]);
  finished(mailbox, 1, { kind: "done", values: [NOTHING] });
  assert.deepEqual(told(mailbox), ["reply", "start 2"]);
});

test("nothing begins after the call that ends the actor", () => {
  const mailbox = open(2);
  told(mailbox);
  finished(mailbox, 1, { kind: "left" });
  // The second is told that it did not run.
  assert.deepEqual(told(mailbox), ["reply", "reply"]);
  mailbox.check();
});

test("what came behind a call that could not read an argument is passed over until it comes again", () => {
  const mailbox = open(2);
  told(mailbox);
  const lacking = { kind: "unreadable", stored: RESIDENT.id } as const;
  finished(mailbox, 1, lacking);
  assert.deepEqual(told(mailbox), ["reply", "passed over 2"]);
  // It was on its way.
  mailbox.step({ type: "call", from: "a", call: call(3) });
  // Others have a turn.
  mailbox.step({ type: "call", from: "b", call: { ...call(7), lease: 5 } });
  assert.deepEqual(told(mailbox), ["passed over 3", "start 7"]);
  mailbox.step({ type: "again", lease: SEAT, group: "" });
  for (const task of [1, 2, 3]) mailbox.step({ type: "call", from: "a", call: call(task) });
  assert.deepEqual(told(mailbox), []);
  mailbox.step({ type: "finished", lease: 5, task: 7, reply: { kind: "done", values: [] }, micros: 1 });
  for (const task of [1, 2, 3]) finished(mailbox, task, { kind: "done", values: [] });
  assert.deepEqual(told(mailbox), ["reply", "start 1", "reply", "start 2", "reply", "start 3", "reply"]);
  mailbox.check();
});

test("calls of a group that runs several at once are not passed over", () => {
  const mailbox = open(0, 2);
  for (const task of [1, 2, 3]) mailbox.step({ type: "call", from: "a", call: call(task) });
  told(mailbox);
  finished(mailbox, 1, { kind: "unreadable", stored: RESIDENT.id });
  assert.deepEqual(told(mailbox), ["reply", "start 3"]);
});

test("the daemon is answered when it asks whether the actor is needed", () => {
  const mailbox = open(1);
  told(mailbox);
  mailbox.step({ type: "recall", lease: LEASE, when: "idle" });
  assert.deepEqual(told(mailbox), ["leaseOver"]);
  assert.equal(mailbox.running, 1);
});
