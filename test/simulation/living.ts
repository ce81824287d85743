// What the process of an actor says while that lives: that it is made, that a call of it begins, that it leaves.
import type { ProcessId } from "#src/domain/id.js";
import type { OwnerInput } from "#src/local/owner/step.js";
import type { ToDaemon } from "#src/protocol/daemon.js";
import type { Call, FromWorker, Reply } from "#src/protocol/worker.js";
import type { Frame } from "./frame.ts";
import type { Residence } from "./hosting.ts";
import type { Machine, Mortal } from "./machine.ts";
import type { TaskTruth } from "./truth.ts";

/** The process. */
interface Worker extends Mortal {
  readonly world: Machine;
  readonly running: ReadonlyMap<Frame, unknown>;
  readonly resident: Residence | undefined;
  tellOwner(to: ProcessId, message: FromWorker): void;
  tellDaemon(message: ToDaemon): void;
  step(input: OwnerInput): void;
  takeEffects(): void;
  endTurn(): void;
}

export function methodBegins(worker: Worker, from: ProcessId, call: Call, task: TaskTruth): void {
  const { world } = worker;
  const beside = [...worker.running.keys()].flatMap((frame) => (frame.task === undefined ? [] : [frame.task]));
  world.ledger.actors.begins(task, worker.id, beside);
  world.count(beside.length > 0 ? "methods begun beside others" : "methods begun");
  if (task.ends > 0) world.count("methods run again for what they had made");
  worker.tellOwner(from, { type: "begun", lease: call.lease, task: call.task });
  // It is known before anything happens.
  worker.endTurn();
  world.writeAll(worker);
}

export function born(worker: Worker, resident: Residence, reply: Reply): void {
  if (reply.kind === "exited") return worker.world.violated("the simulation itself", "born after the end");
  const cause = resident.born(reply);
  if (cause === undefined) worker.tellDaemon({ type: "actorMade", id: resident.id, cleansUp: false });
  else worker.step({ type: "actorFailed", id: resident.id, cause });
  worker.world.count(cause === undefined ? "actors born" : `actors not born: ${cause.kind}`);
  worker.takeEffects();
  worker.endTurn();
  worker.world.writeAll(worker);
}

/** By itself. */
export function leaves(worker: Worker): void {
  const { resident } = worker;
  if (resident === undefined) return worker.world.violated("the simulation itself", "a task leaves");
  worker.tellDaemon({ type: "actorLeaves", id: resident.id });
  resident.leave();
}
