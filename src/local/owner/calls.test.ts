// Calls of actors in the owner brain, where news of several of its processes crosses, or the end of one and its last calls.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ActorDeath } from "../../domain/object.ts";
import { Owner } from "./owner.ts";
import { check, done, FLUSH, foreign, LOSS, ME, mine, reply, submit, WORKER } from "./scenes.ts";
import type { OwnerInput } from "./step.ts";

const ACTOR = foreign(1);
const LATER = "f".repeat(16);
const method = { actor: ACTOR, className: "C", method: "m", group: "", ordered: true };
const death: ActorDeath = { end: "crashed", className: "C", name: "", namespace: "", restarts: 1, loss: LOSS };

const at = (seat: number, worker: string): OwnerInput => ({
  type: "daemon",
  message: { type: "actorAt", actor: ACTOR, seat, worker, address: "sock", resources: {}, restartable: seat === 1 },
});

check("an actor that has died in its next process before the end of its first is known to call is dead", [
  [submit(1, { method, maxRetries: -1 }), ["seek"]],
  [at(1, WORKER), ["call 1 on 1 alone"]],
  [{ type: "want", id: mine(1) }, []],
  [at(2, LATER), []],
  [{ type: "lost", worker: LATER, loss: LOSS, ended: [], actor: { id: ACTOR, death } }, []],
  [
    { type: "lost", worker: WORKER, loss: LOSS, ended: [], actor: { id: ACTOR, death: undefined } },
    ["outcome a1 actorDied"],
  ],
  [FLUSH, []],
]);

/** A call is on its way to an actor whose calls are short when its process ends. */
function hasBegun(death: ActorDeath, before: readonly OwnerInput[] = []): boolean | undefined {
  const owner = new Owner(ME);
  owner.take(1);
  owner.step({ type: "hold", id: ACTOR });
  owner.step(submit(1, { method }));
  owner.step(at(2, WORKER));
  owner.step(reply(1, done("short"), 2));
  for (const input of before) owner.step(input);
  owner.step(submit(2, { method }));
  owner.step({ type: "lost", worker: WORKER, loss: death.loss ?? LOSS, ended: [], actor: { id: ACTOR, death } });
  const failure = owner.outcome(mine(2))?.failure;
  return failure?.kind === "actorDied" ? failure.begun : undefined;
}

test("a call that an actor did not answer before it left in order never began; after a crash nobody knows", () => {
  const loss = { ...LOSS, exitCode: 0, signal: null };
  assert.equal(hasBegun({ ...death, end: "exited", loss }), false);
  assert.equal(hasBegun({ ...death, end: "exited" }), true);
  assert.equal(hasBegun(death), true);
});

test("a call that was submitted after its actor was killed from here never began", () => {
  const killed: ActorDeath = { ...death, end: "killed" };
  assert.equal(hasBegun(killed), true);
  assert.equal(hasBegun(killed, [{ type: "killActor", id: ACTOR }]), false);
});

check("one that is killed to be started again has its later calls there", [
  [submit(1, { method }), ["seek"]],
  [at(1, WORKER), ["call 1 on 1 alone"]],
  [{ type: "killActor", id: ACTOR }, []],
  [submit(2, { method }), []],
  [reply(1, done("one"), 1), []],
  [{ type: "lost", worker: WORKER, loss: LOSS, ended: [], actor: { id: ACTOR } }, []],
  [at(2, LATER), ["call 2 on 2"]],
]);
