// What a program that runs submits: calls of functions and of methods, and actors.
import type { MethodCall } from "#src/domain/actor.js";
import type { ProcessId } from "#src/domain/id.js";
import type { CallId, Cancel, TaskSpec } from "#src/domain/task.js";
import type { Grouping } from "./grouping.ts";
import type { FrameHost } from "./host.ts";
import { actorAnswer, answers, ANYTHING, hasVariable, methodOf, pickHandle } from "./model.ts";
import { pass } from "./passing.ts";
import { encodeCall, encodeValue, type Argument, type Label, type Program, type Step } from "./program.ts";
import type { Reads, Variable } from "./reading.ts";
import type { TaskTruth } from "./truth.ts";

/** That a class is made for one actor alone. */
const OWN_CLASS_CHANCE = 0.5;

/** The program that runs. */
interface Caller {
  readonly program: Program;
  readonly job: ProcessId;
  readonly host: Pick<FrameHost<unknown>, "client" | "definitionFor">;
  readonly task: TaskTruth | undefined;
  readonly callId: CallId;
  readonly variables: Variable[];
  readonly label: Label;
  readonly stopped: { readonly cancel: Cancel | undefined } | undefined;
  readonly groups: Grouping;
  readonly reads: Reads;
}

type StepOf<What extends Step["do"]> = Extract<Step, { do: What }>;

export class Calling {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  submit({ program, arguments: args, place }: StepOf<"submit">): void {
    this.#submit(program, args, place);
  }

  call({ pick, method: number, arguments: args }: StepOf<"call">): void {
    const { variables, program } = this.#caller;
    const handle = pickHandle(variables, pick, program.rank);
    const made = handle?.model.actor;
    if (handle === undefined || made === undefined) return;
    const { program: called, group } = methodOf(made, number);
    const method: MethodCall = {
      actor: handle.id,
      className: `class ${made.number}`,
      method: `method ${called.number}`,
      group,
      ordered: made.limits[group] === 1,
    };
    this.#submit(called, args, undefined, method);
  }

  #submit(program: Program, args: readonly Argument[], place: StepOf<"submit">["place"], method?: MethodCall): void {
    const { host, variables, job, groups, reads } = this.#caller;
    const { client } = host;
    const request = method === undefined ? groups.placed(program.request, place) : program.request;
    const { passed, dependencies, models } = pass(args, variables);
    const spec: Omit<TaskSpec, "site"> = {
      definition: method === undefined ? host.definitionFor(program, job) : "",
      name: `program ${program.number}`,
      method,
      args: client.keeper.keep(encodeCall({ program: program.number, job, arguments: passed })),
      dependencies,
      returns: program.results.length,
      maxRetries: program.maxRetries,
      retryOn: "any",
      retryDelay: program.retryDelay,
      request,
      timeoutMs: program.timed ? 1 : undefined,
      parent: this.#parent,
      cancelled: method !== undefined && program.results.length === 0 ? this.#aborted() : this.#cancelled(),
      backpressure: program.backpressure,
    };
    const meant =
      request.group === undefined
        ? answers(program, models, client.world.profile.node)
        : { results: Array.from({ length: Math.max(1, program.results.length) }, () => ANYTHING), items: [] };
    const ids = client.submit(spec, program, meant);
    const [stream] = program.backpressure === undefined ? [] : ids;
    if (stream !== undefined) reads.begin(stream);
    if (place !== undefined) groups.called.push(...ids);
    if (!hasVariable(program.backpressure)) return;
    if (stream !== undefined) client.hold(stream);
    ids.forEach((id) => variables.push({ id, model: client.world.ledger.object(id).model }));
  }

  make({ made, arguments: args }: StepOf<"make">, at: number): void {
    const { host, variables, job, label } = this.#caller;
    const { client } = host;
    const { birth, limits, name, maxRestarts, request, placing, getIfExists, detached } = made;
    const { passed, dependencies } = pass(args, variables);
    const model = actorAnswer(label, at, made);
    const spec = {
      className: `class ${made.number}`,
      name,
      maxRestarts,
      limits,
      about: encodeValue(made.number, []),
      definition: client.world.random.chance(OWN_CLASS_CHANCE)
        ? client.shipping.classFor(made)
        : host.definitionFor(birth, job),
      args: client.keeper.keep(encodeCall({ program: birth.number, job, arguments: passed })),
      dependencies,
      request,
      placing,
      getIfExists,
      detached,
      parent: this.#parent,
      cancelled: this.#cancelled(),
    };
    variables.push({ id: client.actors.create(spec, made, model), model });
  }

  kill({ pick, restart }: StepOf<"kill">): void {
    const handle = pickHandle(this.#caller.variables, pick);
    if (handle !== undefined) this.#caller.host.client.actors.kill(handle.id, restart);
  }

  get #parent(): CallId | undefined {
    return this.#caller.task === undefined ? undefined : this.#caller.callId;
  }

  #cancelled(): Cancel | undefined {
    return this.#caller.stopped?.cancel ?? this.#aborted();
  }

  #aborted(): Cancel | undefined {
    const { random, profile } = this.#caller.host.client.world;
    if (!random.chance(profile.abortedChance)) return undefined;
    return { how: "by its signal", reason: "", force: "no", recursive: true };
  }
}
