// The processes that a session keeps, and what it means when one ends before it is ready.
import type { WorkerLoss } from "../../domain/object.ts";
import { keyOfEnv } from "../../domain/runtime-env.ts";
import { setupMs } from "../../domain/limits.ts";
import type { Demands } from "./demands.ts";
import type { Demand, Kind } from "./lease.ts";
import type { ClusterEffect, ClusterOptions } from "./step.ts";
import type { Workers } from "./workers.ts";

/** Workers that die in a row before they are ready: something is wrong with all of them, or the machine has no room for more. */
const FAILED_STARTS_MAX = 3;
/** A session that has begun has shown that workers can start: somebody may be killing them, so it is patient for some seconds. */
const FAILED_STARTS_BEGUN_MAX = 30;
/** 5 s: whoever wanted a process may want it again. */
const UNWANTED_TICKS_MAX = 50;
const NEVER_READY = `it was not ready after ${setupMs / 60_000} minutes: what it imports first does not come to an end`;

type StartOptions = Pick<ClusterOptions, "env" | "nextWorkerId" | "setupTicks">;

export class Starts {
  readonly #workers: Workers;
  readonly #demands: Demands;
  readonly #options: StartOptions;
  /** Kept warm: one worker per CPU. */
  readonly #base: number;
  readonly #emit: (effect: ClusterEffect) => void;
  readonly #refuse: (demand: Demand, loss: WorkerLoss) => void;
  #toldReady = false;
  #failed = 0;
  #broken = false;

  constructor(
    workers: Workers,
    demands: Demands,
    options: StartOptions,
    base: number,
    emit: (effect: ClusterEffect) => void,
    refuse: (demand: Demand, loss: WorkerLoss) => void,
  ) {
    this.#workers = workers;
    this.#demands = demands;
    this.#options = options;
    this.#base = base;
    this.#emit = emit;
    this.#refuse = refuse;
  }

  /** Those of the session itself. */
  get #kind(): Kind {
    return this.#workers.kind(this.#options.env);
  }

  spawn(kind: Kind): void {
    const worker = this.#workers.add(this.#options.nextWorkerId(), kind);
    this.#emit({ type: "spawn", worker: worker.id, env: kind.env });
  }

  keepBase(): void {
    const { hosts } = this.#workers;
    while (this.#kind.size - hosts < this.#base) this.spawn(this.#kind);
  }

  /** More than are kept. */
  get surplus(): number {
    const all = [...this.#workers.all.values()];
    const kept = all.filter(
      ({ kind, state, actor }) => kind === this.#kind && state !== "leaving" && actor === undefined,
    );
    return kept.length - this.#base;
  }

  isKept(kind: Kind): boolean {
    return kind === this.#kind;
  }

  /** A process is ready. */
  ready(): void {
    this.#failed = 0;
    this.#workers.startsFail = false;
    this.keepBase();
    if (this.#toldReady) return;
    const ready = [...this.#workers.all.values()].filter((worker) => worker.state !== "starting").length;
    if (ready < this.#base) return;
    this.#toldReady = true;
    this.#emit({ type: "ready" });
  }

  /** Actors have taken some of those that are kept. Of those that take long to be ready, some are wanted by nobody any more, and some will never be. */
  tick(): void {
    if (this.#toldReady && !this.#workers.startsFail) this.keepBase();
    for (const worker of this.#workers.all.values()) {
      if (worker.state !== "starting") continue;
      worker.rested += 1;
      const isWanted = this.isKept(worker.kind) || this.#demands.in(keyOfEnv(worker.kind.env)).length > 0;
      if (!isWanted && worker.rested > UNWANTED_TICKS_MAX) {
        this.#workers.abandon(worker);
        this.#emit({ type: "kill", worker: worker.id });
      } else if (worker.rested === this.#options.setupTicks) {
        worker.forced = "alone";
        this.#emit({ type: "kill", worker: worker.id, reason: NEVER_READY });
      }
    }
  }

  /**
   * A process has ended before it was ready. In the environment of the session itself others are started again and again; of other
   * environments it is said what is wrong.
   */
  failed(kind: Kind, loss: WorkerLoss): void {
    if (kind === this.#kind) {
      this.#failed += 1;
      // The system would not start it, nor those before it: nobody has killed them.
      if (this.#toldReady && loss.pid === 0 && this.#failed >= FAILED_STARTS_BEGUN_MAX) this.#giveUp(loss);
      return;
    }
    kind.failedStarts += 1;
    // Somebody may have killed it.
    if (loss.signal !== null && loss.reason === undefined && kind.failedStarts < FAILED_STARTS_MAX) return;
    kind.failedStarts = 0;
    for (const demand of this.#demands.in(keyOfEnv(kind.env))) this.#refused(demand, loss);
  }

  /**
   * After the end of a process. A session that has begun goes on with the workers it has, and tries again with each tick: for long
   * without any, for ever with one.
   */
  goOn(loss: WorkerLoss): void {
    if (this.#failed < FAILED_STARTS_MAX) return this.keepBase();
    this.#workers.startsFail = true;
    const hopeful = this.#workers.all.size > this.#workers.starting || this.#failed < FAILED_STARTS_BEGUN_MAX;
    if (this.#toldReady && hopeful) return;
    if (!this.#broken) this.#emit({ type: "broken", loss });
    this.#broken = true;
  }

  /** Actors have no other process to live in; calls wait for one of those that there are, if they come free at all. */
  #giveUp(loss: WorkerLoss): void {
    const isShared = this.#kind.size > this.#workers.hosts;
    for (const demand of this.#demands.in(keyOfEnv(this.#kind.env)))
      if (demand.actor !== undefined || !isShared) this.#refused(demand, loss);
  }

  #refused(demand: Demand, loss: WorkerLoss): void {
    this.#refuse(demand, loss);
    demand.lacking = 0;
    this.#demands.tidy(demand);
  }

  /** True: there may be something to settle. */
  tryAgain(): boolean {
    if (!this.#workers.startsFail || this.#workers.starting > 0 || this.#broken) return false;
    this.#workers.startsFail = false;
    this.keepBase();
    return true;
  }
}
