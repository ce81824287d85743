// The independent answer: what a program's results are when nothing goes wrong, by plain recursion. Knows no owner and no cluster.
import { refusalOf, type NodeOffer } from "#src/domain/request.js";
import {
  ACTOR,
  CAUGHT,
  ITEM,
  mix,
  PUT,
  RESULT,
  RETHROWN,
  SYSTEM_FAILURE,
  THROWN,
  type ActorClass,
  type Argument,
  type Label,
  type Method,
  type Pick,
  type Program,
} from "./program.ts";

/** What some object is, apart from any id. */
export interface ModelObject {
  /** "any": a failure that the model cannot name, such as one of two failing arguments; or a value that depends on one. */
  readonly kind: "value" | "thrown" | "unschedulable" | "any" | "actor";
  readonly label: Label;
  readonly refs: readonly ModelObject[];
  /** Of a handle. */
  readonly actor?: ActorClass;
}

/** The number of an argument, what a top-level ref stands for, or nested refs. */
export type ModelArgument = number | ModelObject | readonly ModelObject[];

export const ANYTHING: ModelObject = { kind: "any", label: 0, refs: [] };

/** What comes of a call. */
export interface Answers {
  /** Of a program without results there is one that is unseen, so that its failure can be told. */
  readonly results: readonly ModelObject[];
  /** Of a stream, with its failure as the last; nobody knows them when its result is "any". */
  readonly items: readonly ModelObject[];
}

export function answers(program: Program, args: readonly ModelArgument[], node: NodeOffer): Answers {
  const evaluation = new Evaluation(program, node);
  const results = evaluation.run(args);
  const [end] = results;
  const failed = end !== undefined && end.kind !== "value";
  return { results, items: failed ? [...evaluation.items, end] : evaluation.items };
}

export function pickFrom<T>(variables: readonly T[], picks: readonly Pick[]): T[] {
  if (variables.length === 0) return [];
  return picks.map((pick) => variables[pick % variables.length] as T);
}

export function putAnswer(label: Label, steps: number, refs: readonly ModelObject[]): ModelObject {
  return { kind: "value", label: mix(mix(label, PUT), steps), refs };
}

/** A handle, as whoever has made the actor has it. */
export function actorAnswer(label: Label, steps: number, actor: ActorClass): ModelObject {
  return { kind: "actor", label: mix(mix(label, ACTOR), steps), refs: [], actor };
}

/** Of what a program has, the handle that it calls. */
export function pickHandle<T extends { readonly model: ModelObject }>(
  variables: readonly T[],
  pick: Pick,
  rank = Infinity,
): T | undefined {
  const handles = variables.filter(({ model: { actor } }) => actor !== undefined && actor.rank < rank);
  return pickFrom(handles, [pick])[0];
}

export function methodOf({ methods }: ActorClass, number: number): Method {
  return methods[number % methods.length] as Method;
}

export function resultAnswer(label: Label, index: number, refs: readonly ModelObject[]): ModelObject {
  return { kind: "value", label: mix(mix(label, RESULT), index), refs };
}

export function itemAnswer(label: Label, index: number, refs: readonly ModelObject[]): ModelObject {
  return { kind: "value", label: mix(mix(label, ITEM), index), refs };
}

/** What a program that got this object mixes into its label. */
export function failureLabel(kind: ModelObject["kind"], label: Label): Label {
  return kind === "thrown" ? label : SYSTEM_FAILURE;
}

class Evaluation {
  readonly items: ModelObject[] = [];
  readonly #streams: { readonly end: ModelObject | undefined; readonly items: readonly ModelObject[]; read: number }[] =
    [];
  readonly #program: Program;
  readonly #node: NodeOffer;
  readonly #variables: ModelObject[] = [];
  #label: Label;

  constructor(program: Program, node: NodeOffer) {
    this.#program = program;
    this.#node = node;
    this.#label = program.number;
  }

  run(args: readonly ModelArgument[]): readonly ModelObject[] {
    const failed = this.#refusal(args);
    if (failed !== undefined) return this.#all(failed);
    for (const argument of args) this.#receive(argument);
    for (const [index, step] of this.#program.steps.entries()) {
      if (step.do === "throw") {
        const thrown = mix(this.#label, THROWN);
        return this.#all({ kind: "thrown", label: thrown, refs: pickFrom(this.#variables, step.picks) });
      }
      const ended = this.#step(index, step);
      if (ended !== undefined) return this.#all(ended);
    }
    if (this.#program.results.length === 0) return [{ kind: "value", label: this.#label, refs: [] }];
    return this.#program.results.map((picks, index) =>
      resultAnswer(this.#label, index, pickFrom(this.#variables, picks)),
    );
  }

  #all(answer: ModelObject): ModelObject[] {
    return Array.from({ length: Math.max(1, this.#program.results.length) }, () => answer);
  }

  /** The failure of a call whose body never runs. */
  #refusal(args: readonly ModelArgument[]): ModelObject | undefined {
    const failing = args.filter(
      (argument) => typeof argument === "object" && "kind" in argument && argument.kind !== "value",
    );
    const unschedulable: ModelObject = { kind: "unschedulable", label: 0, refs: [] };
    const fitting = refusalOf(this.#program.request, this.#node) === undefined;
    if (failing.length === 0) return fitting ? undefined : unschedulable;
    return failing.length === 1 && fitting ? (failing[0] as ModelObject) : ANYTHING;
  }

  #receive(argument: ModelArgument): void {
    if (typeof argument === "number") {
      this.#label = mix(this.#label, argument);
    } else if ("kind" in argument) {
      this.#label = mix(this.#label, argument.label);
      this.#variables.push(...argument.refs);
    } else {
      this.#variables.push(...argument);
    }
  }

  #step(index: number, step: Program["steps"][number]): ModelObject | undefined {
    const variables = this.#variables;
    switch (step.do) {
      case "submit": {
        // Its group may be gone before it has ended.
        if (step.place !== undefined) return void variables.push(...step.program.results.map(() => ANYTHING));
        this.#call(step.program, step.arguments);
        return undefined;
      }
      case "make":
        return void variables.push(actorAnswer(this.#label, index, step.made));
      case "call": {
        const handles = variables.map((model) => ({ model }));
        const called = pickHandle(handles, step.pick, this.#program.rank)?.model.actor;
        if (called !== undefined) this.#call(methodOf(called, step.method).program, step.arguments);
        return undefined;
      }
      // Whether there is one is a matter of time.
      case "getActor":
        return ANYTHING;
      case "get":
        return this.#get(pickFrom(variables, step.picks), step.catches);
      case "put":
        return void variables.push(putAnswer(this.#label, index, pickFrom(variables, step.picks)));
      case "copy":
        return void variables.push(...pickFrom(variables, [step.pick]));
      case "yield":
        this.items.push(itemAnswer(this.#label, this.items.length, pickFrom(variables, step.picks)));
        return undefined;
      case "read": {
        const [stream] = pickFrom(this.#streams, [step.pick]);
        if (stream === undefined) return undefined;
        if (stream.end?.kind === "any") return ANYTHING;
        const got = stream.items.slice(stream.read, stream.read + step.count);
        stream.read += got.length;
        return void variables.push(...got);
      }
      case "leave":
        if (this.#streams.length > 0) this.#streams.splice(step.pick % this.#streams.length, 1);
        return undefined;
      case "drop":
        if (variables.length > 0) variables.splice(step.pick % variables.length, 1);
        return undefined;
      default:
        return undefined;
    }
  }

  #call(program: Program, passed: readonly Argument[]): void {
    const args = passed.flatMap((argument) => modelArgument(argument, this.#variables));
    const { results, items } = answers(program, args, this.#node);
    const { backpressure } = program;
    if (backpressure !== undefined) this.#streams.push({ end: results[0], items, read: 0 });
    if (program.results.length > 0 && hasVariable(backpressure)) this.#variables.push(...results);
  }

  #get(objects: readonly ModelObject[], catches: boolean): ModelObject | undefined {
    for (const object of objects) {
      // It may or may not have failed in a way that this program tells apart, so nothing that follows is certain.
      if (object.kind === "any") return ANYTHING;
      // There is nothing behind a handle to wait for.
      if (object.kind === "actor") continue;
      if (object.kind === "value") {
        this.#label = mix(this.#label, object.label);
        this.#variables.push(...object.refs);
        continue;
      }
      const failed = failureLabel(object.kind, object.label);
      if (!catches) return { kind: "thrown", label: mix(mix(this.#label, RETHROWN), failed), refs: [] };
      this.#label = mix(mix(this.#label, CAUGHT), failed);
    }
    return undefined;
  }
}

/** Whoever waited for the end of a stream that he does not read could wait for ever. */
export function hasVariable(backpressure: number | undefined): boolean {
  return backpressure === undefined || backpressure === Infinity;
}

/** An argument as the model sees it; nothing when there was no variable to pass. */
export function modelArgument(argument: Argument, variables: readonly ModelObject[]): ModelArgument[] {
  switch (argument.kind) {
    case "number":
      return [argument.number];
    case "dependency":
      return pickFrom(variables, [argument.pick]).map((picked) => (picked.kind === "actor" ? [picked] : picked));
    case "nested":
      return [pickFrom(variables, argument.picks)];
  }
}
