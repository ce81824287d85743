// Actors are made elsewhere: here what they take is waited for, and sent. What is lost of it when one is to be made, now or once more, is
// made again by the calls that had made it, which are kept as long as anybody has a handle of the actor.
import { objectId, ownerOf, type ObjectId, type ProcessId } from "../../domain/id.ts";
import type { ActorId } from "../../domain/actor.ts";
import type { ActorSpec } from "../../domain/actor-spec.ts";
import { refsInAll, refsInFailure, type Failure, type Payload } from "../../domain/object.ts";
import type { TaskSpec } from "../../domain/task.ts";
import type { KeptCalls } from "./kept.ts";
import type { Lineage } from "./lineage.ts";
import { makingOf, planOf } from "./making.ts";
import type { Losses } from "./losses.ts";
import type { Objects } from "./objects.ts";
import type { OwnerEffect } from "./step.ts";
import { createTask, type Task } from "./tasks.ts";

type Lost = Extract<Failure, { kind: "lost" }>;

interface Birth {
  /** Without what was passed by value: the cluster has it. */
  readonly spec: TaskSpec;
  /** In which file each argument is that is in the store. */
  readonly files: Map<ObjectId, ObjectId>;
  makers: KeptCalls;
}

const NONE: KeptCalls = new Set();
const NOTHING: Payload = { bytes: new Uint8Array(), buffers: [], refs: [], modules: false };

export interface BirthsHooks {
  nextNumber(): number;
  emit(effect: OwnerEffect): void;
  begin(task: Task): void;
}

export class Births {
  readonly #births = new Map<ActorId, Birth>();
  /** Of those, the ones of which nobody here has a handle any more, but others have. */
  readonly #outliving = new Set<ActorId>();
  readonly #process: ProcessId;
  readonly #objects: Objects<Task>;
  readonly #losses: Losses;
  readonly #lineage: Lineage;
  readonly #hooks: BirthsHooks;

  constructor(process: ProcessId, objects: Objects<Task>, losses: Losses, hooks: BirthsHooks) {
    this.#process = process;
    this.#objects = objects;
    this.#losses = losses;
    this.#lineage = losses.lineage;
    this.#hooks = hooks;
  }

  /** What it takes is waited for like the arguments of a call, and then it is made elsewhere. */
  create(number: number, spec: ActorSpec, closed: boolean): void {
    const id = objectId(this.#process, number);
    this.#objects.actor(id);
    if (closed) return;
    this.#hooks.emit({ type: "daemon", message: { type: "createActor", id, plan: planOf(spec) } });
    this.#hooks.begin(createTask(number, makingOf(spec), [], id));
  }

  /** Its arguments are here, or those that had been lost. `values`: of the dependencies. */
  give(id: ActorId, task: Task, values: readonly Payload[]): void {
    const { args, dependencies } = task.spec;
    this.#note(id, task, values);
    this.#objects.announceAll(refsInAll([args, ...values]));
    const positions = dependencies.map(({ position }) => position);
    this.#hooks.emit({ type: "daemon", message: { type: "actorArgs", id, args, positions, values } });
  }

  /** It lives here, and its constructor has failed; or what it takes cannot be there. */
  failed(id: ActorId, cause: Failure): void {
    this.#objects.announceAll(refsInFailure(cause));
    this.#hooks.emit({ type: "daemon", message: { type: "actorFailed", id, cause } });
  }

  #note(id: ActorId, { spec }: Task, values: readonly Payload[]): void {
    const before = this.#births.get(id);
    const files = before?.files ?? new Map<ObjectId, ObjectId>();
    for (const [index, dependency] of spec.dependencies.entries()) {
      const file = values[index]?.stored?.id;
      if (file !== undefined) files.set(dependency.id, file);
    }
    if (files.size === 0 || (this.#objects.get(id) === undefined && !this.#outliving.has(id))) return;
    const makers = this.#lineage.keep([...files.keys()]);
    const birth = before ?? { spec: { ...spec, args: NOTHING, parent: undefined }, files, makers: NONE };
    this.#lineage.letGo(birth.makers);
    birth.makers = makers;
    this.#births.set(id, birth);
  }

  /** It cannot be made of what is in this file: what was there is sent once more, when it has been made again. */
  lacks(id: ActorId, lost: Lost): void {
    const birth = this.#births.get(id);
    const needed = birth?.spec.dependencies.filter((each) => birth.files.get(each.id) === lost.id) ?? [];
    if (birth === undefined || needed.length === 0) return this.failed(id, lost);
    for (const each of needed) this.#losses.needed(each.id, lost.id, this.#whyGone(each.id));
    this.#hooks.begin(createTask(this.#hooks.nextNumber(), { ...birth.spec, dependencies: needed }, [], id));
    for (const each of needed) this.#objects.unpin(each.id);
  }

  #whyGone(id: ObjectId): string {
    return ownerOf(id) === this.#process
      ? "it was put, or so much was made since that its call was forgotten"
      : "another process has made it, and the one that has made the actor holds it no more";
  }

  /** Others have handles of it, and this process is about to have none. Whether what it takes can be asked for as long as they do. */
  outlives(id: ActorId): boolean {
    if (!this.#births.has(id) || this.#outliving.has(id)) return false;
    this.#outliving.add(id);
    return true;
  }

  /** Nobody has a handle of it any more. */
  freed(id: ActorId): void {
    if (this.#outliving.delete(id) && this.#objects.get(id) === undefined) this.forget(id);
  }

  /** Nothing here has a handle of it any more. */
  forget(id: ActorId): void {
    if (this.#outliving.has(id)) return;
    const birth = this.#births.get(id);
    this.#births.delete(id);
    if (birth !== undefined) this.#lineage.letGo(birth.makers);
  }

  clear(): void {
    this.#births.clear();
    this.#outliving.clear();
  }
}
