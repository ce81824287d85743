// Results whose parts in the store are lost: made again with what they need, or told as lost, and why.
import assert from "node:assert/strict";
import { test } from "node:test";
import { lineageBytesMax } from "../../domain/limits.ts";
import { Owner } from "./owner.ts";
import {
  check,
  foreign,
  grant,
  grantApart,
  large,
  lost,
  LOSS,
  made,
  ME,
  mine,
  on,
  OTHER,
  payload,
  release,
  reply,
  SHAPE,
  submit,
  unreadable,
  want,
} from "./scenes.ts";
import type { OwnerInput } from "./step.ts";

const BY_HAND = { how: "by hand", reason: "", force: "no", recursive: true } as const;

check(
  "is made again under the same id, and whoever waits gets the new one, once however often it is told of",
  [
    [submit(1), []],
    [grant(1), ["call 1 on 1"]],
    [reply(1, made("v", 1)), []],
    [unreadable(1, 1), ["retry 2", "call 1 on 1", "release c1 1"]],
    [unreadable(1, 1), []],
    [want(1), []],
    [reply(1, made("w", 2)), ["outcome a1 w"]],
    [unreadable(1, 1), []],
    [release(1), ["release c2 1"]],
  ],
  { tasks: 0, objects: 0 },
);

check(
  "has all results of a call that was made again for one of them, and the others as they were until they are lost too",
  [
    [submit(1, { returns: 2, maxRetries: 1 }), []],
    [grant(1), ["call 1 on 1"]],
    [reply(1, { kind: "done", values: [large("v", 1), large("w", 2)] }), []],
    [unreadable(1, 1), ["retry 2", "call 1 on 1", "release c1 1"]],
    [reply(1, { kind: "done", values: [large("v", 3), large("w", 4)] }), []],
    [want(2), ["outcome a2 w"]],
    [unreadable(2, 2), ["release c2 1"]],
    [want(2), ["outcome a2 w"]],
    [unreadable(2, 4), ["release c4 1"]],
    [want(2), ["outcome a2 notRemade"]],
    [release(2), []],
    [release(1), ["release c3 1"]],
  ],
  { tasks: 0, objects: 0 },
);

check(
  "gives up what was made once more and not needed with the object",
  [
    [submit(1, { returns: 2 }), []],
    [grant(1), ["call 1 on 1"]],
    [reply(1, { kind: "done", values: [large("v", 1), large("w", 2)] }), []],
    [unreadable(1, 1), ["retry 2", "call 1 on 1", "release c1 1"]],
    [reply(1, { kind: "done", values: [large("v", 3), large("w", 4)] }), []],
    [release(2), ["release c4 1", "release c2 1"]],
    [release(1), ["release c3 1"]],
  ],
  { tasks: 0, objects: 0 },
);

check("is told as lost when its call may not be tried again, has no attempts left, or there is none", [
  [submit(1, { maxRetries: 0 }), []],
  [grantApart(1), ["call 1 on 1 alone"]],
  [reply(1, made("v", 1)), []],
  [unreadable(1, 1), ["release c1 1"]],
  [want(1), ["outcome a1 notRemade"]],
  [submit(2, { maxRetries: 1 }), []],
  [grant(2), ["call 2 on 2"]],
  [reply(2, made("v", 2), 2), []],
  [unreadable(2, 2), ["retry 2", "call 2 on 2", "release c2 1"]],
  [reply(2, made("v", 3), 2), []],
  [unreadable(2, 3), ["release c3 1"]],
  [want(2), ["outcome a2 notRemade"]],
  [{ type: "put", number: 3, value: large("p", 4) }, []],
  [unreadable(3, 4), []],
  [want(3), ["outcome a3 lost"]],
]);

check("is told as lost when its arguments were passed by value, in the store, and went with its call", [
  [submit(1, { args: large("args", 9) }), []],
  [grant(1), ["hold c9 for b", "call 1 on 1"]],
  [reply(1, made("v", 1)), []],
  [unreadable(1, 1), ["release c1 1"]],
  [want(1), ["outcome a1 notRemade"]],
]);

check(
  "brings with it what it needs and nobody had any more, and that goes again",
  [
    [submit(1), []],
    [submit(2, on(1)), []],
    [grant(1), ["call 1 on 1"]],
    [reply(1, made("one", 1)), ["hold c1 for b", "call 2 on 1"]],
    [release(1), []],
    [reply(2, made("two", 2)), ["release c1 1"]],
    [unreadable(2, 2), ["retry 2", "retry 2", "call 1 on 1", "release c2 1"]],
    [reply(1, made("one", 3)), ["hold c3 for b", "call 2 on 1"]],
    [reply(2, made("two", 4)), ["release c3 1"]],
    [want(2), ["outcome a2 two"]],
    [release(2), ["release c4 1"]],
  ],
  { tasks: 0, objects: 0 },
);

check(
  "has small arguments with it, whoever had them",
  [
    [{ type: "put", number: 1, value: payload("small") }, []],
    [submit(2, on(1)), []],
    [release(1), []],
    [grant(1), ["call 2 on 1"]],
    [reply(2, made("two", 2)), []],
    [unreadable(2, 2), ["retry 2", "call 2 on 1", "release c2 1"]],
    [reply(2, made("two", 3)), []],
    [release(2), ["release c3 1"]],
  ],
  { tasks: 0, objects: 0 },
);

check("cannot be made without an argument that was put and is gone", [
  [{ type: "put", number: 1, value: large("p", 1) }, []],
  [submit(2, on(1)), []],
  [release(1), []],
  [grant(1), ["hold c1 for b", "call 2 on 1"]],
  [reply(2, made("two", 2)), []],
  [unreadable(2, 2), ["release c2 1"]],
  [want(2), ["outcome a2 notRemade"]],
]);

check("is waited for again by a call that could not read it, and that has not cost it an attempt", [
  [submit(1), []],
  [grant(1), ["call 1 on 1"]],
  [reply(1, made("one", 1)), []],
  [submit(2, { ...on(1), maxRetries: 0 }), []],
  [grantApart(2), ["hold c1 for b", "call 2 on 2 alone"]],
  [reply(2, { kind: "unreadable", stored: foreign(1) }, 2), ["retry 2", "call 1 on 1", "release c1 1"]],
  [reply(1, made("one", 3)), ["hold c3 for b", "call 2 on 2 alone"]],
  [want(2), []],
  [reply(2, { kind: "done", values: [payload("two")] }, 2), ["outcome a2 two"]],
]);

check("fails the call that could not read what was passed to it by value", [
  [submit(1, { args: large("args", 9) }), []],
  [grant(1), ["hold c9 for b", "call 1 on 1"]],
  [want(1), []],
  [reply(1, { kind: "unreadable", stored: foreign(9) }), ["outcome a1 argumentsLost"]],
]);

check("is waited for by calls that were ready when it was lost", [
  [submit(1), []],
  [grant(1), ["call 1 on 1"]],
  [reply(1, made("one", 1)), []],
  [submit(2, { ...on(1), maxRetries: 0 }), []],
  [unreadable(1, 1), ["retry 2", "call 1 on 1", "release c1 1"]],
  [grantApart(2), []],
  [reply(1, made("one", 3)), ["hold c3 for b", "call 2 on 2 alone"]],
]);

check("leaves results of its call that are there as they are", [
  [submit(1, { returns: 2 }), []],
  [grant(1), ["call 1 on 1"]],
  [reply(1, { kind: "done", values: [large("one", 1), large("two", 2)] }), []],
  [unreadable(1, 1), ["retry 2", "call 1 on 1", "release c1 1"]],
  [want(2), ["outcome a2 two"]],
  [reply(1, { kind: "done", values: [large("one", 3), large("another", 4)] }), []],
  [want(1), ["outcome a1 one"]],
  [want(2), ["outcome a2 two"]],
]);

for (const [gone, message] of [
  ["its place", { type: "unschedulable", shape: SHAPE, node: { nodeId: "n", total: {}, labels: {} } }],
  ["its environment", { type: "setupFailed", shape: SHAPE, loss: LOSS }],
] as const)
  check(`is told as lost when its call cannot be run again without ${gone}`, [
    [submit(1), []],
    [grant(1), ["call 1 on 1"]],
    [reply(1, made("v", 1)), []],
    [lost(LOSS), []],
    [unreadable(1, 1), ["retry 2", "release c1 1"]],
    [{ type: "daemon", message }, ["unheard notRemade"]],
    [want(1), ["outcome a1 notRemade"]],
  ]);

check("is made again, whoever cancels its call, which had ended before", [
  [submit(1, { parent: 7 }), []],
  [grant(1), ["call 1 on 1"]],
  [reply(1, made("v", 1)), []],
  [unreadable(1, 1), ["retry 2", "call 1 on 1", "release c1 1"]],
  [{ type: "cancel", task: 1, cancel: BY_HAND }, []],
  [{ type: "cancelChildren", parent: 7, cancel: BY_HAND }, []],
  [reply(1, made("w", 2)), []],
  [want(1), ["outcome a1 w"]],
]);

check("is not made again once the time for that was over", [
  [submit(1, { returns: 2, timeoutMs: 1_000 }), []],
  [grant(1), ["call 1 on 1"]],
  [reply(1, { kind: "done", values: [large("one", 1), large("two", 2)] }), ["unguard 1"]],
  [unreadable(1, 1), ["retry 2", "guard 1", "call 1 on 1", "release c1 1"]],
  [{ type: "expired", task: 1 }, ["cancel 1 on 1", "grace 1 on 1 1000", "unheard timedOut"]],
  [want(1), ["outcome a1 timedOut"]],
  [unreadable(2, 2), ["release c2 1"]],
  [want(2), ["outcome a2 notRemade"]],
]);

check("is reported when another process owns it, and comes from the daemon", [
  [{ type: "received", ids: [foreign(1)] }, []],
  [{ type: "hold", id: foreign(1) }, []],
  [{ type: "settled", ids: [foreign(1)] }, []],
  [{ type: "want", id: foreign(1) }, ["subscribe c1"]],
  [{ type: "daemon", message: { type: "value", id: foreign(1), outcome: { value: large("v", 2) } } }, ["outcome c1 v"]],
  [{ type: "unreadable", id: foreign(1), stored: foreign(2) }, ["lost c1", "release c2 1"]],
  [{ type: "want", id: foreign(1) }, []],
  [{ type: "daemon", message: { type: "value", id: foreign(1), outcome: { value: large("w", 3) } } }, ["outcome c1 w"]],
]);

const told = (file: number): OwnerInput => ({
  type: "daemon",
  message: { type: "lost", id: mine(1), stored: foreign(file), reader: OTHER },
});

check("is made again for others, and published once more, or its loss is", [
  [submit(1, { maxRetries: 1 }), []],
  [grant(1), ["call 1 on 1"]],
  [reply(1, made("v", 1)), []],
  [{ type: "sending", ids: [mine(1)], to: "b".repeat(16) }, ["share a1", "publish a1 v", "hold a1 for b"]],
  [told(1), ["retry 2", "call 1 on 1", "release c1 1"]],
  [told(1), []],
  [reply(1, made("w", 2)), ["publish a1 w"]],
  [told(1), []],
  [told(2), ["release c2 1", "publish a1 notRemade"]],
  [release(1), ["release a1 1"]],
  [told(2), ["publish a1 lost"]],
]);

const others = (type: "freed" | "requested" | "lost", file = 0): OwnerInput => ({
  type: "daemon",
  message: type === "lost" ? { type, id: mine(1), stored: foreign(file), reader: OTHER } : { type, id: mine(1) },
});
/** A result that others have, and nobody here any more. */
const OUTLIVES: readonly (readonly [OwnerInput, readonly string[]])[] = [
  [submit(1, { maxRetries: 2 }), []],
  [grant(1), ["call 1 on 1"]],
  [reply(1, made("v", 1)), []],
  [{ type: "sending", ids: [mine(1)], to: OTHER }, ["share a1", "publish a1 v", "hold a1 for c"]],
  [release(1), ["outlives", "release a1 1", "release c1 1"]],
];

check(
  "is made again for others, as long as they have it, though nobody here does",
  [
    ...OUTLIVES,
    [others("lost", 1), ["retry 2", "call 1 on 1", "share a1", "release a1 1"]],
    [others("lost", 1), ["share a1", "release a1 1"]],
    [reply(1, made("w", 2)), ["publish a1 w", "release c2 1"]],
    [others("lost", 2), ["retry 3", "call 1 on 1", "share a1", "release a1 1"]],
    [reply(1, made("x", 3)), ["publish a1 x", "release c3 1"]],
    [others("lost", 3), ["publish a1 notRemade", "publish a1 lost"]],
    [others("freed"), []],
    [others("lost", 3), ["publish a1 lost"]],
  ],
  { tasks: 0, objects: 0 },
);

check(
  "is not told as lost to others who had asked for it before the daemon heard of it",
  [
    ...OUTLIVES,
    [others("requested"), []],
    [{ type: "received", ids: [mine(1)] }, []],
    [others("requested"), []],
    [{ type: "settled", ids: [mine(1)] }, ["release a1 1"]],
    [others("freed"), []],
    [others("requested"), ["publish a1 lost"]],
  ],
  { tasks: 0, objects: 0 },
);

check(
  "is made again for others, though nobody here had it any more when it was made",
  [
    [submit(1, { returns: 2 }), []],
    [grant(1), ["call 1 on 1"]],
    [{ type: "sending", ids: [mine(1)], to: OTHER }, ["share a1", "hold a1 for c"]],
    [release(1), ["release a1 1"]],
    [release(2), []],
    [
      reply(1, { kind: "done", values: [large("v", 1), large("w", 2)] }),
      ["publish a1 v", "outlives", "release c1 1", "release c2 1"],
    ],
    [others("lost", 1), ["retry 2", "call 1 on 1", "share a1", "release a1 1"]],
    [
      reply(1, { kind: "done", values: [large("v", 3), large("w", 4)] }),
      ["publish a1 v", "release c3 1", "release c4 1"],
    ],
    [others("freed"), []],
  ],
  { tasks: 0, objects: 0 },
);

check(
  "is made again for itself too, when it has come back from others",
  [
    ...OUTLIVES,
    [{ type: "received", ids: [mine(1)] }, []],
    [{ type: "hold", id: mine(1) }, []],
    [{ type: "settled", ids: [mine(1)] }, []],
    [want(1), ["subscribe a1"]],
    [{ type: "daemon", message: { type: "value", id: mine(1), outcome: { value: large("v", 1) } } }, ["outcome a1 v"]],
    [unreadable(1, 1), ["lost a1", "release c1 1"]],
    [want(1), []],
    [
      { type: "daemon", message: { type: "lost", id: mine(1), stored: foreign(1), reader: ME } },
      ["retry 2", "call 1 on 1", "share a1"],
    ],
    [reply(1, made("w", 2)), ["publish a1 w", "outcome a1 w"]],
    [release(1), ["release a1 2", "release c2 1"]],
    [others("freed"), []],
  ],
  { tasks: 0, objects: 0 },
);

test("what was kept first is forgotten when there is too much, and chains of any length go without recursion", () => {
  const owner = new Owner(ME);
  const step = (...inputs: OwnerInput[]): void => inputs.forEach((input) => owner.step(input));
  const args = { ...payload(""), bytes: new Uint8Array(lineageBytesMax / 10) };
  step(submit(1, { args }), grant(1), reply(1, made("v", 1)));
  for (let number = 2; number <= 11; number += 1) step(submit(number, { args }), reply(number, made("v", number)));
  owner.check();
  step(unreadable(1, 1), unreadable(11, 11));
  assert.equal(owner.outcome(mine(1))?.failure?.kind, "lost");
  assert.equal(owner.outcome(mine(11)), undefined);

  const withFiles = new Owner(ME);
  const stored = { id: foreign(9), sizes: [lineageBytesMax], body: false };
  for (const input of [submit(1), grant(1), reply(1, made("v", 1)), submit(2, { args: { ...payload(""), stored } })])
    withFiles.step(input);
  for (const input of [reply(2, made("v", 2)), unreadable(1, 1)]) withFiles.step(input);
  assert.equal(withFiles.outcome(mine(1)), undefined);

  const chain = new Owner(ME);
  chain.step(grant(1));
  const last = 20_000;
  for (let number = 1; number <= last; number += 1) {
    chain.step(submit(number, number === 1 ? {} : on(number - 1)));
    if (number === 1) chain.step(grant(1));
    if (number > 1) chain.step(release(number - 1));
    chain.step(reply(number, made("v", number)));
  }
  assert.equal(chain.inspect().kept, last);
  chain.step(unreadable(last, last));
  for (let number = 1; number <= last; number += 1) chain.step(reply(number, made("w", last + number)));
  assert.equal(Buffer.from(chain.outcome(mine(last))?.value?.bytes ?? []).toString(), "w");
  chain.step(release(last));
  assert.deepEqual(
    { ...chain.inspect(), leases: 0, shapes: 0 },
    { tasks: 0, objects: 0, kept: 0, streams: 0, actors: 0, leases: 0, shapes: 0 },
  );
});
