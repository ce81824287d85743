// What was lost is made again, unless there is a reason: whether the one that is told is a true one.
import { ownerOf, type ObjectId } from "#src/domain/id.js";
import type { ObjectTruth, TaskTruth } from "./truth.ts";

/** It may have no more attempts. */
export function isSpent(
  { spec: { maxRetries }, losses, freeLosses, flakes, ends, anew }: TaskTruth,
  more = 0,
): boolean {
  return maxRetries >= 0 && losses - freeLosses + flakes + ends + anew + more > maxRetries;
}

export class Losses {
  readonly #files = new Set<ObjectId>();
  readonly #object: (id: ObjectId) => ObjectTruth | undefined;
  readonly #objects: () => Iterable<ObjectTruth>;
  readonly #tasks: () => Iterable<TaskTruth>;
  readonly #hasNoPlace: (task: TaskTruth) => boolean;

  /** `hasNoPlace`: its placement group may be gone. */
  constructor(
    object: (id: ObjectId) => ObjectTruth | undefined,
    objects: () => Iterable<ObjectTruth>,
    tasks: () => Iterable<TaskTruth>,
    hasNoPlace: (task: TaskTruth) => boolean,
  ) {
    this.#object = object;
    this.#objects = objects;
    this.#tasks = tasks;
    this.#hasNoPlace = hasNoPlace;
  }

  /** Of these files, those of results. */
  ofResults(files: readonly ObjectId[]): ObjectId[] {
    const results = new Set([...this.#objects()].flatMap((object) => (object.task === undefined ? [] : idsIn(object))));
    return files.filter((id) => results.has(id));
  }

  /** Whatever was made to make what was in it may have to be made again. */
  add(file: ObjectId): void {
    this.#files.add(file);
    const work: TaskTruth[] = [];
    for (const object of this.#objects())
      if (object.task !== undefined && idsIn(object).includes(file)) work.push(object.task);
    // Items that nobody has looked for yet are no objects.
    for (const task of this.#tasks())
      if (task.items.some((answers) => idsIn({ answers }).includes(file))) work.push(task);
    for (let task = work.pop(); task !== undefined; task = work.pop()) {
      if (task.remakable) continue;
      task.remakable = true;
      for (const id of neededBy(task)) {
        const maker = this.#object(id)?.task;
        if (maker !== undefined) work.push(maker);
      }
    }
  }

  /** Why this should not be what an actor could not be made of. */
  unmade({ spec: { args, dependencies } }: TaskTruth, file: ObjectId): string | undefined {
    const given = dependencies.flatMap(({ id }) => {
      const object = this.#object(id);
      return object === undefined ? [] : idsIn(object);
    });
    if (!this.#files.has(file)) return `${file} is there`;
    return [args.stored?.id, ...given].includes(file) ? undefined : `${file} has no part in it`;
  }

  wasLost(object: ObjectTruth): boolean {
    return this.#files.size > 0 && idsIn(object).some((id) => this.#files.has(id));
  }

  /** Why this object, of which it is said that no call makes it again, should have been made again. */
  unexplained(lost: ObjectTruth): string | undefined {
    if (!this.wasLost(lost)) return "its file is there";
    // Whoever had found out that it cannot be may have let go of it since.
    return lost.task === undefined || isEnd(lost) ? undefined : this.remakable(lost.task);
  }

  /** Why this call could have read what was passed to it by value. */
  readable({ spec: { args } }: TaskTruth): string | undefined {
    return args.stored !== undefined && this.#files.has(args.stored.id) ? undefined : "its arguments are there";
  }

  /** Why this call could have been run again, or with it what it needs; undefined when it could not. */
  remakable(task: TaskTruth): string | undefined {
    return this.#cannotRun(task, new Set()) ? undefined : `${task.id} and what it needs could be made again`;
  }

  #cannotRun(task: TaskTruth, seen: Set<TaskTruth>): boolean {
    if (seen.has(task)) return false;
    seen.add(task);
    const { spec, stopped } = task;
    if (spec.maxRetries === 0 || spec.args.stored !== undefined || isSpent(task, mayRun(task) ? 1 : 0)) return true;
    if (stopped !== undefined && !stopped.left) return true;
    // Whoever had it made perhaps has no handle of the actor any more.
    if (this.#hasNoPlace(task) || spec.method !== undefined) return true;
    // Only the value of what goes to the function itself is sure to have been here when it ended.
    if (spec.args.refs.length > 0) return true;
    return spec.dependencies.some(({ id }) => this.#isGoneForGood(id, ownerOf(task.id) === ownerOf(id), seen));
  }

  #isGoneForGood(id: ObjectId, mine: boolean, seen: Set<TaskTruth>): boolean {
    const object = this.#object(id);
    // Small values without refs inside are kept with the call.
    if (object === undefined || idsIn(object).length === 0) return false;
    return !mine || object.task === undefined || isEnd(object) || this.#cannotRun(object.task, seen);
  }
}

/** A stream that has not ended: another attempt would end the one that runs. */
function mayRun({ spec, acknowledged }: TaskTruth): boolean {
  return spec.backpressure !== undefined && !acknowledged;
}

/** What says that a stream has ended: real ones put nothing large there. */
function isEnd({ task, item }: ObjectTruth): boolean {
  return task?.spec.backpressure !== undefined && item === undefined;
}

function neededBy({ spec }: TaskTruth): ObjectId[] {
  return [...spec.dependencies.map(({ id }) => id), ...spec.args.refs];
}

/** Of refs and files in all that was ever answered for it. */
function idsIn({ answers }: Pick<ObjectTruth, "answers">): ObjectId[] {
  return [...answers.keys()].flatMap((key) => key.split(" ").slice(2)).filter((id) => id !== "");
}
