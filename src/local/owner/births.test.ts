// Actors to be: what they take is waited for and sent, and once more what was lost of it.
import type { ActorSpec } from "../../domain/actor-spec.ts";
import type { TaskSpec } from "../../domain/task.ts";
import {
  check,
  done,
  foreign,
  grant,
  large,
  made,
  mine,
  on,
  payload,
  release,
  reply,
  spec,
  submit,
  unreadable,
} from "./scenes.ts";
import type { OwnerInput } from "./step.ts";

const { definition, args, request, site } = spec();
const making = (number: number, dependencies: TaskSpec["dependencies"]): OwnerInput => {
  const traits = { className: "C", name: "", namespace: "", maxRestarts: 0, limits: { "": 1 }, about: payload("") };
  const kind = { placing: true, getIfExists: false, detached: false };
  const made: ActorSpec = { ...traits, ...kind, definition, args, dependencies, request, site };
  return { type: "createActor", number, spec: made };
};

check(
  "an actor is made when all of its arguments are there at once",
  [
    [submit(1), []],
    [submit(2), []],
    [making(3, on(1, 2).dependencies), ["createActor"]],
    [grant(1), ["call 1 on 1"]],
    [reply(1, made("one", 1)), ["call 2 on 1"]],
    [unreadable(1, 1), ["retry 2", "call 1 on 1", "release c1 1"]],
    [reply(2, done("two")), []],
    [reply(1, made("one", 3)), ["actorArgs"]],
  ],
  { tasks: 0, objects: 4 },
);

const lacking = (number: number, file: number): OwnerInput => ({
  type: "daemon",
  message: { type: "actorLacks", id: mine(number), cause: { kind: "lost", id: foreign(file), reason: "" } },
});

check(
  "an actor that is to be made of what was lost gets it once more, and nothing else, whoever else has it",
  [
    [submit(1), []],
    [submit(2), []],
    [grant(1), ["call 1 on 1"]],
    [reply(1, made("one", 1)), ["call 2 on 1"]],
    [reply(2, made("two", 2)), []],
    [making(3, on(1, 2).dependencies), ["createActor", "actorArgs"]],
    [release(1), ["release c1 1"]],
    [lacking(3, 1), ["retry 2", "call 1 on 1"]],
    [reply(1, made("one", 3)), ["actorArgs", "release c3 1"]],
    [lacking(3, 2), ["retry 2", "call 2 on 1", "release c2 1"]],
    [reply(2, made("two", 4)), ["actorArgs"]],
    [lacking(3, 3), ["retry 3", "call 1 on 1"]],
    [reply(1, made("one", 5)), ["actorArgs", "release c5 1"]],
    [release(3), ["outlives", "release a3 1"]],
    [release(2), ["release c4 1"]],
    [{ type: "daemon", message: { type: "freed", id: mine(3) } }, []],
    [lacking(3, 5), ["actorFailed"]],
  ],
  { tasks: 0, objects: 0 },
);

check(
  "an actor gets what was lost once more as long as others have handles of it, though its maker has none",
  [
    [submit(1), []],
    [making(2, on(1).dependencies), ["createActor"]],
    [release(1), []],
    [grant(1), ["call 1 on 1"]],
    [reply(1, made("one", 1)), ["actorArgs", "release c1 1"]],
    [release(2), ["outlives", "release a2 1"]],
    [lacking(2, 1), ["retry 2", "call 1 on 1"]],
    [reply(1, made("one", 3)), ["actorArgs", "release c3 1"]],
    [lacking(2, 3), ["retry 3", "call 1 on 1"]],
    [reply(1, made("one", 5)), ["actorArgs", "release c5 1"]],
    [{ type: "daemon", message: { type: "freed", id: mine(2) } }, []],
    [lacking(2, 5), ["actorFailed"]],
  ],
  { tasks: 0, objects: 0 },
);

check("an actor that is to be made of what was put, and lost, is not", [
  [{ type: "put", number: 1, value: large("one", 1) }, []],
  [making(2, on(1).dependencies), ["createActor", "actorArgs"]],
  [lacking(2, 1), ["actorFailed"]],
  [release(1), []],
  [lacking(2, 1), ["actorFailed"]],
]);
