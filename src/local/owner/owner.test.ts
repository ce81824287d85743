// The owner brain, as lists of inputs and the effects they must have.
import assert from "node:assert/strict";
import { test } from "node:test";
import { shapeOf } from "../../domain/request.ts";
import { Owner } from "./owner.ts";
import {
  ME,
  WORKER,
  OTHER,
  SHAPE,
  LOSS,
  lost,
  mine,
  foreign,
  payload,
  grant,
  grantApart,
  reply,
  done,
  submit,
  FLUSH,
  check,
} from "./scenes.ts";
import type { OwnerInput } from "./step.ts";

check(
  "a task asks for a lease, is pushed, and its value is told to whoever wants it",
  [
    [submit(1), []],
    [FLUSH, ["demand 1"]],
    [{ type: "want", id: mine(1) }, []],
    [grant(1), ["call 1 on 1"]],
    [reply(1, done("v")), [`outcome a1 v`]],
    [{ type: "release", id: mine(1) }, []],
    [FLUSH, []],
  ],
  { tasks: 0, objects: 0 },
);

check(
  "a private ref costs no message",
  [
    [{ type: "put", number: 1, value: payload("p") }, []],
    [{ type: "want", id: mine(1) }, ["outcome a1 p"]],
    [{ type: "release", id: mine(1) }, []],
    [FLUSH, []],
  ],
  { tasks: 0, objects: 0 },
);

check("a ref inside arguments is shared before the call leaves", [
  [{ type: "put", number: 1, value: payload("p") }, []],
  [submit(2, { args: payload("args", [mine(1)]) }), []],
  [FLUSH, ["demand 1"]],
  [grant(1), ["share a1", "publish a1 p", "hold a1 for b", "call 2 on 1"]],
  [{ type: "release", id: mine(1) }, []],
  [reply(2, done("v")), ["release a1 1"]],
]);

check("what a shared object contains is shared before it is published, however deep", [
  [{ type: "put", number: 1, value: payload("inner") }, []],
  [{ type: "put", number: 2, value: payload("middle", [mine(1)]) }, []],
  [{ type: "put", number: 3, value: payload("outer", [mine(2)]) }, []],
  [
    { type: "sending", ids: [mine(3)], to: OTHER },
    ["share a3", "share a2", "publish a3 outer", "share a1", "publish a2 middle", "publish a1 inner", "hold a3 for c"],
  ],
]);

check(
  "a top-level ref is waited for and its value is sent; a failed one fails its users without running them",
  [
    [submit(1), []],
    [submit(2, { dependencies: [{ position: 0, id: mine(1) }] }), []],
    [submit(3, { dependencies: [{ position: 0, id: mine(2) }] }), []],
    [{ type: "want", id: mine(3) }, []],
    [FLUSH, ["demand 1"]],
    [grant(1), ["call 1 on 1"]],
    [reply(1, done("v")), ["call 2 on 1"]],
    [reply(2, { kind: "thrown", thrown: payload("bad"), pid: 7, by: "function", again: false }), ["outcome a3 thrown"]],
    [{ type: "release", id: mine(1) }, []],
    [{ type: "release", id: mine(2) }, []],
    [{ type: "release", id: mine(3) }, []],
  ],
  { tasks: 0, objects: 0 },
);

check(
  "a borrowed ref is asked for at the daemon, and its hold is given back",
  [
    [{ type: "received", ids: [foreign(9)] }, []],
    [{ type: "hold", id: foreign(9) }, []],
    [{ type: "settled", ids: [foreign(9)] }, []],
    [{ type: "want", id: foreign(9) }, ["subscribe c9"]],
    [
      { type: "daemon", message: { type: "value", id: foreign(9), outcome: { value: payload("w") } } },
      ["outcome c9 w"],
    ],
    [{ type: "release", id: foreign(9) }, ["release c9 1"]],
  ],
  { tasks: 0, objects: 0 },
);

check(
  "refs that came and were not kept are given back when the call has settled",
  [
    [{ type: "received", ids: [foreign(9)] }, []],
    [{ type: "settled", ids: [foreign(9)] }, ["release c9 1"]],
  ],
  { tasks: 0, objects: 0 },
);

check(
  "refs inside a result whose own ref is gone are given back",
  [
    [submit(1), []],
    [{ type: "release", id: mine(1) }, []],
    [FLUSH, ["demand 1"]],
    [grant(1), ["call 1 on 1"]],
    [reply(1, done("v", [foreign(9)])), ["release c9 1"]],
  ],
  { tasks: 0, objects: 0 },
);

test("what has come from a process is said when it has ended, and now and then before", () => {
  const owner = new Owner(ME);
  const heard = (ids: readonly string[], from: string): unknown[] => {
    owner.step({ type: "received", ids, from });
    return owner.drain();
  };
  const many = Array.from({ length: 99 }, () => foreign(1));
  assert.deepEqual(heard(many, WORKER), []);
  assert.deepEqual(heard([foreign(2)], OTHER), []);
  const told = { type: "heard", process: WORKER, ids: [...many, foreign(3)], last: false };
  assert.deepEqual(heard([foreign(3)], WORKER), [{ type: "daemon", message: told }]);
  for (const [process, ids] of [
    [WORKER, []],
    [OTHER, [foreign(2)]],
  ] as const) {
    owner.step({ type: "departed", process });
    assert.deepEqual(owner.drain(), [{ type: "daemon", message: { type: "heard", process, ids, last: true } }]);
  }
});

check(
  "a ref in two results stays although one of the results is not kept",
  [
    [submit(1, { returns: 2 }), []],
    [{ type: "release", id: mine(1) }, []],
    [FLUSH, ["demand 1"]],
    [grant(1), ["call 1 on 1"]],
    [reply(1, { kind: "done", values: [payload("x", [foreign(9)]), payload("y", [foreign(9)])] }), []],
    [{ type: "release", id: mine(2) }, ["release c9 2"]],
  ],
  { tasks: 0, objects: 0 },
);

check(
  "a ref that came in a waiting call stays although a running call drops it",
  [
    [{ type: "received", ids: [foreign(9)] }, []],
    [{ type: "hold", id: foreign(9) }, []],
    [{ type: "settled", ids: [foreign(9)] }, []],
    [{ type: "received", ids: [foreign(9)] }, []],
    [{ type: "release", id: foreign(9) }, []],
    [{ type: "hold", id: foreign(9) }, []],
    [{ type: "settled", ids: [foreign(9)] }, []],
    [{ type: "release", id: foreign(9) }, ["release c9 2"]],
  ],
  { tasks: 0, objects: 0 },
);

check(
  "a failure that ends the last task waiting for it lets go of its refs once",
  [
    [{ type: "received", ids: [foreign(8)] }, []],
    [{ type: "hold", id: foreign(8) }, []],
    [{ type: "settled", ids: [foreign(8)] }, []],
    [submit(1, { dependencies: [{ position: 0, id: foreign(8) }] }), ["subscribe c8"]],
    [{ type: "release", id: foreign(8) }, []],
    [
      {
        type: "daemon",
        message: {
          type: "value",
          id: foreign(8),
          outcome: {
            failure: {
              kind: "thrown",
              thrown: payload("bad", [foreign(9)]),
              name: "f",
              pid: 7,
              by: "function",
              attempts: 1,
              site: "main.ts:2:2",
            },
          },
        },
      },
      ["unheard thrown", "release c8 1"],
    ],
    [{ type: "release", id: mine(1) }, ["release c9 1"]],
  ],
  { tasks: 0, objects: 0 },
);

check("calls that come back are pushed again and their attempt does not count", [
  [submit(1), []],
  [FLUSH, ["demand 1"]],
  [grant(1), ["call 1 on 1"]],
  [
    { type: "worker", worker: WORKER, message: { type: "returned", lease: 1, tasks: [1], over: true, blocked: false } },
    [],
  ],
  [FLUSH, ["demand 1 after 1"]],
  [grant(2), ["call 1 on 2"]],
]);

check("what ended leases leave behind speaks for no later task of their shape", [
  [submit(1), []],
  [FLUSH, ["demand 1"]],
  [grant(1), ["call 1 on 1"]],
  [
    { type: "worker", worker: WORKER, message: { type: "returned", lease: 1, tasks: [], over: true, blocked: false } },
    [],
  ],
  [FLUSH, []],
  [submit(2), []],
  [lost(LOSS), ["retry 2"]],
  [FLUSH, ["demand 1 after 1", "demand 1 apart after 1"]],
  [grantApart(2), ["call 1 on 2 alone"]],
]);

check("a free worker takes half of a long queue", [
  [submit(1), []],
  [FLUSH, ["demand 1"]],
  [grant(1), ["call 1 on 1"]],
  [reply(1, done("v"), 1, 900), []],
  [submit(2), ["call 2 on 1"]],
  [submit(3), ["call 3 on 1"]],
  [grant(2), ["withdraw 1 from 1"]],
  [
    {
      type: "worker",
      worker: WORKER,
      message: { type: "returned", lease: 1, tasks: [3], over: false, blocked: false },
    },
    ["call 3 on 2"],
  ],
]);

check("nothing queues behind a call of which nobody knows how long it takes: it may never end", [
  [submit(1), []],
  [FLUSH, ["demand 1"]],
  [grant(1), ["call 1 on 1"]],
  [reply(1, done("v")), []],
  [submit(2, { definition: "unknown" }), ["call 2 on 1"]],
  [submit(3), []],
  [grant(2), ["call 3 on 2"]],
  [submit(4), ["call 4 on 2"]],
  [reply(2, done("v"), 1, 9_000), []],
  [submit(5), ["call 5 on 1"]],
  // Now it is known, and long.
  [submit(6, { definition: "unknown" }), []],
  [reply(5, done("v")), ["call 6 on 1"]],
  [submit(7), ["call 7 on 2"]],
]);

check("what was learned of a function goes with it", [
  [submit(1), []],
  [FLUSH, ["demand 1"]],
  [grant(1), ["call 1 on 1"]],
  [reply(1, done("v")), []],
  [{ type: "definition", message: { type: "undefine", definition: "f" } }, ["undefine"]],
  [submit(2), ["call 2 on 1"]],
  [submit(3), []],
]);

check("a lease that was idle for two ticks goes back", [
  [submit(1), []],
  [FLUSH, ["demand 1"]],
  [grant(1), ["call 1 on 1"]],
  [reply(1, done("v")), []],
  [{ type: "tick" }, []],
  [{ type: "tick" }, ["giveBack 1"]],
]);

check("a lease that nothing runs on goes back before somebody looks at what is free", [
  [submit(1), []],
  [FLUSH, ["demand 1"]],
  [grant(1), ["call 1 on 1"]],
  [{ type: "tick", all: true }, []],
  [reply(1, done("v")), []],
  [{ type: "tick", all: true }, ["giveBack 1"]],
]);

check("when the cluster is gone everything pending ends, and so does whatever is asked later", [
  [submit(1), []],
  [{ type: "want", id: mine(1) }, []],
  [{ type: "closed", reason: "the daemon was killed", orderly: false }, ["outcome a1 closed"]],
  [submit(2), []],
  [{ type: "want", id: mine(2) }, ["outcome a2 closed"]],
]);

test("it tells how far a call has come, whichever of its results is asked about", () => {
  const owner = new Owner(ME);
  owner.step(submit(1, { returns: 2 }));
  owner.step(submit(3, { dependencies: [{ position: 0, id: mine(1) }] }));
  assert.deepEqual(
    [mine(1), mine(2), mine(3), mine(9), foreign(1)].map((id) => owner.progress(id)),
    ["ready", "ready", "waiting", undefined, undefined],
  );
  owner.step(grant(1));
  assert.equal(owner.progress(mine(2)), "running");
  owner.step(reply(1, { kind: "done", values: [payload("a"), payload("b")] }));
  owner.step(submit(4));
  assert.deepEqual(
    [1, 3, 4].map((number) => owner.progress(mine(number))),
    [undefined, "running", "queued"],
  );
});

test("a chain of a hundred thousand dependents fails without recursion", () => {
  const owner = new Owner(ME);
  owner.step(submit(1));
  for (let number = 2; number <= 100_000; number += 1)
    owner.step(submit(number, { dependencies: [{ position: 0, id: mine(number - 1) }] }));
  owner.step({
    type: "daemon",
    message: { type: "unschedulable", shape: SHAPE, node: { nodeId: "n", total: {}, labels: {} } },
  });
  assert.equal(owner.outcome(mine(100_000))?.failure?.kind, "unschedulable");
});

test("a lease that what is less urgent waits for goes back as soon as there are no more calls for it, and not before", () => {
  const owner = new Owner(ME);
  const request = { resources: { CPU: 10_000 }, priority: 1 };
  const after = (...inputs: readonly OwnerInput[]): unknown[] => {
    for (const input of inputs) owner.step(input);
    return owner.drain().flatMap((effect) => (effect.type === "daemon" ? [effect.message] : []));
  };
  const shape = shapeOf(request);
  after(submit(1, { request }), submit(2, { request }), FLUSH);
  const resources = request.resources;
  after({ type: "daemon", message: { type: "granted", lease: 1, shape, worker: WORKER, address: "sock", resources } });
  assert.deepEqual(after(reply(1, done("v")), FLUSH), [
    { type: "demand", shape, request, lacking: 0, seen: 1, name: "" },
  ]);
  const spare: OwnerInput = { type: "daemon", message: { type: "spare", lease: 1 } };
  // The next call is on its way before the last is answered: its worker would see a moment without any.
  assert.deepEqual(after(spare, submit(3, { request }), FLUSH), []);
  assert.deepEqual(after(reply(2, done("v")), FLUSH), []);
  assert.deepEqual(after(reply(3, done("v")), FLUSH), [{ type: "giveBack", lease: 1, begun: 3 }]);
  assert.deepEqual(after(spare, FLUSH), []);
  assert.deepEqual(owner.inspect(), { tasks: 0, objects: 3, kept: 0, streams: 0, actors: 0, shapes: 0, leases: 0 });
});

const starved: OwnerInput = {
  type: "daemon",
  message: { type: "starved", shape: SHAPE, shortage: { free: {}, holders: [] } },
};

check("a demand that waits for long is told of with the call that is first, and not when none waits any more", [
  [submit(1, { name: "first" }), []],
  [submit(2, { name: "second" }), []],
  [FLUSH, ["demand 2"]],
  [starved, ["starved first"]],
  [grant(1), ["call 1 on 1"]],
  [starved, ["starved second"]],
  [grant(2), ["call 2 on 2"]],
  [starved, []],
  [
    {
      type: "daemon",
      message: {
        type: "starved",
        shape: "actor a",
        shortage: { free: {}, holders: [] },
        actor: { name: "Trainer", request: { resources: {} }, site: "main.ts:1:1" },
      },
    },
    ["starved Trainer"],
  ],
]);
