// A program that runs somewhere: in a driver, or as a call in a worker. One step per turn; waits like user code does, through the
// owner of its process, and holds one ref per variable.
import type { DefinitionId, ObjectId, ProcessId } from "#src/domain/id.js";
import type { Outcome, Payload } from "#src/domain/object.js";
import type { Cancel, TaskSpec } from "#src/domain/task.js";
import type { TaskTruth } from "./ledger.ts";
import type { Machine } from "./machine.ts";
import { answers, failureLabel, modelArgument, pickFrom, putAnswer, resultAnswer, type ModelObject } from "./model.ts";
import {
  CAUGHT,
  FLAKED,
  INTERRUPTED,
  decodeValue,
  encodeCall,
  encodeValue,
  mix,
  RETHROWN,
  SYSTEM_FAILURE,
  THROWN,
} from "./program.ts";
import type { Argument, Label, PassedArgument, Program, Step } from "./program.ts";

export interface Variable {
  readonly id: ObjectId;
  readonly model: ModelObject;
}

export type Ending =
  | { readonly kind: "done"; readonly values: readonly Payload[] }
  | { readonly kind: "thrown"; readonly thrown: Payload; readonly again?: boolean }
  | { readonly kind: "crash" }
  | { readonly kind: "exit"; readonly code: number };

/** The owner of the process around a frame, with its hands. */
export interface FrameClient {
  readonly id: ProcessId;
  readonly world: Machine;
  readonly closed: boolean;
  readonly spinning: boolean;
  readonly owner: { outcome(id: ObjectId): Outcome | undefined };
  hold(id: ObjectId): void;
  release(id: ObjectId): void;
  submit(spec: Omit<TaskSpec, "site">, program: Program, models: readonly ModelObject[]): readonly ObjectId[];
  cancel(id: ObjectId, cancel: Cancel): void;
  put(value: Payload, model: ModelObject, tainted: boolean): ObjectId;
  /** `arrived` is called once, until `unwatch`. */
  watch(id: ObjectId, frame: Frame): void;
  unwatch(id: ObjectId, frame: Frame): void;
  /** Carries out what its owner decided in the last step of a frame. */
  stepped(): void;
}

/** The process around a frame, as far as the frame needs it. */
export interface FrameHost {
  readonly client: FrameClient;
  /** The function by which this program is called from here. */
  definitionFor(program: Program, job: ProcessId): DefinitionId;
  waits(frame: Frame, waiting: boolean): void;
  /** It goes on for ever, and nothing else happens in its process. False: it does not, since its process has other calls to see to. */
  spins(): boolean;
  ended(frame: Frame, ending: Ending): void;
}

/** Steps that `wait` waits before it goes on with less than it was asked for. */
const PATIENCE_CHANCE = 0.02;

export class Frame {
  readonly program: Program;
  readonly job: ProcessId;
  readonly host: FrameHost;
  /** The call it is; undefined for what a driver does. */
  readonly task: TaskTruth | undefined;
  readonly callId: number;
  readonly variables: Variable[] = [];
  label: Label;
  tainted = false;
  waiting = false;
  ended = false;
  /** It was stopped: nothing waits in it any more. What it still submits is cancelled by this. */
  stopped: { readonly cancel: Cancel | undefined } | undefined;
  #at = 0;
  #pause = 0;
  /** The step whose `wait` has waited already. */
  #waited = -1;
  /** What a `get` or `wait` waits for, and how many of these may be missing when it goes on. */
  readonly #missing = new Set<ObjectId>();
  #missingMax = 0;
  /** What came of what it waited for. */
  readonly #came = new Map<ObjectId, Outcome>();

  /** `callId`: the name of the call in its process; 0 for what a driver does. */
  constructor(program: Program, job: ProcessId, host: FrameHost, task: TaskTruth | undefined, callId = 0) {
    this.callId = callId;
    this.program = program;
    this.job = job;
    this.host = host;
    this.task = task;
    this.label = program.number;
  }

  get process(): FrameClient {
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
    for (const { id } of this.variables.splice(0)) this.host.client.release(id);
  }

  step(): void {
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
    const missing = [...new Set(ids)].filter((id) => this.#outcome(id) === undefined);
    const distinct = new Set(ids).size;
    const missingMax = distinct - Math.min(enough, distinct);
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
        this.#submit(step.program, step.arguments);
        return true;
      case "get":
        return this.#get(pickFrom(variables, step.picks), step.catches);
      case "wait": {
        const ids = pickFrom(variables, step.picks).map(({ id }) => id);
        if (this.#at === this.#waited) return true;
        const waits = this.#await(ids, step.count) === "waits";
        if (waits) this.#waited = this.#at;
        return !waits;
      }
      case "cancel": {
        const [picked] = pickFrom(variables, [step.pick]);
        const { force, recursive } = step;
        const cancel = { how: "by a program", reason: "", force: force ? "now" : "no", recursive } as const;
        if (picked !== undefined) host.client.cancel(picked.id, cancel);
        return true;
      }
      case "spin":
        return !host.spins();
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
      case "crash":
      case "exit":
        if (this.task === undefined || this.task.begun > step.runs) return true;
        this.#end(step.do === "crash" ? { kind: "crash" } : { kind: "exit", code: step.code });
        return false;
      case "flake":
        if (this.task === undefined || this.task.begun > step.runs) return true;
        this.#end({ kind: "thrown", thrown: encodeValue(mix(this.label, FLAKED), []), again: true });
        return false;
      case "throw": {
        const thrown = encodeValue(
          mix(this.label, THROWN),
          pickFrom(variables, step.picks).map(({ id }) => id),
        );
        this.#end({ kind: "thrown", thrown });
        return false;
      }
    }
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

  #put(inside: readonly Variable[]): void {
    const { client } = this.host;
    const model = putAnswer(
      this.label,
      this.#at,
      inside.map((variable) => variable.model),
    );
    const payload = encodeValue(
      model.label,
      inside.map(({ id }) => id),
    );
    const id = client.put(payload, model, this.tainted);
    this.variables.push({ id, model });
  }

  #submit(program: Program, args: readonly Argument[]): void {
    const { client } = this.host;
    const passed: PassedArgument[] = [];
    const dependencies: { position: number; id: ObjectId }[] = [];
    const models = args.flatMap((argument) =>
      modelArgument(
        argument,
        this.variables.map(({ model }) => model),
      ),
    );
    for (const argument of args) {
      if (argument.kind === "number") {
        passed.push({ number: argument.number });
      } else if (argument.kind === "nested") {
        passed.push({ nested: pickFrom(this.variables, argument.picks).map(({ id }) => id) });
      } else {
        const [picked] = pickFrom(this.variables, [argument.pick]);
        if (picked === undefined) continue;
        dependencies.push({ position: passed.length, id: picked.id });
        passed.push({ dependency: true });
      }
    }
    const spec: Omit<TaskSpec, "site"> = {
      definition: this.host.definitionFor(program, this.job),
      name: `program ${program.number}`,
      args: encodeCall({ program: program.number, job: this.job, arguments: passed }),
      dependencies,
      returns: program.results.length,
      maxRetries: program.maxRetries,
      retryOn: "any",
      retryDelay: program.retryDelay,
      request: program.request,
      timeoutMs: program.timed ? 1 : undefined,
      parent: this.task === undefined ? undefined : this.callId,
      cancelled: this.stopped?.cancel ?? this.#aborted(),
    };
    const meant = answers(program, models, client.world.profile.node);
    const ids = client.submit(spec, program, meant);
    ids.forEach((id) => this.variables.push({ id, model: client.world.ledger.object(id).model }));
  }

  #aborted(): Cancel | undefined {
    const { random, profile } = this.host.client.world;
    if (!random.chance(profile.abortedChance)) return undefined;
    return { how: "by its signal", reason: "", force: "no", recursive: true };
  }

  #finish(): void {
    const values = this.program.results.map((picks, index) => {
      const inside = pickFrom(this.variables, picks);
      const label = resultAnswer(this.label, index, []).label;
      return encodeValue(
        label,
        inside.map(({ id }) => id),
      );
    });
    // Nobody sees it, but the model can be compared with it.
    if (values.length === 0 && this.task !== undefined) values.push(encodeValue(this.label, []));
    this.#end({ kind: "done", values });
  }

  #end(ending: Ending): void {
    this.ended = true;
    this.host.ended(this, ending);
  }
}

function labelOf(outcome: Outcome): Label {
  const failure = outcome.failure;
  if (failure?.kind === "thrown") return failureLabel("thrown", decodeValue(failure.thrown).label);
  return SYSTEM_FAILURE;
}
