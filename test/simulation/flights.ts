// The calls that a process has pushed to workers, and what it hears of the ends of those, noted for each call that was in flight there.
import type { ObjectId, ProcessId } from "#src/domain/id.js";
import type { LeaseId, WorkerLost } from "#src/protocol/daemon.js";
import type { Call, ToWorker } from "#src/protocol/worker.js";
import type { Machine } from "./machine.ts";
import { runKey } from "./truth.ts";
import { must } from "./violation.ts";

interface Pushed {
  readonly lease: LeaseId;
  readonly attempt: number;
}

export class Flights {
  readonly #world: Machine;
  /** Tasks pushed to each worker and not answered. */
  readonly #flying = new Map<ProcessId, Map<ObjectId, Pushed>>();
  /** The task that has said it exits, by its worker. */
  readonly #exited = new Map<ProcessId, ObjectId>();

  constructor(world: Machine) {
    this.#world = world;
  }

  told(worker: ProcessId, id: ObjectId, message: Call | Extract<ToWorker, { type: "cancel" | "read" }>): void {
    const truth = this.#world.ledger.task(id);
    if (message.type === "read") return;
    if (message.type === "call") this.#pushed(worker, id, message);
    if (message.type === "call" && truth.stopped?.left === true) {
      must(truth.remakable, "who has left a stream gets only what was lost", () => `${id} is pushed to ${worker}`);
      if (!truth.acknowledged) truth.anew += 1;
      truth.wasLeft = true;
      truth.stopped = undefined;
      truth.stopTaken = false;
    }
    truth.beginsAnew = message.type === "cancel" && truth.stopped === undefined;
    if (truth.beginsAnew) this.#world.count("streams to begin anew");
  }

  #pushed(worker: ProcessId, id: ObjectId, { lease, attempt }: Call): void {
    const flying = this.#flying.get(worker) ?? new Map<ObjectId, Pushed>();
    this.#flying.set(worker, flying.set(id, { lease, attempt }));
  }

  /** It was answered, or returned. */
  landed(worker: ProcessId, id: ObjectId): void {
    this.#flying.get(worker)?.delete(id);
  }

  exits(worker: ProcessId, id: ObjectId): void {
    this.#exited.set(worker, id);
  }

  whereIs(id: ObjectId): ProcessId | undefined {
    return [...this.#flying].find(([, flying]) => flying.has(id))?.[0];
  }

  lost(lost: WorkerLost): void {
    const { worker } = lost;
    const flying = this.#flying.get(worker) ?? new Map<ObjectId, Pushed>();
    this.#flying.delete(worker);
    for (const [id, pushed] of flying) {
      if (this.#world.ledger.task(id).spec.method === undefined) this.#noteTask(id, pushed, lost);
      else this.#noteCall(id, pushed, lost);
    }
    if (flying.size > 0)
      this.#world.count(flying.size === 1 ? "lost with one call in flight" : "lost with several calls in flight");
  }

  #noteTask(id: ObjectId, pushed: Pushed, { worker, loss, ended }: WorkerLost): void {
    const { ledger } = this.#world;
    const { stopped, begunAt, spec } = ledger.task(id);
    const guilty = this.#exited.get(worker);
    const wasOver = ended.some((each) => each.lease === pushed.lease) && !begunAt.has(runKey(worker, pushed));
    const forced = loss.forced === true && spec.maxRetries !== 0;
    const innocent = guilty !== undefined && guilty !== id;
    if (stopped !== undefined) this.#world.count("stopped calls lost with their worker");
    else if (wasOver) this.#world.count("lost before they could begin");
    else if (!ledger.lost(id, worker, innocent || forced)) this.#world.count("lost with a retired worker");
    else if (forced) this.#world.count("innocents lost with a worker that was ended by force");
  }

  /** Of an actor: whoever calls it knows which calls have begun there. */
  #noteCall(id: ObjectId, pushed: Pushed, { worker, actor }: WorkerLost): void {
    const task = this.#world.ledger.task(id);
    const fate = actor?.death === undefined ? "that is started again" : "that has ended";
    if (task.stopped !== undefined) return this.#world.count(`stopped calls lost with an actor ${fate}`);
    const begun = task.begunAt.has(runKey(worker, pushed));
    this.#world.count(`calls that ${begun ? "had begun" : "had not begun"}, of an actor ${fate}`);
    if (begun) task.losses += 1;
  }
}
