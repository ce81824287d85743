// Calls of actors in the owner brain, where news of several of its processes crosses.
import type { ActorDeath } from "../../domain/object.ts";
import { check, FLUSH, foreign, LOSS, mine, submit, WORKER } from "./scenes.ts";
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
