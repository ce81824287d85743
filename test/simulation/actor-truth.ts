// What is true of actors: where they live, what has ended them, and in which order their calls begin.
import { constructorOf, type ActorId } from "#src/domain/actor.js";
import type { ActorSpec } from "#src/domain/actor-spec.js";
import type { ActorDeath } from "#src/domain/object.js";
import { ownerOf, numberOf, type DefinitionId, type ProcessId } from "#src/domain/id.js";
import type { CallId, TaskSpec } from "#src/domain/task.js";
import type { ActorClass } from "./program.ts";
import { goneUnexplained, type Fates, type GroupTruth } from "./grouping.ts";
import type { TaskTruth } from "./truth.ts";
import { must, Violation } from "./violation.ts";

export interface ActorTruth {
  readonly id: ActorId;
  readonly made: ActorClass;
  readonly creator: ProcessId;
  readonly parent: CallId | undefined;
  /** Its constructor, as a call that is tried again whenever it is started again. */
  readonly birth: TaskTruth;
  hasArgs: boolean;
  /** Whoever called for it was stopped. */
  cancelled: boolean;
  kills: number;
  /** The cluster has said that it will end. */
  killHeard: boolean;
  /** It has said that it ends. */
  left: boolean;
  /** It was not needed any more, and handed on a handle of itself nevertheless. */
  tooLate: boolean;
  /** Processes that it lived in. */
  readonly homes: Set<ProcessId>;
}

export class ActorTruths {
  readonly all: Map<ActorId, ActorTruth> = new Map();
  /** Of which only their creators have handles, if anybody: what is made of them has them nevertheless. */
  readonly classes: Set<DefinitionId> = new Set();
  readonly #aliases = new Map<ActorId, ActorId>();
  readonly #homes = new Map<ProcessId, ActorTruth>();
  /** By caller, actor and group: the number of the latest call that has begun for the first time. */
  readonly #latest = new Map<string, number>();
  readonly #fates: Fates;

  constructor(fates: Fates) {
    this.#fates = fates;
  }

  /** What this handle stands for. */
  get(id: ActorId): ActorTruth {
    const truth = this.all.get(this.#aliases.get(id) ?? id);
    if (truth === undefined) throw new Violation("no actor out of nothing", `nobody ever made ${id}`);
    return truth;
  }

  /** It has found another one of its name. */
  isAlias(id: ActorId, of: ActorId): void {
    const { made } = this.get(id);
    must(
      made.getIfExists && made.name === this.get(of).made.name,
      "only who shares a name shares an actor",
      () => `${id} is ${of}`,
    );
    this.#aliases.set(id, of);
  }

  handlesOf(id: ActorId): ActorId[] {
    return [id, ...[...this.#aliases].filter(([, of]) => of === id).map(([alias]) => alias)];
  }

  argsSent(id: ActorId): void {
    this.get(id).hasArgs = true;
  }

  /** The one that lives there, or has. */
  at(process: ProcessId): ActorTruth | undefined {
    return this.#homes.get(process);
  }

  hosted(id: ActorId, process: ProcessId, restarts: number): ActorTruth {
    const truth = this.get(id);
    const { maxRestarts } = truth.made;
    must(!truth.killHeard, "who was killed is not started again", () => `${id} in ${process}`);
    must(
      maxRestarts < 0 || restarts <= maxRestarts,
      "no actor is started again more often than it may",
      () => `${id}: ${restarts} restarts, of ${maxRestarts}`,
    );
    truth.homes.add(process);
    this.#homes.set(process, truth);
    return truth;
  }

  /** `beside`: calls that run there. Before it is counted as begun. */
  begins(task: TaskTruth, where: ProcessId, beside: readonly TaskTruth[]): void {
    const { method } = task.spec;
    if (method === undefined) return;
    const truth = this.at(where);
    must(
      truth !== undefined && this.get(method.actor) === truth,
      "calls run where their actor lives",
      () => `${task.id} for ${method.actor} in ${where}`,
    );
    const running = beside.filter(({ spec }) => spec.method?.group === method.group).length;
    must(
      running < (truth.made.limits[method.group] ?? 0),
      "no more of a group at once than may be",
      () => `${task.id} begins in ${where} beside ${running} others`,
    );
    must(
      task.begun <= task.losses + task.flakes + (task.remakable ? task.ends : 0),
      "a call of an actor begins again only after a loss or an error",
      () => `${task.id} begins in ${where} for the ${task.begun + 1}. time, after ${task.losses} losses`,
    );
    if (!method.ordered || task.begun > 0) return;
    const key = `${ownerOf(task.id)} ${method.actor} ${method.group}`;
    const latest = this.#latest.get(key) ?? 0;
    must(
      numberOf(task.id) > latest,
      "calls of one caller begin in order",
      () => `${task.id} begins after number ${latest} of ${key}`,
    );
    this.#latest.set(key, numberOf(task.id));
  }

  /** Why this call should not have failed because its actor had ended; undefined when it may. `judge`: of what kept it from being made. */
  unexplained(
    task: TaskTruth,
    { death, begun }: { readonly death: ActorDeath; readonly begun: boolean },
    groups: ReadonlyMap<string, GroupTruth>,
    judgeCause: (truth: ActorTruth, cause: NonNullable<ActorDeath["cause"]>) => string | undefined,
  ): string | undefined {
    const truth = this.get(task.spec.method?.actor ?? "");
    const { made, creator, left } = truth;
    if (!begun && task.begun > 0) return "it had begun";
    if (made.maxRestarts >= 0 && death.restarts > made.maxRestarts) return "it was started again too often";
    const because = (cause: boolean): string | undefined => (cause ? undefined : `it was not ${death.end}`);
    switch (death.end) {
      case "killed":
        return because(this.handlesOf(truth.id).some((handle) => (this.all.get(handle)?.kills ?? 0) > 0));
      case "exited":
        return because(left);
      case "crashed":
        if (death.loss === undefined) return "nothing is known of its crash";
        return made.maxRestarts === death.restarts ? undefined : "it could have been started again";
      case "failed":
        return death.cause === undefined ? "nobody knows why" : judgeCause(truth, death.cause);
      case "creatorGone":
        return because(this.#fates.fateOf(creator) !== undefined && (!made.detached || truth.homes.size === 0));
      case "nameTaken":
        return because(made.name !== "" && !made.getIfExists && this.#hasRival(truth));
      case "groupGone": {
        const group = made.request.group?.id ?? "";
        return goneUnexplained(group, groups.get(group), this.#fates);
      }
      case "unreachable":
        return truth.tooLate ? undefined : "whoever calls it holds it";
      case "unknown":
        return "it was made";
    }
  }

  #hasRival({ id, made }: ActorTruth): boolean {
    return [...this.all.values()].some((other) => other.id !== id && other.made.name === made.name);
  }
}

/** A constructor as a call: each time that its actor is started again is another attempt. */
export function birthOf({
  definition,
  className,
  args,
  dependencies,
  request,
  site,
  maxRestarts,
}: ActorSpec): TaskSpec {
  return {
    definition,
    name: constructorOf(className),
    args,
    dependencies,
    returns: 0,
    maxRetries: maxRestarts,
    retryOn: "none",
    retryDelay: undefined,
    request,
    site,
  };
}
