// The actor that lives in this process: how it is made, and how it ends in order.
import { leave } from "../api/exit-actor.ts";
import type { ActorHost } from "../api/slot.ts";
import { isSole, type ActorId } from "../domain/actor.ts";
import { cleaningMs, leavingMs } from "../domain/limits.ts";
import type { Failure } from "../domain/object.ts";
import type { GroupPlace } from "../domain/placement.ts";
import type { Host } from "../protocol/daemon.ts";
import type { Call, Reply } from "../protocol/worker.ts";
import { startTimer, within } from "../std/clock.ts";
import { deferred } from "../std/deferred.ts";
import { birthOf, isBirthOf, whyNotBorn } from "./birth.ts";
import type { Mailbox } from "./mailbox.ts";

export class Resident {
  readonly actor: ActorHost;
  readonly #mailbox: Mailbox;
  readonly #host: Host;
  readonly #quiet = deferred<void>();
  #left: Promise<void> | undefined;

  constructor(host: Host, mailbox: Mailbox) {
    const { id, plan, restarts } = host;
    const { className, name, about, limits } = plan;
    this.actor = { id, className, name, about, restarts, sole: isSole(limits), instance: undefined };
    this.#mailbox = mailbox;
    this.#host = host;
  }

  get id(): ActorId {
    return this.actor.id;
  }

  /** In which it lives. */
  get group(): GroupPlace | undefined {
    return this.#host.plan.request.group;
  }

  /** Its constructor, as a call. */
  get birth(): Call {
    return birthOf(this.#host);
  }

  isBirth(call: Call): boolean {
    return isBirthOf(this.#host, call);
  }

  /** Why it was not made; undefined: it was. */
  born(reply: Reply): Failure | undefined {
    const cause = whyNotBorn(this.#host, reply);
    if (cause === undefined) this.#mailbox.open();
    return cause;
  }

  /** Takes no more calls. Resolves when those that run have ended and it has cleaned up, or its time is over. */
  leave(isIdle: () => boolean): Promise<void> {
    this.#left ??= this.#leave(isIdle);
    return this.#left;
  }

  #leave(isIdle: () => boolean): Promise<void> {
    this.#mailbox.leave();
    if (isIdle()) this.#quiet.resolve();
    return within(
      leavingMs,
      this.#quiet.promise.then(() => leave(this.actor)),
    );
  }

  /** The session ends: it waits no longer for calls than there is time. The daemon sees to the rest. */
  hurry(): void {
    startTimer(cleaningMs / 2, () => this.#quiet.resolve());
  }

  /** Nothing runs in this process. */
  idle(): void {
    if (this.#left !== undefined) this.#quiet.resolve();
  }
}
