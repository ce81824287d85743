// Other ids of actors: of those that were made with `getIfExists`, and found another of their name. Each keeps that one alive as long as
// it is held itself.
import type { ActorId } from "../../domain/actor.ts";
import { ownerOf, type ProcessId } from "../../domain/id.ts";
import type { FromDaemon } from "../../protocol/daemon.ts";
import type { Actor } from "./actor.ts";
import type { SharedObjects } from "./objects.ts";

export class Aliases {
  readonly #actors = new Map<ActorId, Actor>();
  /** Those that the process has which their actor lives in. */
  readonly #atHome = new Set<ActorId>();
  readonly #objects: SharedObjects;

  readonly #send: (to: ProcessId, message: FromDaemon) => void;

  constructor(objects: SharedObjects, send: (to: ProcessId, message: FromDaemon) => void) {
    this.#objects = objects;
    this.#send = send;
  }

  /** What it stands for. */
  get(id: ActorId): Actor | undefined {
    return this.#actors.get(id);
  }

  ids(): Iterable<ActorId> {
    return this.#actors.keys();
  }

  add(id: ActorId, actor: Actor): void {
    this.#actors.set(id, actor);
    actor.aliases.add(id);
    this.held(id);
    const creator = ownerOf(id);
    if (actor.lease?.worker.id === creator) this.takeOver(id, creator);
    this.tell(id, creator, actor);
  }

  /** Nothing is told of what could be none. */
  tell(id: ActorId, process: ProcessId, { id: actor, plan }: Actor): void {
    if (id !== actor || plan.getIfExists) this.#send(process, { type: "actorIs", id, actor });
  }

  /** The actor lives in this process: what that holds of its handles counts no more. */
  takeOver(handle: ActorId, home: ProcessId): void {
    if (this.#objects.forget(handle, home)) this.atHome(handle);
  }

  /** It has holders from now on. */
  held(id: ActorId): void {
    const actor = this.#actors.get(id);
    if (actor !== undefined) this.#objects.wrap(id, [actor.id]);
  }

  /** Its actor lives in a process that has it. No hold says so, and it may be handed on from there for as long as that process lives. */
  atHome(id: ActorId): void {
    if (this.#actors.has(id)) this.#atHome.add(id);
  }

  /** Those that nobody holds: nothing will be heard of them any more. */
  tidy({ aliases, lease }: Actor): void {
    for (const id of aliases) {
      if (lease === undefined) this.#atHome.delete(id);
      if (this.#objects.has(id) || this.#atHome.has(id)) continue;
      aliases.delete(id);
      this.#actors.delete(id);
    }
  }
}
