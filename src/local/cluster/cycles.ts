// Actors that wait for each other in a circle: each runs one call, which waits for a call of the next, and so none of them ever goes on.
import type { ActorId } from "../../domain/actor.ts";
import type { ProcessId } from "../../domain/id.ts";
import type { FromDaemon } from "../../protocol/daemon.ts";
import { titleOf, type Actor } from "./actor.ts";

/** What is known of an actor, under its own id or an alias. */
type Find = (id: ActorId) => Actor | undefined;

export class Cycles {
  readonly #find: Find;
  readonly #send: (to: ProcessId, message: FromDaemon) => void;
  readonly #awaits = new Map<ActorId, readonly ActorId[]>();
  readonly #told = new Set<string>();

  constructor(find: Find, send: (to: ProcessId, message: FromDaemon) => void) {
    this.#find = find;
    this.#send = send;
  }

  /** An actor waits for these, or for none any more. The program that it belongs to is told of a circle, the first time that it is seen. */
  awaits({ id, job }: Actor, on: readonly ActorId[]): void {
    const cycle = this.#closedBy(
      id,
      on.map((other) => this.#find(other)?.id ?? other),
    );
    if (cycle === undefined || job === undefined) return;
    this.#send(job, { type: "cycle", actors: cycle.map((each) => titleOf(each, this.#find(each))) });
  }

  #closedBy(id: ActorId, on: readonly ActorId[]): readonly ActorId[] | undefined {
    if (on.length === 0) return void this.#awaits.delete(id);
    this.#awaits.set(id, on);
    const cycle = this.#from(id, [id]);
    if (cycle === undefined) return undefined;
    const key = cycle.toSorted().join();
    if (this.#told.has(key)) return undefined;
    this.#told.add(key);
    return cycle;
  }

  /** It is no more, or begins anew. */
  forget(id: ActorId): void {
    this.#awaits.delete(id);
  }

  #from(first: ActorId, path: readonly ActorId[]): readonly ActorId[] | undefined {
    const last = path.at(-1) ?? first;
    for (const next of this.#awaits.get(last) ?? []) {
      if (next === first) return path;
      const cycle = path.includes(next) ? undefined : this.#from(first, [...path, next]);
      if (cycle !== undefined) return cycle;
    }
    return undefined;
  }
}
