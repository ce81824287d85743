// Actors that wait for each other in a circle, perhaps by way of other calls: the program that they belong to is told of it.
import type { ActorId } from "../../domain/actor.ts";
import { Circles } from "../../domain/circles.ts";
import type { ObjectId, ProcessId } from "../../domain/id.ts";
import type { FromDaemon, ToDaemon } from "../../protocol/daemon.ts";
import { titleOf, type Actor } from "./actor.ts";

/** What is known of an actor, under its own id or an alias. */
type Find = (id: ActorId) => Actor | undefined;

export class Cycles {
  readonly #find: Find;
  readonly #send: (to: ProcessId, message: FromDaemon) => void;
  readonly #circles: Circles;
  /** Where those are that wait. */
  readonly #places = new Map<ObjectId, ProcessId>();

  constructor(find: Find, send: (to: ProcessId, message: FromDaemon) => void) {
    this.#find = find;
    this.#send = send;
    this.#circles = new Circles((id) => find(id) !== undefined);
  }

  /** A call of this process, or the actor in it, waits for these, or for none any more. */
  awaits(from: ProcessId, { id, on }: Pick<Extract<ToDaemon, { type: "awaits" }>, "id" | "on">): void {
    const actor = this.#find(id);
    if (actor !== undefined && actor.lease?.worker.id !== from) return;
    const one = actor?.id ?? id;
    if (on.length === 0) return this.#forget(one);
    this.#places.set(one, from);
    const circle = this.#circles.awaits(
      one,
      on.map((other) => this.#find(other)?.id ?? other),
    );
    const job = circle?.map((each) => this.#find(each)?.job).find((each) => each !== undefined);
    if (circle === undefined || job === undefined) return;
    this.#send(job, { type: "cycle", actors: circle.map((each) => titleOf(each, this.#find(each))) });
  }

  /** This process has ended. */
  gone(process: ProcessId): void {
    for (const [id, place] of this.#places) if (place === process) this.#forget(id);
  }

  #forget(id: ObjectId): void {
    this.#places.delete(id);
    this.#circles.forget(id);
  }
}
