// The truth, which no process knows: what every task and object is meant to be, which runs were begun, what each run answered, who
// died under what. Every outcome that a brain delivers is judged here.
import { ownerOf, type ObjectId, type ProcessId } from "#src/domain/id.js";
import type { Failure, Outcome, Payload } from "#src/domain/object.js";
import type { GroupId } from "#src/domain/placement.js";
import type { NodeOffer } from "#src/domain/request.js";
import type { ActorSpec } from "#src/domain/actor-spec.js";
import type { TaskSpec } from "#src/domain/task.js";
import { ActorTruths, birthOf, type ActorTruth } from "./actor-truth.ts";
import { Blame } from "./blame.ts";
import { goneUnexplained, type Fates, type GroupTruth } from "./grouping.ts";
import type { Call, Reply } from "#src/protocol/worker.js";
import { ANYTHING, type Answers, type ModelObject } from "./model.ts";
import { decodeValue, type Program } from "./program.ts";
import { Losses } from "./remaking.ts";
import { answerKey, tellFailure } from "./telling.ts";
import { itemsOf, resultId, runKey, type ObjectTruth, type TaskTruth } from "./truth.ts";
import { must, Violation } from "./violation.ts";

/** They say what one process knows of an object, and not what became of it. */
const LOCAL: readonly Failure["kind"][] = ["closed", "ownerDied", "lost", "notRemade", "argumentsLost"];

/** A process in which an actor lives. */
interface Home {
  readonly resident: { readonly id: ObjectId } | undefined;
  readonly owner: { isKept(id: ObjectId): boolean };
}

export class Ledger {
  readonly tasks: Map<ObjectId, TaskTruth> = new Map();
  readonly groups: Map<GroupId, GroupTruth> = new Map();
  readonly actors: ActorTruths;
  readonly #objects = new Map<ObjectId, ObjectTruth>();
  readonly #blame: Blame;
  /** By the process and the call in it that have submitted them. */
  readonly #children = new Map<string, TaskTruth[]>();
  readonly #fates: Fates;
  readonly losses: Losses = new Losses(
    (id) => this.#objects.get(id),
    () => this.#objects.values(),
    () => this.tasks.values(),
    ({ spec: { request } }) =>
      request.group !== undefined &&
      goneUnexplained(request.group.id, this.groups.get(request.group.id), this.#fates) === undefined,
  );

  constructor(node: NodeOffer, fates: Fates) {
    this.#fates = fates;
    this.actors = new ActorTruths(fates);
    this.#blame = new Blame(this, node, fates);
  }

  object(id: ObjectId): ObjectTruth {
    const object = this.#objects.get(id);
    if (object === undefined) throw new Violation("no object out of nothing", `nobody ever made ${id}`);
    return object;
  }

  /** These and all that was ever inside them; `failed`: and inside what they may have failed by. */
  closure(ids: Iterable<ObjectId>, failed = false): Set<ObjectId> {
    const all = new Set<ObjectId>();
    const work = [...ids];
    for (let id = work.pop(); id !== undefined; id = work.pop()) {
      if (all.has(id)) continue;
      all.add(id);
      if (this.actors.all.has(id)) work.push(this.actors.get(id).id);
      if (failed) work.push(...this.#sourcesOf(id));
      for (const key of this.object(id).answers.keys())
        work.push(
          ...key
            .split(" ")
            .slice(2)
            .filter((part) => part !== ""),
        );
    }
    return all;
  }

  /** Where it may have got its failure from. */
  #sourcesOf(id: ObjectId): ObjectId[] {
    const { task, outcome } = this.object(id);
    if (task === undefined || outcome?.startsWith("value") === true) return [];
    const { dependencies, method } = task.spec;
    return [...dependencies.map((dependency) => dependency.id), ...(method === undefined ? [] : [method.actor])];
  }

  /** What an actor keeps alive: by its arguments, or in its process, where a handle of itself alone does not count. */
  keptBy(actor: ObjectId, homes: readonly Home[]): Set<ObjectId> {
    const home = homes.find(({ resident }) => resident?.id === actor);
    const own = this.actors.handlesOf(actor);
    const { args, dependencies } = this.actors.get(actor).birth.spec;
    const held = home === undefined ? [] : [...this.#objects.keys()].filter((id) => home.owner.isKept(id));
    const others = held.filter((id) => !own.includes(id));
    return this.closure([...args.refs, ...dependencies.map(({ id }) => id), ...others], true);
  }

  task(id: ObjectId): TaskTruth {
    const task = this.tasks.get(id);
    if (task === undefined) throw new Violation("no task out of nothing", `nobody ever submitted ${id}`);
    return task;
  }

  submitted(
    id: ObjectId,
    results: readonly ObjectId[],
    program: Program,
    spec: TaskSpec,
    { results: models, items: itemModels }: Answers,
    since: number,
  ): TaskTruth {
    const task: TaskTruth = {
      id,
      spec,
      program,
      models,
      itemModels,
      items: [],
      taken: 0,
      made: 0,
      strayed: false,
      since,
      begun: 0,
      attempts: new Set(),
      begunAt: new Set(),
      stopped: undefined,
      wasLeft: false,
      stopTaken: false,
      running: 0,
      acknowledged: false,
      ends: 0,
      beginsAnew: false,
      anew: 0,
      remakable: false,
      losses: 0,
      freeLosses: 0,
      exits: 0,
      full: 0,
      flakes: 0,
      flaked: new Set(),
    };
    this.tasks.set(id, task);
    if (spec.parent !== undefined) {
      const family = `${ownerOf(id)} ${spec.parent}`;
      this.#children.set(family, [...(this.#children.get(family) ?? []), task]);
    }
    results.forEach((result, index) => {
      const model = models[index];
      if (model === undefined) throw new Error(`no model for result ${index} of program ${program.number}`);
      this.#objects.set(result, { id: result, model, task, answers: new Map(), outcome: undefined });
    });
    return task;
  }

  /** What the item of this number is or will be is known by this id from now on. */
  item(id: ObjectId, task: TaskTruth, index: number): void {
    if (this.#objects.has(id)) return;
    const unknown = task.models[0]?.kind === "any";
    const model = (unknown ? undefined : task.itemModels[index]) ?? ANYTHING;
    this.#objects.set(id, { id, model, task, answers: itemsOf(task, index), outcome: undefined, item: index });
  }

  /** A run has sent this as an item. */
  sent(task: TaskTruth, index: number, value: Payload, tainted: boolean): void {
    const model = task.itemModels[index];
    if (!tainted && task.models[0]?.kind !== "any") {
      must(
        model?.label === decodeValue(value).label,
        "items are right",
        () => `item ${index} of ${task.id} is ${JSON.stringify(decodeValue(value))}, and not ${JSON.stringify(model)}`,
      );
    }
    itemsOf(task, index).set(answerKey(value, false), tainted);
    must(
      index + 1 - task.taken <= (task.spec.backpressure ?? 0) + 1,
      "no producer is further ahead than it may be",
      () => `${task.id} made ${index + 1} items, of which ${task.taken} are taken`,
    );
  }

  /** A reader has come to the end of a stream, after so many items, a failure at the end among them. */
  over(task: TaskTruth, read: number, end: Outcome | undefined): void {
    // What was lost after it had ended well is no end of it.
    const failure = end?.failure?.kind === "lost" && end.failure.id === task.id ? undefined : end?.failure;
    const failed = failure === undefined ? 0 : 1;
    const whole = failure === undefined || failure.kind === "thrown";
    const least = (whole ? task.made : 0) + failed;
    must(
      end === undefined || (whole && !task.strayed ? read === least : read >= least),
      "a stream has all its items",
      () => `${task.id}: ${read} of ${task.made} were read, and it ended with ${failure?.kind ?? "a value"}`,
    );
  }

  /** An actor, or what turns out to be another one of its name. */
  made(
    id: ObjectId,
    spec: ActorSpec,
    { made, model, creator, since }: Pick<ActorTruth, "made" | "creator"> & { model: ModelObject; since: number },
  ): ActorTruth {
    const birth = this.submitted(id, [], made.birth, birthOf(spec), { results: [ANYTHING], items: [] }, since);
    this.#objects.set(id, { id, model, task: birth, answers: new Map(), outcome: undefined });
    const truth: ActorTruth = {
      id,
      made,
      creator,
      parent: spec.parent,
      birth,
      hasArgs: false,
      cancelled: false,
      kills: 0,
      killHeard: false,
      left: false,
      tooLate: false,
      homes: new Set(),
    };
    this.actors.all.set(id, truth);
    return truth;
  }

  childrenOf(process: ProcessId, call: number): readonly TaskTruth[] {
    return this.#children.get(`${process} ${call}`) ?? [];
  }

  put(id: ObjectId, model: ModelObject, payload: Payload, tainted: boolean): void {
    const answers = new Map([[answerKey(payload, false), tainted]]);
    this.#objects.set(id, { id, model, task: undefined, answers, outcome: undefined });
  }

  /** Large parts of some payload, in the store: nobody sees them as an object. */
  stored(id: ObjectId): void {
    this.#objects.set(id, { id, model: ANYTHING, task: undefined, answers: new Map(), outcome: undefined });
  }

  acknowledged(id: ObjectId, reply: Reply): void {
    const task = this.task(id);
    const isAnew = task.beginsAnew && task.stopped === undefined && reply.kind !== "unreadable";
    task.beginsAnew = false;
    if (isAnew) {
      task.anew += 1;
      return;
    }
    task.acknowledged = !(reply.kind === "unreadable" || (reply.kind === "thrown" && reply.again));
    if (task.acknowledged) task.ends += 1;
  }

  begins(task: TaskTruth, where: ProcessId, { lease, attempt }: Pick<Call, "lease" | "attempt">): void {
    must(
      task.running === 0,
      "a task runs at one place",
      () => `${task.id} begins on ${where} while another run of it goes on`,
    );
    must(
      !task.acknowledged || task.remakable,
      "a finished task is not begun again",
      () => `${task.id} begins again on ${where}`,
    );
    must(
      task.spec.maxRetries !== 0 || task.begun === 0,
      "a task without retries is begun once",
      () => `${task.id} begins again on ${where}`,
    );
    must(
      task.stopped === undefined || (task.stopped.where === where && !task.stopTaken),
      "a stopped call does not begin any more",
      () => `${task.id} begins on ${where}`,
    );
    task.begun += 1;
    task.attempts.add(attempt);
    const { maxRetries } = task.spec;
    const told = (): string =>
      `${task.id} begins for the ${task.begun}. time, as attempt ${attempt}: it survives ${maxRetries}, and lost ${task.freeLosses} workers by the fault of others`;
    must(
      maxRetries < 0 || task.begun <= maxRetries + 1 + task.freeLosses,
      "no call begins more often than its retries allow",
      told,
    );
    must(task.begun - task.attempts.size <= task.freeLosses, "an attempt that counts has a number of its own", told);
    task.begunAt.add(runKey(where, { lease, attempt }));
    task.running += 1;
  }

  /** The worker is gone with this task in flight. False: it had retired, so that nobody can be blamed. */
  lost(id: ObjectId, worker: ProcessId, innocent: boolean): boolean {
    if (this.#fates.fateOf(worker) === "left") return false;
    const task = this.task(id);
    task.losses += 1;
    if (innocent) task.freeLosses += 1;
    const { maxRetries } = task.spec;
    const charged = task.losses - task.freeLosses;
    must(
      maxRetries < 0 || charged <= maxRetries + 1,
      "lost workers are charged",
      () => `${id} lost ${task.losses} workers, ${task.freeLosses} by the fault of others, and survives ${maxRetries}`,
    );
    return true;
  }

  /** A worker ends because it is not needed any more: what it has submitted may be, but for actors that are detached. */
  leaves(worker: ProcessId): void {
    for (const { id, running, stopped } of this.tasks.values()) {
      if (ownerOf(id) !== worker || stopped !== undefined || this.actors.all.get(id)?.made.detached === true) continue;
      must(running === 0, "no worker leaves work behind", () => `${id} still runs`);
    }
  }

  /** A run has ended with these values (one per result) or this error. */
  answered(task: TaskTruth, payloads: readonly Payload[], thrown: boolean, tainted: boolean): void {
    const results = task.spec.returns;
    for (let index = 0; index < Math.max(1, results); index += 1) {
      const payload = thrown ? payloads[0] : payloads[index];
      const model = task.models[index];
      if (payload === undefined || model === undefined) continue;
      if (!tainted) this.#checkModel(task, model, payload, thrown);
      // A handle has inside what the constructor has thrown.
      if (index < results || (thrown && this.actors.all.has(task.id)))
        this.#objects.get(resultId(task, index))?.answers.set(answerKey(payload, thrown), tainted);
    }
  }

  #checkModel(task: TaskTruth, model: ModelObject, payload: Payload, thrown: boolean): void {
    if (model.kind === "any") return;
    const said = decodeValue(payload);
    const told = (): string =>
      `${task.id} (program ${task.program.number}) answered ${JSON.stringify(said)}, thrown ${thrown}; the model says ${JSON.stringify(model)}`;
    must(model.kind === (thrown ? "thrown" : "value"), "answers are right", told);
    must(model.label === said.label && model.refs.length === said.refs.length, "answers are right", told);
    for (const [index, ref] of said.refs.entries()) {
      const is = this.object(ref).model;
      const meant = model.refs[index];
      must(
        is === meant || is.kind === "any" || (is.kind === meant?.kind && is.label === meant.label),
        "refs in answers are right",
        told,
      );
    }
  }

  /** Whether what came out for this object must not be compared with the model; throws when it may not have come out at all. */
  judge(id: ObjectId, outcome: Outcome, closed: boolean): boolean {
    const object = this.object(id);
    this.#mustStay(object, outcome);
    if (outcome.failure === undefined) {
      const key = answerKey(outcome.value, false);
      const tainted = object.answers.get(key) ?? this.#endOf(object)?.answers.get(key);
      must(
        tainted !== undefined,
        "values are what a run returned",
        () => `${id}: ${JSON.stringify(decodeValue(outcome.value))} was never answered`,
      );
      return tainted;
    }
    const unexplained = this.#blame.unexplained(object, outcome.failure, closed);
    must(
      unexplained === undefined,
      "failures have a cause",
      () => `${id} failed with ${tellFailure(outcome.failure)}: ${unexplained}`,
    );
    if (outcome.failure.kind === "thrown") return this.#taintOfThrown(outcome.failure);
    return outcome.failure.kind !== "unschedulable" || object.model.kind !== "unschedulable";
  }

  /** Whoever waits for an item that never comes gets what the call of the stream has come to. */
  #endOf({ item, task }: ObjectTruth): ObjectTruth | undefined {
    return item === undefined || task === undefined ? undefined : this.object(task.id);
  }

  #mustStay(object: ObjectTruth, { value, failure }: Outcome): void {
    if (failure !== undefined && LOCAL.includes(failure.kind)) return;
    const key =
      failure === undefined ? answerKey(value, false) : `${failure.kind} ${"site" in failure ? failure.site : ""}`;
    // What was lost has been made again, or could not be.
    if (object.outcome === undefined || this.losses.wasLost(object)) object.outcome = key;
    must(object.outcome === key, "an outcome stays", () => `${object.id} was ${object.outcome ?? ""} and is ${key}`);
    must(
      object.item !== undefined ||
        object.task?.remakable === true ||
        object.task?.stopped === undefined ||
        ["cancelled", "timedOut", "groupGone"].includes(failure?.kind ?? ""),
      "a stopped call has no other outcome",
      () => `${object.id} is ${key}`,
    );
  }

  #taintOfThrown(failure: Extract<Failure, { kind: "thrown" }>): boolean {
    const task = this.task(failure.site);
    for (const truth of this.resultsOf(task)) {
      const tainted = truth.answers.get(answerKey(failure.thrown, true));
      if (tainted !== undefined) return tainted;
    }
    return true;
  }

  resultsOf(task: TaskTruth): ObjectTruth[] {
    return Array.from({ length: task.spec.returns }, (_, index) => this.object(resultId(task, index)));
  }
}
