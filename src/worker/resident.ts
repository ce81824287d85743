// The actor that lives in this process: how it is made, and how it ends in order.
import { leave } from "../api/exit-actor.ts";
import type { ActorHost } from "../api/slot.ts";
import { isSole, type ActorId } from "../domain/actor.ts";
import type { Failure } from "../domain/object.ts";
import type { GroupPlace } from "../domain/placement.ts";
import type { Host } from "../protocol/daemon.ts";
import type { Call, Reply } from "../protocol/worker.ts";
import { startTimer } from "../std/clock.ts";
import { deferred } from "../std/deferred.ts";
import { birthOf, isBirthOf, whyNotBorn } from "./birth.ts";
import type { Mailbox } from "./mailbox.ts";

/** For its calls to end, and for what it does then. As in Ray. */
const LEAVING_MS = 30_000;

export class Resident {
  readonly actor: ActorHost;
  readonly #mailbox: Mailbox;
  readonly #host: Host;
  readonly #quiet = deferred<void>();
  #leaving = false;

  constructor(host: Host, mailbox: Mailbox) {
    const { id, plan, restarts } = host;
    const { className, name, about } = plan;
    this.actor = { id, className, name, about, restarts, instance: undefined };
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

  /** Whether it runs one call at a time. */
  get isSole(): boolean {
    return isSole(this.#host.plan.limits);
  }

  /** Takes no more calls. Resolves when those that run have ended and it has cleaned up, or its time is over. */
  async leave(isIdle: () => boolean): Promise<void> {
    if (this.#leaving) return this.#quiet.promise;
    this.#leaving = true;
    this.#mailbox.leave();
    const over = deferred<void>();
    const timer = startTimer(LEAVING_MS, () => over.resolve());
    if (isIdle()) this.#quiet.resolve();
    await Promise.race([this.#quiet.promise.then(() => leave(this.actor)), over.promise]);
    timer.cancel();
  }

  /** Nothing runs in this process. */
  idle(): void {
    if (this.#leaving) this.#quiet.resolve();
  }
}
