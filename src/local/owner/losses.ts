// What becomes of objects whose parts in the store cannot be read: they are made again, or told as lost.
import type { ObjectId, ProcessId } from "../../domain/id.ts";
import type { Failure, Outcome } from "../../domain/object.ts";
import type { Calls } from "./calls.ts";
import { isLeft } from "../../domain/stop.ts";
import { Lineage, type Hindrance, type Remaking } from "./lineage.ts";
import type { ObjectRecord, Objects } from "./objects.ts";
import { FEWER, notRemade, ofLost } from "./refusals.ts";
import type { OwnerEffect } from "./step.ts";
import type { Streams } from "./streams.ts";
import { isGuarded, retryOf, type Task } from "./tasks.ts";

export class Losses {
  readonly lineage: Lineage;
  readonly #objects: Objects<Task>;
  readonly #streams: Streams;
  readonly #emit: (effect: OwnerEffect) => void;
  readonly #begin: (task: Task) => void;
  #closed: Failure | undefined;

  constructor(
    process: ProcessId,
    objects: Objects<Task>,
    calls: Calls,
    streams: Streams,
    making: (id: ObjectId) => Task | undefined,
    emit: (effect: OwnerEffect) => void,
    begin: (task: Task) => void,
  ) {
    const outcome = (id: ObjectId) => objects.get(id)?.outcome;
    const exists = (id: ObjectId): boolean => objects.get(id) !== undefined;
    const isComing = (task: Task, item: ObjectId): boolean => streams.isComing(task, item);
    const hindrance: Hindrance = (method, reader) => {
      if (!exists(method.actor) || calls.hasEnded(method.actor)) return "gone";
      return method.sole === true && calls.livesIn(method.actor, reader) ? "waits" : undefined;
    };
    const died = (task: Task): Failure | undefined => calls.failureOf(task);
    this.lineage = new Lineage(process, outcome, exists, making, isComing, hindrance, died);
    this.#objects = objects;
    this.#streams = streams;
    this.#emit = emit;
    this.#begin = begin;
  }

  /** `stored`: what could not be read, and `reader` where. Whoever needs the object waits for it again, or gets its failure. */
  lost(id: ObjectId, stored: ObjectId, reader?: ProcessId): void {
    const record = this.#objects.get(id);
    if (record?.mine !== true && reader !== undefined && this.lineage.isOutliving(id))
      return this.#adopt(id, stored, reader);
    if (record === undefined) return;
    if (record.outcome === undefined && reader !== undefined) return this.#awaited(record, reader);
    // Known already, and perhaps made again.
    if (record.outcome?.value?.stored?.id !== stored) return;
    if (this.#closed !== undefined) return this.#fail(record, this.#closed);
    if (!record.mine) return this.#objects.report(record, stored);
    if (this.#objects.replace(record)) return;
    const remaking = this.lineage.remake(id, { single: record.single, reader });
    if ("kind" in remaking) return this.#fail(record, remaking);
    const refs = this.#objects.reopen(record);
    this.#remake(remaking);
    // Only now: what it kept alive may be what its call needs.
    for (const inner of refs) this.#objects.unpin(inner);
  }

  /**
   * So it is, and whoever needs it, and holds it once from now on, may be the only one here that has it. `single`: why no call makes it
   * again, where none does.
   */
  needed(id: ObjectId, stored: ObjectId, single: string): void {
    if (this.#objects.get(id) !== undefined) {
      this.#objects.pin(id);
      return this.lost(id, stored);
    }
    const remaking = this.lineage.remake(id, { single });
    this.#objects.restore(id, "kind" in remaking ? { failure: remaking } : undefined);
    if (!("kind" in remaking)) this.#remake(remaking);
  }

  /** A stream that runs has made this. */
  stored(task: Task, id: ObjectId, place: number): void {
    this.lineage.item(task, id, place);
  }

  /** What a stream is to make once more. */
  again(task: Task): readonly { readonly id: ObjectId; readonly place: number }[] {
    return this.lineage.again(task.number);
  }

  /** An attempt of a stream, which was to make these too: other attempts make what of it is lost by now, or it is told as lost. */
  ended(task: Task, { failure }: Outcome, missing?: ReadonlySet<ObjectId>): void {
    const isStopped = task.stop !== undefined && isLeft(task.stop);
    if (isStopped && task.state === "stopped") return;
    for (const id of this.lineage.lostOf(task.number)) {
      if (failure !== undefined && !isStopped) this.#give(id, ofLost(id, task, failure));
      else if (failure === undefined && missing?.has(id) === true) this.#give(id, notRemade(id, task, FEWER));
      else this.#makeAgain(id);
    }
  }

  #makeAgain(id: ObjectId): void {
    const remaking = this.lineage.remake(id, {});
    if ("kind" in remaking) this.#give(id, remaking);
    else this.#remake(remaking);
  }

  /** It is waited for. */
  #give(id: ObjectId, failure: Failure): void {
    this.lineage.forget(id);
    this.#objects.resolve(id, { failure });
  }

  #remake({ tasks, anew, objects }: Remaking): void {
    for (const [needed, value] of objects) this.#objects.restore(needed, value && { value });
    for (const task of tasks) {
      this.#emit({ type: "retry", retry: retryOf(task, undefined, undefined) });
      if (isGuarded(task)) this.#emit({ type: "guard", task: task.number, spec: task.spec });
      this.#begin(task);
    }
    for (const task of anew) this.#streams.beginAnew(task);
    for (const needed of objects.keys()) this.#objects.unpin(needed);
  }

  /** Nobody here has it, or it has come back from others, who keep it. */
  #adopt(id: ObjectId, stored: ObjectId, reader: ProcessId): void {
    const outcome = this.#objects.get(id)?.outcome;
    if (outcome !== undefined && outcome.value?.stored?.id !== stored) return;
    const refs = this.#objects.adopt(id);
    const remaking = this.lineage.remake(id, { reader });
    if ("kind" in remaking) this.#objects.resolve(id, { failure: remaking });
    else this.#remake(remaking);
    for (const inner of refs) this.#objects.unpin(inner);
    this.#objects.unpin(id);
  }

  /** It is being made, or made again, and this one waits for it. */
  #awaited({ id }: ObjectRecord<Task>, reader: ProcessId): void {
    const failure = this.lineage.circle(id, reader);
    if (failure !== undefined) this.#give(id, failure);
  }

  #fail(record: ObjectRecord<Task>, failure: Failure): void {
    this.lineage.forget(record.id);
    this.#objects.fail(record, failure);
  }

  close(failure: Failure): void {
    this.#closed = failure;
    this.lineage.clear();
  }
}
