// Streams as a program has them: what it takes from them, and what that must be.
import type { ObjectId } from "#src/domain/id.js";
import type { Outcome } from "#src/domain/object.js";
import type { TaskTruth } from "./truth.ts";
import type { Machine } from "./machine.ts";
import { pickFrom, type ModelObject } from "./model.ts";
import type { Pick } from "./program.ts";

export interface Variable {
  readonly id: ObjectId;
  readonly model: ModelObject;
}

/** The owner of the process around a program, as far as its streams need it. */
export interface ReadClient {
  readonly world: Machine;
  readonly closed: boolean;
  readonly owner: { outcome(id: ObjectId): Outcome | undefined };
  hold(id: ObjectId): void;
  release(id: ObjectId): void;
  peekItem(stream: ObjectId): ObjectId | undefined;
  takeItem(stream: ObjectId): void;
  leaveStream(stream: ObjectId): void;
}

interface StreamVariable {
  /** Of what says that it has ended; held. */
  readonly id: ObjectId;
  readonly task: TaskTruth;
  /** Items taken, a failure at the end among them. */
  read: number;
  over: boolean;
}

export class Reads {
  readonly #client: ReadClient;
  readonly #streams: StreamVariable[] = [];
  /** What the present `read` has taken so far, and the item that it waits for, held. */
  #taken = 0;
  #coming: ObjectId | undefined;

  constructor(client: ReadClient) {
    this.#client = client;
  }

  begin(id: ObjectId): void {
    this.#streams.push({ id, task: this.#client.world.ledger.task(id), read: 0, over: false });
  }

  leave(pick: Pick): void {
    const [left] = this.#streams.length === 0 ? [] : this.#streams.splice(pick % this.#streams.length, 1);
    if (left !== undefined) this.#leave(left);
  }

  leaveAll(): void {
    this.#letGo();
    for (const stream of this.#streams.splice(0)) this.#leave(stream);
  }

  #leave({ id, over }: StreamVariable): void {
    if (!over) this.#client.world.count("streams left");
    this.#client.leaveStream(id);
    this.#client.release(id);
  }

  /** Begins to take so many, or goes on with it: what there is to wait for before it can go on again. */
  read(pick: Pick, count: number, variables: Variable[]): ObjectId | undefined {
    this.#letGo();
    const [stream] = pickFrom(this.#streams, [pick]);
    while (stream !== undefined && this.#taken < count) {
      const next = this.#takeNext(stream);
      if (next === undefined) break;
      if (typeof next === "string") {
        this.#client.hold(next);
        this.#coming = next;
        return next;
      }
      variables.push(next);
      this.#taken += 1;
    }
    return undefined;
  }

  /** Whether what it has got is what the model says. */
  end(pick: Pick, count: number): boolean {
    this.#letGo();
    const got = this.#taken;
    this.#taken = 0;
    const [stream] = pickFrom(this.#streams, [pick]);
    if (stream === undefined) return true;
    const { task, read } = stream;
    const left = Math.max(0, task.itemModels.length - (read - got));
    return task.models[0]?.kind !== "any" && got === Math.min(count, left);
  }

  #letGo(): void {
    if (this.#coming !== undefined) this.#client.release(this.#coming);
    this.#coming = undefined;
  }

  /** The next item, as a variable; the id of what it will be; or nothing, for there is none any more. */
  #takeNext(stream: StreamVariable): Variable | ObjectId | undefined {
    const client = this.#client;
    const { ledger } = client.world;
    const id = stream.over ? undefined : client.peekItem(stream.id);
    if (id === undefined) {
      if (!stream.over) ledger.over(stream.task, stream.read, client.owner.outcome(stream.id));
      if (!stream.over) client.world.count("streams read to their end");
      stream.over = true;
      return undefined;
    }
    ledger.item(id, stream.task, stream.read);
    const outcome = client.owner.outcome(id);
    if (outcome === undefined) return id;
    client.takeItem(stream.id);
    // In order, without gaps, and each once: or it is not what any run has sent in this place.
    ledger.judge(id, outcome, client.closed);
    stream.read += 1;
    if (outcome.failure === undefined) stream.task.taken += 1;
    else if (stream.read > 1) client.world.count("streams that failed after items");
    return { id, model: ledger.object(id).model };
  }
}
