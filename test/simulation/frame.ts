// A program that runs somewhere: in a driver, or as a call in a worker. One step per turn; waits like user code does, through the
// owner of its process, and holds one ref per variable.
import type { ObjectId, ProcessId } from "#src/domain/id.js";
import type { Outcome } from "#src/domain/object.js";
import type { Cancel } from "#src/domain/task.js";
import { Calling } from "./calling.ts";
import { Grouping } from "./grouping.ts";
import type { Beginning, Ending, FrameClient, FrameHost } from "./host.ts";
import type { TaskTruth } from "./truth.ts";
import { failureLabel, itemAnswer, pickFrom, putAnswer, resultAnswer } from "./model.ts";
import { encodeWith } from "./passing.ts";
import { Places } from "./places.ts";
import { Reads, type Variable } from "./reading.ts";
import {
  CAUGHT,
  FLAKED,
  INTERRUPTED,
  decodeValue,
  encodeValue,
  mix,
  RETHROWN,
  SYSTEM_FAILURE,
  THROWN,
} from "./program.ts";
import type { Label, Program, Step } from "./program.ts";

/** Steps that `wait` waits before it goes on with less than it was asked for. */
const PATIENCE_CHANCE = 0.02;

export class Frame {
  readonly program: Program;
  readonly job: ProcessId;
  readonly host: FrameHost<Frame>;
  /** The call it is; undefined for what a driver does. */
  readonly task: TaskTruth | undefined;
  readonly callId: number;
  readonly variables: Variable[] = [];
  readonly reads: Reads;
  /** Of its items. */
  readonly places: Places;
  /** It is ahead of its reader. */
  paused = false;
  label: Label;
  tainted = false;
  waiting = false;
  ended = false;
  /** It was stopped: nothing waits in it any more. What it still submits is cancelled by this. */
  stopped: { readonly cancel: Cancel | undefined } | undefined;
  /** What it is told of a name. */
  found: "asked" | { readonly id: ObjectId | undefined } | undefined;
  readonly groups: Grouping;
  readonly #calling: Calling;
  #at = 0;
  #pause = 0;
  /** A stream of which no more is wanted makes no more. */
  #closing = false;
  /** The step whose `wait` has waited already. */
  #waited = -1;
  /** What a `get` or `wait` waits for, and how many of these may be missing when it goes on. */
  readonly #missing = new Set<ObjectId>();
  #missingMax = 0;
  /** What came of what it waited for. */
  readonly #came = new Map<ObjectId, Outcome>();

  constructor(
    program: Program,
    job: ProcessId,
    host: FrameHost<Frame>,
    task: TaskTruth | undefined,
    { callId, place, stream }: Beginning,
  ) {
    this.places = new Places(stream);
    this.callId = callId;
    this.groups = new Grouping(host.client.groups, place);
    this.program = program;
    this.job = job;
    this.host = host;
    this.reads = new Reads(host.client);
    this.task = task;
    this.label = program.number;
    this.#calling = new Calling(this);
  }

  get process(): FrameClient<Frame> {
    return this.host.client;
  }

  /** A ref came out of something decoded here: one more object stands for it. */
  adopt(ids: readonly ObjectId[]): void {
    const { client } = this.host;
    for (const id of ids) {
      client.hold(id);
      this.variables.push({ id, model: client.world.ledger.object(id).model });
    }
  }

  dropAll(): void {
    const { client } = this.host;
    this.reads.leaveAll();
    for (const { id } of this.variables.splice(0)) client.release(id);
  }

  step(): void {
    if (this.#closing) return this.#finish();
    if (this.#pause > 0) return void (this.#pause -= 1);
    const step = this.program.steps[this.#at];
    if (step === undefined) return this.#finish();
    const done = this.#do(step);
    if (!done) return;
    this.#at += 1;
    this.#came.clear();
  }

  /** What it waits for came. */
  arrived(id: ObjectId, outcome: Outcome): void {
    if (!this.#missing.delete(id)) return;
    this.#came.set(id, outcome);
    if (this.#missing.size <= this.#missingMax) this.#goOn();
  }

  /** Cancelled, or out of time. What it answers from now on is its own affair. */
  stop(cancel: Cancel | undefined): void {
    this.stopped = { cancel: this.stopped?.cancel ?? cancel };
    this.tainted = true;
    if (this.waiting) this.#goOn();
    if (this.paused) this.#closing = true;
  }

  /** What it waits for need not come: it will not wait for ever. */
  get isPatient(): boolean {
    return this.waiting && this.program.steps[this.#at]?.do === "wait";
  }

  get waitsFor(): readonly ObjectId[] {
    return [...this.#missing];
  }

  /** Patience ends, if this is a `wait`. */
  mayGiveUp(): void {
    const step = this.program.steps[this.#at];
    if (this.waiting && step?.do === "wait" && this.host.client.world.random.chance(PATIENCE_CHANCE)) this.#goOn();
  }

  #goOn(): void {
    const { client } = this.host;
    for (const id of this.#missing) client.unwatch(id, this);
    this.#missing.clear();
    this.waiting = false;
    this.host.waits(this, false);
  }

  /** After a session has ended, what was told is all there is. */
  #outcome(id: ObjectId): Outcome | undefined {
    return this.host.client.owner.outcome(id) ?? (this.host.client.closed ? this.#came.get(id) : undefined);
  }

  /** "over": there may have been no wait. "stopped": what would wait is interrupted. */
  #await(ids: readonly ObjectId[], enough: number): "over" | "waits" | "stopped" {
    const { client } = this.host;
    const all = new Set(ids);
    const missing = [...all].filter((id) => this.#outcome(id) === undefined);
    const missingMax = all.size - Math.min(enough, all.size);
    if (missing.length <= missingMax) return "over";
    if (this.stopped !== undefined) return "stopped";
    for (const id of missing) this.#missing.add(id);
    this.#missingMax = missingMax;
    this.waiting = true;
    this.host.waits(this, true);
    for (const id of missing) client.watch(id, this);
    return "waits";
  }

  #do(step: Step): boolean {
    const { variables, host } = this;
    switch (step.do) {
      case "submit":
        this.#calling.submit(step);
        return true;
      case "make":
      case "call":
      case "kill":
      case "getActor":
      case "store":
        return this.#act(step);
      case "group":
      case "getGroup":
      case "ungroup":
        return this.#inItsGroup(step);
      case "get":
        return this.#get(pickFrom(variables, step.picks).filter(isObject), step.catches);
      case "wait": {
        const ids = pickFrom(variables, step.picks).filter(isObject).map(idOf);
        if (this.#at === this.#waited) return true;
        const waits = this.#await(ids, step.count) === "waits";
        if (waits) this.#waited = this.#at;
        return !waits;
      }
      case "cancel": {
        const [picked] = pickFrom(variables, [step.pick]);
        const { force, recursive } = step;
        const cancel = { how: "by a program", reason: "", force: force ? "now" : "no", recursive } as const;
        if (picked !== undefined && isObject(picked)) host.client.cancel(picked.id, cancel);
        return true;
      }
      case "spin":
        return !host.spins();
      case "yield":
        return this.#yield(pickFrom(variables, step.picks));
      case "read":
        return this.#read(step.pick, step.count);
      case "leave":
        this.reads.leave(step.pick);
        return true;
      case "put":
        this.#put(pickFrom(variables, step.picks));
        return true;
      case "copy":
        this.adopt(pickFrom(variables, [step.pick]).map(({ id }) => id));
        return true;
      case "drop": {
        const [dropped] = variables.length === 0 ? [] : variables.splice(step.pick % variables.length, 1);
        if (dropped !== undefined) host.client.release(dropped.id);
        return true;
      }
      case "pause":
        this.#pause = step.steps;
        return true;
      default:
        return this.#misbehave(step);
    }
  }

  #act(step: Extract<Step, { do: "make" | "call" | "kill" | "getActor" | "store" }>): boolean {
    if (step.do === "getActor") return this.#find(step.name);
    if (step.do === "make") this.#calling.make(step, this.#at);
    else if (step.do === "call") this.#calling.call(step);
    else if (step.do === "kill") this.#calling.kill(step);
    else this.host.keeps(pickFrom(this.variables, step.picks).map(({ id }) => id));
    return true;
  }

  /** False: that was its end. */
  #misbehave(step: Extract<Step, { do: "crash" | "exit" | "exitActor" | "flake" | "throw" }>): boolean {
    switch (step.do) {
      case "crash":
      case "exit":
        if (this.task === undefined || this.task.begun > step.runs) return true;
        this.#end(step.do === "crash" ? { kind: "crash" } : { kind: "exit", code: step.code });
        return false;
      case "exitActor":
        if (this.task === undefined || this.task.begun > step.runs) return true;
        this.#end({ kind: "left" });
        return false;
      case "flake":
        if (this.task === undefined || this.task.begun > step.runs) return true;
        this.#end({ kind: "thrown", thrown: encodeValue(mix(this.label, FLAKED), []), again: true });
        return false;
      case "throw": {
        const thrown = encodeWith(mix(this.label, THROWN), pickFrom(this.variables, step.picks));
        this.#end({ kind: "thrown", thrown });
        return false;
      }
    }
  }

  /** Its process is free meanwhile, and it is not interrupted. */
  #find(name: string): boolean {
    const { client } = this.host;
    const { found } = this;
    this.tainted = true;
    if (found === undefined) {
      this.found = "asked";
      client.world.runnable.delete(this);
      client.actors.find(name, (id) => {
        this.found = { id };
        client.world.runnable.add(this);
      });
      return false;
    }
    if (found === "asked") return false;
    this.found = undefined;
    if (found.id !== undefined)
      this.variables.push({ id: found.id, model: client.world.ledger.object(found.id).model });
    return true;
  }

  #get(objects: readonly Variable[], catches: boolean): boolean {
    const { client } = this.host;
    const ids = objects.map(({ id }) => id);
    const wait = this.#await(ids, objects.length);
    if (wait === "waits") return false;
    if (wait === "stopped") {
      client.world.count("waits interrupted");
      this.label = mix(this.label, INTERRUPTED);
      if (!catches) this.#end({ kind: "thrown", thrown: encodeValue(this.label, []) });
      return catches;
    }
    if (client.keeper.tellLost(ids, (id) => this.#outcome(id)?.value)) return false;
    for (const { id, model } of objects) {
      const outcome = this.#outcome(id);
      if (outcome === undefined)
        return client.world.violated("what has come stays while it is held", `${id} is gone again in ${client.id}`);
      if (client.world.ledger.judge(id, outcome, client.closed) || model.kind === "any") this.tainted = true;
      if (outcome.failure === undefined) {
        const value = decodeValue(outcome.value);
        this.label = mix(this.label, value.label);
        this.adopt(value.refs);
      } else if (!catches) {
        this.#end({ kind: "thrown", thrown: encodeValue(mix(mix(this.label, RETHROWN), labelOf(outcome)), []) });
        return false;
      } else {
        this.label = mix(mix(this.label, CAUGHT), labelOf(outcome));
      }
    }
    return true;
  }

  #yield(inside: readonly Variable[]): boolean {
    if (this.stopped !== undefined) {
      this.#finish();
      return false;
    }
    const index = this.places.made;
    const which = this.places.next();
    this.host.client.world.count(`items ${which}`);
    if (which === "passed over") {
      if (this.places.isThere) this.paused = this.host.yields(this, undefined);
      return true;
    }
    const [value] = this.process.keeper.keepAll([encodeWith(itemAnswer(this.label, index, []).label, inside)]) ?? [];
    if (value === undefined) {
      this.#end({ kind: "full" });
      return false;
    }
    if (this.task !== undefined) this.host.client.world.ledger.sent(this.task, index, value, this.tainted);
    this.paused = this.host.yields(this, value);
    // Whatever the model says.
    if (this.places.isOver) this.tainted = this.#closing = true;
    return true;
  }

  #read(pick: number, count: number): boolean {
    const coming = this.reads.read(pick, count, this.variables);
    if (coming !== undefined && this.#await([coming], 1) === "waits") return false;
    if (!this.reads.end(pick, count)) this.tainted = true;
    return true;
  }

  #inItsGroup(step: Extract<Step, { do: "group" | "getGroup" | "ungroup" }>): boolean {
    const { client } = this.host;
    const { called } = this.groups;
    if (step.do === "group") this.groups.make(step.bundles, step.strategy, this.job);
    else if (step.do === "ungroup") this.groups.remove();
    else if (this.#await(called, called.length) === "waits") return false;
    for (const id of step.do === "getGroup" ? called : []) {
      const outcome = this.#outcome(id);
      if (outcome !== undefined) client.world.ledger.judge(id, outcome, client.closed);
    }
    return true;
  }

  #put(inside: readonly Variable[]): void {
    const { client } = this.host;
    const model = putAnswer(
      this.label,
      this.#at,
      inside.map((variable) => variable.model),
    );
    const id = client.put(client.keeper.keep(encodeWith(model.label, inside)), model, this.tainted);
    this.variables.push({ id, model });
  }

  #finish(): void {
    const values = this.program.results.map((picks, index) =>
      encodeWith(resultAnswer(this.label, index, []).label, pickFrom(this.variables, picks)),
    );
    // Of what a driver does nobody gets the results.
    if (this.task === undefined) return this.#end({ kind: "done", values });
    const kept = this.process.keeper.keepAll(values);
    if (kept === undefined) return this.#end({ kind: "full" });
    // Nobody sees it, but the model can be compared with it.
    if (kept.length === 0) kept.push(encodeValue(this.label, []));
    this.#end({ kind: "done", values: kept });
  }

  #end(ending: Ending): void {
    this.ended = true;
    if (ending.kind !== "crash" && ending.kind !== "exit") this.groups.remove();
    this.host.ended(this, ending);
  }
}

const idOf = ({ id }: Variable): ObjectId => id;
const isObject = ({ model }: Variable): boolean => model.kind !== "actor";

function labelOf(outcome: Outcome): Label {
  const failure = outcome.failure;
  if (failure?.kind === "thrown") return failureLabel("thrown", decodeValue(failure.thrown).label);
  return SYSTEM_FAILURE;
}
