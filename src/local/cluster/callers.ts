// Who calls an actor: each has a seat where it lives, and hears where that is and when it is no more.
import type { ActorId } from "../../domain/actor.ts";
import { numberOf, ownerOf, type ProcessId } from "../../domain/id.ts";
import type { FromDaemon } from "../../protocol/daemon.ts";
import { mayRestart, refsInDeath, UNKNOWN, type Actor, type Caller } from "./actor.ts";
import type { SharedObjects } from "./objects.ts";
import type { Workers } from "./workers.ts";

interface CallersContext {
  readonly objects: SharedObjects;
  readonly workers: Workers;
  readonly send: (to: ProcessId, message: FromDaemon) => void;
  readonly alive: (process: ProcessId) => boolean;
}

export class Callers {
  /** Of actors that were sought before they were heard of: their creators have another channel. */
  readonly #early = new Map<ActorId, Set<ProcessId>>();
  /** Those that were killed before they were heard of, and by whom. */
  readonly #killed = new Map<ActorId, string>();
  /** The last actor that each living process has made. */
  readonly #latest = new Map<ProcessId, number>();
  readonly #context: CallersContext;

  constructor(context: CallersContext) {
    this.#context = context;
  }

  unknown(id: ActorId, process: ProcessId): void {
    if (!this.#isToCome(id)) return this.#context.send(process, { type: "actorDead", actor: id, death: UNKNOWN });
    this.#early.set(id, (this.#early.get(id) ?? new Set()).add(process));
  }

  /** It may be that its creator is only slow to tell: of those after the last that it has told of. */
  #isToCome(id: ActorId): boolean {
    const creator = ownerOf(id);
    return this.#context.alive(creator) && numberOf(id) > (this.#latest.get(creator) ?? 0);
  }

  /** Somebody has killed one that is not there: it ends as soon as it is. */
  killEarly(id: ActorId, by: string): void {
    if (this.#isToCome(id)) this.#killed.set(id, by);
  }

  /** It is there: who has killed it before. */
  takeKiller(id: ActorId): string | undefined {
    const by = this.#killed.get(id);
    this.#killed.delete(id);
    return by;
  }

  /** It is there: those that have sought it before. */
  takeEarly(id: ActorId): Iterable<ProcessId> {
    this.#latest.set(ownerOf(id), numberOf(id));
    const early = this.#early.get(id) ?? [];
    this.#early.delete(id);
    return early;
  }

  seek(actor: Actor, process: ProcessId): void {
    const caller = actor.callers.get(process) ?? { seat: undefined };
    actor.callers.set(process, caller);
    if (actor.state === "alive") return this.#seat(actor, process, caller);
    // Whoever asks once more has forgotten the seat that it had, and would hear nothing by its end.
    caller.seat = undefined;
    if (actor.death !== undefined) this.#tell(actor, process);
  }

  /** It is there for its calls. */
  seat(actor: Actor): void {
    for (const [process, caller] of actor.callers) this.#seat(actor, process, caller);
  }

  #seat({ id, lease, plan, restarts }: Actor, process: ProcessId, caller: Caller): void {
    if (lease === undefined) return;
    const { worker, resources } = lease;
    caller.seat ??= this.#context.workers.nextId();
    worker.owners.add(process);
    this.#context.send(process, {
      type: "actorAt",
      actor: id,
      seat: caller.seat,
      worker: worker.id,
      address: worker.address,
      resources,
      restartable: mayRestart(plan, restarts),
    });
  }

  /** Those that have a seat hear of it with the end of the process. */
  tellDeath(actor: Actor): void {
    for (const [process, { seat }] of actor.callers) if (seat === undefined) this.#tell(actor, process);
  }

  #tell({ id, death }: Actor, process: ProcessId): void {
    if (death === undefined) return;
    for (const ref of refsInDeath(death)) this.#context.objects.hold(ref, process);
    this.#context.send(process, { type: "actorDead", actor: id, death });
  }

  /** A process has ended that may have called it. */
  left({ callers, lease }: Actor, process: ProcessId): void {
    const caller = callers.get(process);
    callers.delete(process);
    if (caller?.seat !== undefined && lease !== undefined)
      this.#context.send(lease.worker.id, { type: "recall", lease: caller.seat, when: "over" });
  }

  /** A process has ended: what it has not told of does not come any more. */
  gone(process: ProcessId): void {
    this.#latest.delete(process);
    for (const id of this.#killed.keys()) if (ownerOf(id) === process) this.#killed.delete(id);
    for (const [id, early] of this.#early) {
      early.delete(process);
      if (ownerOf(id) !== process) continue;
      this.#early.delete(id);
      for (const caller of early) this.unknown(id, caller);
    }
  }
}
