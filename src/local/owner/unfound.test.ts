// Handles of which it is not known yet which actor they are of, beside others of actors of that name.
import type { MethodCall } from "../../domain/actor.ts";
import type { ActorSpec } from "../../domain/actor-spec.ts";
import type { ActorDeath } from "../../domain/object.ts";
import { check, foreign, mine, OTHER, payload, spec, submit } from "./scenes.ts";
import type { OwnerInput } from "./step.ts";

const ACTOR = foreign(50);
const HOLD: OwnerInput = { type: "hold", id: ACTOR };
const { definition, args, dependencies, request, site } = spec();

const making = (number: number): OwnerInput => {
  const traits = { className: "C", name: "one", namespace: "", maxRestarts: 0, limits: { "": 1 }, about: payload("") };
  const kind = { placing: true, getIfExists: true, detached: false };
  const made: ActorSpec = { ...traits, ...kind, definition, args, dependencies, request, site };
  return { type: "createActor", number, spec: made };
};
const call = (number: number, actor: string, change: Partial<MethodCall> = {}): OwnerInput => {
  const method = { actor, className: "C", actorName: "one", method: "m", group: "", ordered: true, ...change };
  return submit(number, { method });
};
const at = (actor: string, seat: number): OwnerInput => ({
  type: "daemon",
  message: { type: "actorAt", actor, seat, worker: OTHER, address: "sock", resources: {}, restartable: false },
});
const is = (id: string, actor: string): OwnerInput => ({ type: "daemon", message: { type: "actorIs", id, actor } });

const KNOWN: readonly (readonly [OwnerInput, readonly string[]])[] = [
  [HOLD, []],
  [call(1, ACTOR), ["seek"]],
  [at(ACTOR, 7), ["call 1 on 7"]],
];

check("calls that come after a handle that is being found wait until it is, and keep their order", [
  ...KNOWN,
  [making(2), ["createActor", "actorArgs"]],
  [call(3, ACTOR), []],
  [call(4, mine(2)), ["seek"]],
  [call(5, ACTOR, { ordered: false }), []],
  [is(mine(2), ACTOR), ["call 3 on 7", "call 4 on 7", "call 5 on 7"]],
  [call(6, mine(2)), ["call 6 on 7"]],
]);

check("those that came before it do not wait, however many are being found", [
  ...KNOWN,
  [making(2), ["createActor", "actorArgs"]],
  [call(3, ACTOR), []],
  [making(4), ["createActor", "actorArgs"]],
  [call(5, ACTOR), []],
  [is(mine(2), ACTOR), ["call 3 on 7"]],
  [is(mine(4), ACTOR), ["call 5 on 7"]],
]);

check("they go on when it is a new one, and when it is given up", [
  ...KNOWN,
  [making(2), ["createActor", "actorArgs"]],
  [call(3, ACTOR), []],
  [is(mine(2), mine(2)), ["call 3 on 7"]],
  [making(4), ["createActor", "actorArgs"]],
  [call(5, ACTOR), []],
  [{ type: "release", id: mine(4) }, ["release a4 1", "call 5 on 7"]],
]);

const death: ActorDeath = { end: "unknown", className: "", name: "", namespace: "", restarts: 0 };

check("one that has come from elsewhere is sought where that is not known, and may be of nobody", [
  ...KNOWN,
  [{ type: "hold", id: foreign(51) }, []],
  [{ type: "findActor", id: foreign(51), actor: ACTOR, name: "one" }, []],
  [call(2, foreign(51)), ["call 2 on 7"]],
  [{ type: "hold", id: foreign(52) }, []],
  [{ type: "findActor", id: foreign(52), actor: undefined, name: "one" }, ["seek"]],
  [call(9, ACTOR), []],
  [call(10, foreign(52)), []],
  [is(foreign(52), ACTOR), ["call 9 on 7", "call 10 on 7"]],
  [{ type: "hold", id: foreign(53) }, []],
  [{ type: "findActor", id: foreign(53), actor: undefined, name: "one" }, ["seek"]],
  [call(20, ACTOR), []],
  [{ type: "daemon", message: { type: "actorDead", actor: foreign(53), death } }, ["call 20 on 7"]],
]);
