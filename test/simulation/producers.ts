// Streams that run in a worker: what they make leaves now or a little later, and one that stands still lends its CPUs.
import type { ProcessId } from "#src/domain/id.js";
import type { Payload } from "#src/domain/object.js";
import type { Call } from "#src/protocol/worker.js";
import type { Desks } from "#src/worker/desks.js";
import type { InboxInput } from "#src/worker/inbox-step.js";
import type { Frame } from "./frame.ts";
import type { Machine } from "./machine.ts";
import type { Timers } from "./timers.ts";

const AT_ONCE_CHANCE = 0.4;
const STILL_CHANCE = 0.2;

/** The worker, as far as its streams need it. */
export interface ProducerHost {
  readonly world: Machine;
  readonly timers: Timers;
  readonly desks: Pick<Desks, "isPaused">;
  /** Leases whose CPUs were ever lent. */
  readonly lentLeases: Set<number>;
  feed(input: InboxInput): void;
  sending(payloads: readonly Payload[], to: ProcessId): void;
}

export class Producers {
  readonly #host: ProducerHost;
  readonly #lent = new Set<Frame>();

  constructor(host: ProducerHost) {
    this.#host = host;
  }

  yields(frame: Frame, { lease, task }: Call, from: ProcessId, value: Payload): boolean {
    const { world, timers } = this.#host;
    const now = value.refs.length > 0 || world.random.chance(AT_ONCE_CHANCE);
    if (value.refs.length > 0) this.#host.sending([value], from);
    this.#host.feed({ type: "item", lease, task, value, now });
    if (!now) timers.start(`items ${lease} ${task}`, 1, () => this.#host.feed({ type: "sendItems", lease, task }));
    return this.pausesNow(frame, { lease, task });
  }

  /** True: it is as far ahead of its reader as it may be. */
  pausesNow(frame: Frame, { lease, task }: Pick<Call, "lease" | "task">): boolean {
    const { world, timers } = this.#host;
    if (!this.#host.desks.isPaused(lease, task)) return false;
    world.count("producers paused");
    world.runnable.delete(frame);
    timers.start(`still ${lease} ${task}`, STILL_CHANCE, () => {
      world.count("producers that stood still");
      this.#lent.add(frame);
      this.#host.lentLeases.add(lease);
      this.#host.feed({ type: "blocked", lease, task });
    });
    return true;
  }

  /** It may be ahead again, or was stopped. */
  goOn(frame: Frame, { lease, task }: Call): void {
    if (!frame.paused) return;
    frame.paused = false;
    this.#host.timers.stop(`still ${lease} ${task}`);
    this.#host.world.runnable.add(frame);
    if (this.#lent.delete(frame)) this.#host.feed({ type: "unblocked", lease, task });
  }

  ended(frame: Frame, { lease, task }: Call): void {
    this.#host.timers.stop(`items ${lease} ${task}`);
    this.#lent.delete(frame);
  }
}
