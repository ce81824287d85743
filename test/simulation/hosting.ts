// The actor that lives in a simulated worker: how it is made, and how it ends in order. Twin of `worker/resident`.
import type { ActorId, GroupLimits } from "#src/domain/actor.js";
import type { ObjectId } from "#src/domain/id.js";
import type { Failure } from "#src/domain/object.js";
import type { GroupPlace } from "#src/domain/placement.js";
import type { Resources } from "#src/domain/resources.js";
import type { Host, LeaseId } from "#src/protocol/daemon.js";
import type { Call, Reply } from "#src/protocol/worker.js";
import { birthOf, isBirthOf, whyNotBorn } from "#src/worker/birth.js";
import type { Mailbox } from "#src/worker/mailbox.js";
import type { ActorTruth } from "./actor-truth.ts";
import type { Machine, Mortal } from "./machine.ts";
import type { Timers } from "./timers.ts";

/** Of each time that it could: that it has cleaned up, that its time is over. */
const CLEAN_CHANCE = 0.3;
const OVER_CHANCE = 0.003;

/** The process. */
interface Home extends Mortal {
  readonly world: Machine;
  readonly timers: Timers;
  /** Nothing runs in it. */
  readonly idle: boolean;
  endTurn(): void;
}

/** What an actor or a call takes. */
export interface Taking {
  readonly lease: LeaseId;
  readonly request: Resources;
  readonly group?: GroupPlace | undefined;
}

export class Residence {
  readonly truth: ActorTruth;
  /** What it keeps. */
  readonly stored: ObjectId[] = [];
  made = false;
  leaving = false;
  #left = false;
  readonly #host: Host;
  readonly #home: Home;
  readonly #mailbox: Mailbox;

  constructor(host: Host, home: Home, truth: ActorTruth, mailbox: Mailbox) {
    this.#host = host;
    this.#home = home;
    this.truth = truth;
    this.#mailbox = mailbox;
  }

  get id(): ActorId {
    return this.#host.id;
  }

  get lease(): LeaseId {
    return this.#host.lease;
  }

  get name(): string {
    return this.#host.plan.name;
  }

  /** Takes calls. */
  get isOpen(): boolean {
    return this.made && !this.leaving && !this.#left;
  }

  /** A call of it has said that it ends. */
  left(): void {
    this.#left = true;
    this.truth.left = true;
  }

  /** As far as its process knows. */
  get taking(): Taking {
    const { lease, resources, plan } = this.#host;
    return { lease, request: this.made && plan.placing ? {} : resources, group: plan.request.group };
  }

  /** It takes something until it ends. */
  get isForLife(): boolean {
    return !this.#host.plan.placing;
  }

  /** Its constructor, as a call. */
  get birth(): Call {
    return birthOf(this.#host);
  }

  isBirth(call: Pick<Call, "method" | "lease">): boolean {
    return isBirthOf(this.#host, call);
  }

  /** Why it was not made; undefined: it was. */
  born(reply: Exclude<Reply, { kind: "exited" }>): Failure | undefined {
    const cause = whyNotBorn(this.#host, reply);
    this.made = cause === undefined;
    if (this.made) this.#mailbox.open();
    return cause;
  }

  /** Takes no more calls, and ends when those that run have ended and it has cleaned up, or its time is over. */
  leave(): void {
    if (this.leaving) return;
    this.leaving = true;
    this.#mailbox.leave();
    this.#home.timers.start("its time is over", OVER_CHANCE, () => this.#end("actors that ran out of time"));
    if (this.#home.idle) this.idle();
  }

  /** Nothing runs in its process. */
  idle(): void {
    if (this.leaving) this.#home.timers.start("cleans up", CLEAN_CHANCE, () => this.#end("actors that left in order"));
  }

  #end(how: string): void {
    this.#home.world.count(how);
    this.#home.endTurn();
    this.#home.world.retire(this.#home);
  }
}

/** As a mistake would have it. */
export function raised(limits: GroupLimits): GroupLimits {
  return Object.fromEntries(Object.entries(limits).map(([group, limit]) => [group, limit + 1]));
}
