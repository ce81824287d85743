// What a process says of actors: it makes them, kills them, and looks for them by name.
import type { ActorId } from "#src/domain/actor.js";
import type { ActorSpec } from "#src/domain/actor-spec.js";
import { objectId, type ObjectId, type ProcessId } from "#src/domain/id.js";
import type { CallId } from "#src/domain/task.js";
import type { OwnerInput } from "#src/local/owner/step.js";
import type { Asks } from "./asking.ts";
import type { Keeper } from "./keeper.ts";
import type { Machine } from "./machine.ts";
import type { ModelObject } from "./model.ts";
import { isWorker } from "./names.ts";
import type { ActorClass } from "./program.ts";

/** One for all: names meet. */
const NAMESPACE = "";

/** The process, as far as its actors need it. */
interface Actress {
  readonly id: ProcessId;
  readonly closed: boolean;
  readonly owner: { take(count: number): number };
  readonly world: Machine;
  readonly asks: Asks;
  readonly keeper: Keeper;
  step(input: OwnerInput): void;
  hold(id: ObjectId): void;
  made(id: ObjectId): void;
}

export class ActorTalk {
  readonly #process: Actress;

  constructor(process: Actress) {
    this.#process = process;
  }

  create(spec: Omit<ActorSpec, "site" | "namespace">, made: ActorClass, model: ModelObject): ActorId {
    const process = this.#process;
    const { ledger, now } = process.world;
    const number = process.owner.take(1);
    const id = objectId(process.id, number);
    const whole: ActorSpec = { ...spec, namespace: NAMESPACE, site: { text: id } };
    const truth = ledger.made(id, whole, { made, model, creator: process.id, since: now });
    if (spec.cancelled !== undefined) truth.cancelled = true;
    process.made(id);
    process.step({ type: "createActor", number, spec: whole });
    process.keeper.drop(spec.args);
    process.world.count("actors made");
    return id;
  }

  kill(id: ActorId, restart: boolean): void {
    const { world, closed, asks } = this.#process;
    if (closed) return;
    const { actors } = world.ledger;
    actors.get(id).kills += 1;
    asks.ask({ killActor: id, restart, by: "by a program" }, () => {
      // Whoever leaves the cluster hears no answers: nobody may have been killed.
      if (!this.#process.closed) actors.get(id).killHeard ||= !restart;
    });
    world.count(restart ? "actors killed to be started again" : "actors killed");
  }

  /** Undefined: there is none. Whoever is told holds it once. */
  find(name: string, found: (id: ActorId | undefined) => void): void {
    const { asks, closed, world } = this.#process;
    if (closed) return found(undefined);
    asks.ask({ actorNamed: name, namespace: NAMESPACE }, (answer) => {
      const { actor } = (answer ?? {}) as { actor?: { id: ActorId } };
      world.count(actor === undefined ? "names that nobody had" : "actors found by their names");
      found(actor !== undefined && this.#takesOver(actor.id) ? actor.id : undefined);
    });
  }

  /** What an actor waits for must not wait for the actor, or both would for ever, and rightly so. So no call takes one that waits. */
  #takesOver(id: ActorId): boolean {
    const { id: process, world } = this.#process;
    const takes = !isWorker(process) || world.ledger.actors.get(id).hasArgs;
    if (!takes) world.count("actors found by calls that they may wait for");
    this.#process.step({ type: "received", ids: [id] });
    if (takes) this.#process.hold(id);
    this.#process.step({ type: "settled", ids: [id] });
    return takes;
  }

  /** What a call has submitted was cancelled: the actors among it whose arguments have not all come. */
  cancelled(parent: CallId): void {
    for (const truth of this.#process.world.ledger.actors.all.values())
      if (truth.creator === this.#process.id && truth.parent === parent && !truth.hasArgs) truth.cancelled = true;
  }
}
