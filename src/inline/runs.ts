// Calls that run: what they have taken, whether they wait for others, and what comes of them.
import { isSole, type ActorId } from "../domain/actor.ts";
import { AWAITS_MS, Circles, makersOf, type AwaitedCall } from "../domain/circles.ts";
import type { Asker } from "../backend.ts";
import type { DefinitionId, ObjectId } from "../domain/id.ts";
import type { News } from "../domain/news.ts";
import type { Payload } from "../domain/object.ts";
import { cancelled, GRACE_MS, type Stop } from "../domain/stop.ts";
import type { CallId, TaskSpec } from "../domain/task.ts";
import type { ActorTitle } from "../protocol/daemon.ts";
import type { Reply } from "../protocol/worker.ts";
import { Alarms } from "../std/alarms.ts";
import { startTimer } from "../std/clock.ts";
import { invariant } from "../std/invariant.ts";
import type { Actors } from "./actors.ts";
import type { Groups } from "./groups.ts";
import { callOf, type Actor, type Executor, type InlineCall, type Running, type Task } from "./task.ts";

/** What the backend does for them. */
export interface RunHands {
  nextCall(): CallId;
  hold(id: ActorId): void;
  release(id: ActorId): void;
  valueOf(id: ObjectId): Payload | undefined;
  /** The call that makes it, if that has not ended. */
  makerOf(id: ObjectId): Task | undefined;
  tell(news: News): void;
  load(definition: DefinitionId): Payload;
  production(task: Task): InlineCall["stream"];
  settle(task: Task, reply: Reply): void;
  schedule(): void;
}

export class Runs {
  readonly #executor: Executor;
  readonly #groups: Groups;
  readonly #actors: Actors;
  readonly #hands: RunHands;
  readonly #running = new Map<CallId, Running>();
  readonly #alarms = new Alarms<Running>(() => {});
  readonly #circles = new Circles((id) => this.#actors.of(id) !== undefined);

  constructor(executor: Executor, groups: Groups, actors: Actors, hands: RunHands) {
    this.#executor = executor;
    this.#groups = groups;
    this.#actors = actors;
    this.#hands = hands;
  }

  /** Where there is what it asks for. */
  start(task: Task): void {
    if (task.done) return;
    const grant = this.#groups.grantFor(task.spec.request);
    invariant(grant !== undefined, "a call begins when there is what it asks for");
    this.#groups.take(grant);
    this.#run(task, grant);
  }

  /** In its actor, which has what it takes. */
  startMethod(task: Task): void {
    this.#run(task, undefined);
  }

  blocked(call: CallId, awaited: () => readonly ObjectId[]): void {
    const running = this.#running.get(call);
    if (running === undefined) return;
    this.#lend(running, true);
    this.#alarms.time(running, AWAITS_MS, () => {
      const on = makersOf(awaited(), (id) => this.#awaitedCall(this.#hands.makerOf(id)));
      const circle = this.#circles.awaits(waitsAs(running.task) ?? running.call.taskId, on);
      if (circle !== undefined) this.#hands.tell({ type: "cycle", actors: circle.map((id) => this.#titleOf(id)) });
    });
  }

  #awaitedCall(task: Task | undefined): AwaitedCall | undefined {
    const id = waitsAs(task);
    if (task === undefined || id === undefined) return undefined;
    const lacks = task.missing > 0 ? task.spec.dependencies.map((each) => each.id) : [];
    return { id, lacks: lacks.filter((each) => this.#hands.valueOf(each) === undefined) };
  }

  unblocked(call: CallId): void {
    const running = this.#running.get(call);
    if (running === undefined) return;
    this.#lend(running, false);
    this.#goesOn(running);
  }

  #goesOn(running: Running): void {
    this.#alarms.clear(running);
    this.#circles.forget(waitsAs(running.task) ?? running.call.taskId);
  }

  #titleOf(id: ActorId): ActorTitle {
    const { className = "", name = "" } = this.#actors.of(id)?.spec ?? {};
    return { id, className, name };
  }

  /** It is told. Elsewhere its process would be ended; here others have its CPUs then, for it may never end. */
  stop(running: Running, stop: Stop): void {
    this.#executor.stop(running.call, stop);
    if (stop.force === "no" || running.task.actor !== undefined) return;
    const lendForGood = (): void => {
      if (this.#running.delete(running.call.callId)) this.#lend(running, true);
    };
    startTimer(GRACE_MS, lendForGood, { keepsAlive: false });
  }

  /** In which this call runs. */
  actorOf(call: CallId | undefined): Actor | undefined {
    return call === undefined ? undefined : this.#running.get(call)?.task.actor;
  }

  ofSubmitter({ parent, request }: TaskSpec): Pick<Task, "urgency" | "home"> {
    const submitter = parent === undefined ? undefined : this.#running.get(parent)?.task;
    const urgency = Math.max(request.priority ?? 0, submitter?.urgency ?? -Infinity);
    return { urgency, home: this.#homeOf(parent) };
  }

  /** Whether that would be the same process elsewhere. */
  hasSubmitted({ home }: Task, asker: Asker | undefined): boolean {
    return asker === undefined || home === this.#homeOf(asker.call);
  }

  #homeOf(call: CallId | undefined): Task["home"] {
    return this.actorOf(call)?.id ?? call;
  }

  /** Its run is told, and is none of its any more. Elsewhere its process would be gone: it makes and submits nothing from now on. */
  abandon(task: Task, how: string): void {
    const { running } = task;
    if (running === undefined) return;
    this.#lend(running, false);
    task.running = undefined;
    this.#goesOn(running);
    this.#executor.stop(running.call, cancelled(task.spec, { how, reason: "", force: "no", recursive: true }));
  }

  /** The session ends: what waits in calls by our means ends, as it would with their processes. */
  close(): void {
    for (const { task } of [...this.#running.values()]) this.abandon(task, "because its session has ended");
  }

  #run(task: Task, grant: Running["grant"]): void {
    const { spec, actor } = task;
    const callId = this.#hands.nextCall();
    if (actor !== undefined) this.#hands.hold(actor.id);
    const values = spec.dependencies.map(({ id }) => {
      const value = this.#hands.valueOf(id);
      invariant(value !== undefined, "a call begins when its arguments are here");
      return value;
    });
    const call = callOf(task, callId, (grant ?? actor?.grant)?.resources ?? {}, values);
    call.stream = this.#hands.production(task);
    const running: Running = { task, call, grant, lent: false };
    task.running = running;
    this.#running.set(callId, running);
    const reply = this.#executor.execute(call, (wanted) => this.#hands.load(wanted));
    if (reply instanceof Promise) void reply.then((late) => this.#replied(running, late));
    else this.#replied(running, reply);
  }

  #replied(running: Running, reply: Reply): void {
    const { task, call, grant } = running;
    const { actor, spec } = task;
    this.#lend(running, false);
    this.#running.delete(call.callId);
    const abandoned = task.running !== running;
    if (!abandoned) task.running = undefined;
    const keeps = reply.kind === "done" && actor !== undefined && grant !== undefined;
    if (grant !== undefined && !(keeps && this.#actors.keeps(actor, task, grant)))
      this.#groups.give(grant, call.group?.id);
    this.#hands.schedule();
    if (!abandoned) this.#hands.settle(task, reply);
    if (actor === undefined) return;
    if (!abandoned && spec.method !== undefined) this.#actors.ended(actor, task);
    this.#hands.release(actor.id);
  }

  #lend(running: Running | undefined, lent: boolean): void {
    if (running === undefined || running.lent === lent) return;
    running.lent = lent;
    const { actor, spec } = running.task;
    if (running.grant !== undefined) this.#groups.lend(running.grant, lent);
    else if (actor !== undefined && spec.method !== undefined && running.task.running === running)
      this.#actors.blocked(actor, lent);
    if (lent) this.#hands.schedule();
  }
}

/** As whom it waits: as its actor, if that runs one call at a time, or as itself, of which others know its first result. */
function waitsAs(task: Task | undefined): ObjectId | undefined {
  const actor = task?.actor;
  return actor !== undefined && isSole(actor.spec.limits) ? actor.id : task?.results[0];
}
