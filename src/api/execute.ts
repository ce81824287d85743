// Runs one call of a remote function: the same for a worker and for the inline backend. Nothing a function does makes it throw.
//
//   load ─► rebuild once ─► arguments ─► run in its context ─► encode what it returned or threw
//
// Each arrow is synchronous when nothing has to be fetched, imported or awaited, so that a worker can run many tiny calls per turn.
import { inspect, types } from "node:util";
import type { Backend } from "../backend.ts";
import { encodeThrown } from "../codec/thrown.ts";
import { encode } from "../codec/value.ts";
import { RayError, SerializationError, TaskError, toPlain } from "../domain/errors.ts";
import { variablesLost } from "../domain/object-failures.ts";
import type { DefinitionId, ObjectId } from "../domain/id.ts";
import { ownedPayload, type Payload, type Thrower } from "../domain/object.ts";
import type { GroupPlace } from "../domain/placement.ts";
import type { Resources } from "../domain/resources.ts";
import type { Stop } from "../domain/stop.ts";
import type { CallId, RetryOn } from "../domain/task.ts";
import type { Reply } from "../protocol/worker.ts";
import { invariant } from "../std/invariant.ts";
import { isThenable } from "../std/is-thenable.ts";
import { showGpus } from "./gpus.ts";
import { methodsOf, noMethod } from "./actor-methods.ts";
import { contextFor, endContext } from "./call-context.ts";
import { notice } from "./notice.ts";
import { importsFor, isUnreadable, valueOf } from "./arrivals.ts";
import { lacksThis } from "./lacks-this.ts";
import type { AnyFunction } from "./lift.ts";
import { patiently } from "./patience.ts";
import { isProducer, produce, type Production } from "./produce.ts";
import { slot, type ActorHost, type CallContext, type Definition, type Session } from "./slot.ts";

/** A call as execute needs it; `Call` of the protocol plus who it is. */
export interface ExecuteCall {
  /** What `blocked` and `unblocked` of the backend are told. */
  readonly callId: CallId;
  readonly taskId: ObjectId;
  readonly attempt: number;
  /** Of the function, or of the class when an actor is to be made; "" for a method. */
  readonly definition: DefinitionId;
  readonly name: string;
  /** The actor that it is a call of, or, without a method, the one that it makes. */
  readonly actor: ActorHost | undefined;
  readonly method: string | undefined;
  readonly args: Payload;
  /** Values for the positions that were refs. */
  readonly positions: readonly number[];
  readonly values: readonly Payload[];
  readonly returns: number;
  readonly request: Resources;
  readonly group?: GroupPlace | undefined;
  readonly retryOn: RetryOn;
  /** Of a call that is a stream. */
  stream: Production | undefined;
  /** Set when it is cancelled, or its time is over: what has not begun by then never does. */
  stop: Stop | undefined;
  /** Set when it begins. */
  context: CallContext | undefined;
}

/** Asked once per definition and process. Rejects, or throws, with an error that says why there is none. */
export type Load = (definition: DefinitionId) => Promise<Payload> | Payload;

export function execute(call: ExecuteCall, load: Load): Reply | Promise<Reply> {
  const { session } = slot;
  invariant(session !== undefined, "a call came before the session");
  if (call.request["GPU"] === undefined) return begin(session, call, load);
  // Before its modules are imported: they may look for GPUs as soon as they are there.
  const hide = showGpus(call.request, session.backend.identity.gpus);
  const reply = begin(session, call, load);
  if (reply instanceof Promise) return reply.finally(hide);
  hide();
  return reply;
}

function begin(session: Session, call: ExecuteCall, load: Load): Reply | Promise<Reply> {
  let fn: Definition | Promise<Definition>;
  let imports: Promise<void> | undefined;
  try {
    fn =
      call.method === undefined
        ? (session.definitions.get(call.definition) ?? rebuild(session, call.definition, load, call.name))
        : methodOf(call);
    imports = importsOf(call);
  } catch (error) {
    return refusal(call, error, "before");
  }
  if (typeof fn === "function" && imports === undefined) return run(session, call, fn, load);
  return Promise.all([fn, imports]).then(
    ([ready]) => run(session, call, ready as AnyFunction, load),
    (error: unknown) => refusal(call, error, "before"),
  );
}

/** As the object has it now. Handles know what its class had when it was made remote. */
function methodOf({ actor, method = "" }: ExecuteCall): AnyFunction {
  const instance = actor?.instance;
  invariant(instance !== undefined, "a method is called when its actor has been made");
  const found: unknown = Reflect.get(instance, method);
  if (typeof found === "function") return found as AnyFunction;
  const className = actor?.className ?? "";
  const methods = methodsOf(instance);
  const why =
    method in instance
      ? `The method ${className}.${method} is hidden by a field of the same name, which holds no function. Give one of them another name.`
      : noMethod(method, methods, className);
  return () => {
    throw new TypeError(why);
  };
}

/** What a definition stands for, kept for the calls to come. `name`: of the call. */
function rebuild(
  session: Session,
  definition: DefinitionId,
  load: Load,
  name: string,
): Definition | Promise<Definition> {
  const revive = (payload: Payload): Definition => {
    const revived = revivedFrom(payload, session, name) as Definition;
    session.definitions.set(definition, revived);
    return revived;
  };
  const payload = load(definition);
  const imports = payload instanceof Promise ? payload.then(importsFor) : importsFor(payload);
  if (imports === undefined && !(payload instanceof Promise)) return revive(payload);
  const coming = Promise.all([payload, imports]).then(([body]) => revive(body));
  session.definitions.set(definition, coming);
  // The next call may have better luck: a file may be there by then.
  coming.catch(() => session.definitions.delete(definition));
  return coming;
}

function revivedFrom(payload: Payload, session: Session, name: string): unknown {
  try {
    return valueOf(payload, session);
  } catch (error) {
    throw payload.stored !== undefined && isUnreadable(payload, error) ? variablesLost(payload.stored.id, name) : error;
  }
}

function importsOf(call: ExecuteCall): Promise<void> | undefined {
  let imports = importsFor(call.args);
  for (const value of call.values) {
    const more = importsFor(value);
    if (more !== undefined) imports = imports === undefined ? more : both(imports, more);
  }
  return imports;
}

async function both(one: Promise<void>, other: Promise<void>): Promise<void> {
  await Promise.all([one, other]);
}

function run(session: Session, call: ExecuteCall, fn: AnyFunction, load: Load): Reply | Promise<Reply> {
  try {
    const args = patiently(() => argumentsOf(session, call));
    if (!(args instanceof Promise)) return invoke(session, call, fn, args, load);
    return args.then(
      (ready) => invoke(session, call, fn, ready, load),
      (error: unknown) => unread(call, error),
    );
  } catch (error) {
    return unread(call, error);
  }
}

function argumentsOf(session: Session, { args, positions, values }: ExecuteCall): unknown[] {
  const all = valueOf(args, session) as unknown[];
  for (const [index, value] of values.entries()) all[positions[index] as number] = valueOf(value, session);
  return all;
}

/** Why it could not have its arguments. */
function unread(call: ExecuteCall, error: unknown): Reply {
  const lost = [call.args, ...call.values].find((payload) => isUnreadable(payload, error));
  return lost?.stored === undefined ? refusal(call, error, "before") : { kind: "unreadable", stored: lost.stored.id };
}

function invoke(
  session: Session,
  call: ExecuteCall,
  fn: AnyFunction,
  args: readonly unknown[],
  load: Load,
): Reply | Promise<Reply> {
  if (call.stop !== undefined) return { kind: "refused", failure: call.stop.failure };
  const context = contextFor(session, call);
  call.context = context;
  try {
    const result: unknown =
      call.actor === undefined
        ? slot.calls.run(context, invokeTask, fn, args)
        : slot.calls.run(context, call.method === undefined ? make : invokeMethod, call.actor, fn, args);
    if (call.stream !== undefined) return produced(context, call, call.stream, result, load);
    if (!(result instanceof Promise)) return returned(context, call, result);
    return result.then(
      (value) => returned(context, call, value),
      (error: unknown) => thrown(context, call, error, load),
    );
  } catch (error) {
    return thrown(context, call, error, load);
  }
}

async function produced(
  context: CallContext,
  call: ExecuteCall,
  production: Production,
  result: unknown,
  load: Load,
): Promise<Reply> {
  try {
    if (!isProducer(result)) {
      throw new TaskError(
        `Task ${call.name} is a stream, but its function returned ${kindOf(result)}, and no generator.`,
      );
    }
    const problem = await slot.calls.run(context, produce, context, call, production, result);
    if (problem === undefined || context.left) return await returned(context, call, undefined);
    endContext(context);
    return refusal(call, problem.error, "function");
  } catch (error) {
    return thrown(context, call, error, load);
  }
}

/** Nothing of it is waited for: it may have a method `then`. */
function make(actor: ActorHost, cls: AnyFunction, args: readonly unknown[]): void {
  actor.instance = Reflect.construct(cls, args) as object;
}

function invokeMethod(actor: ActorHost, method: AnyFunction, args: readonly unknown[]): unknown {
  const result: unknown = Reflect.apply(method, actor.instance, args);
  return isThenable(result) ? Promise.resolve(result) : result;
}

/** A foreign thenable is adopted here, inside the call's context. */
function invokeTask(fn: AnyFunction, args: readonly unknown[]): unknown {
  const result: unknown = fn(...args);
  return isThenable(result) ? Promise.resolve(result) : result;
}

const LEFT: Reply = { kind: "left" };

function returned(context: CallContext, call: ExecuteCall, result: unknown): Reply | Promise<Reply> {
  endContext(context);
  if (context.left) return LEFT;
  const { backend } = context.session;
  try {
    let values = resultsOf(call, result);
    // Whatever code of it still runs goes on to write into what it has returned.
    const own = (): void => void (values = values.map(ownedPayload));
    const kept = patiently(() => done(keepAll(values, call.name, backend)), own);
    return kept instanceof Promise ? kept.catch((error: unknown) => refusal(call, error, "function")) : kept;
  } catch (error) {
    return refusal(call, error, "function");
  }
}

function done(values: readonly Payload[]): Reply {
  return { kind: "done", values };
}

function thrown(context: CallContext, call: ExecuteCall, error: unknown, load: Load): Reply | Promise<Reply> {
  endContext(context);
  if (context.left) return LEFT;
  const fn = context.session.definitions.get(call.definition);
  return threw(call, error, load, lacksThis(fn, error) ? "detached" : "function");
}

/** What was thrown in a call, as its owner is told. */
export function threw(
  call: Pick<ExecuteCall, "name" | "retryOn" | "context">,
  error: unknown,
  load: Load,
  by: Thrower,
): Reply | Promise<Reply> {
  // As it is now: whoever judges it may change it.
  const reply = thrownReply(error, by);
  const again = worthAnother(call, error, load);
  return again instanceof Promise ? again.then((yes) => ({ ...reply, again: yes })) : { ...reply, again };
}

function thrownReply(error: unknown, by: Thrower): Extract<Reply, { kind: "thrown" }> {
  return { kind: "thrown", thrown: ownedPayload(encodeThrown(error)), pid: process.pid, by, again: false };
}

/** Asks the policy of the call, where the error still is what was thrown, as code of the attempt that failed. Never rejects: without a yes it is no. */
function worthAnother(
  { name, retryOn, context }: Pick<ExecuteCall, "name" | "retryOn" | "context">,
  error: unknown,
  load: Load,
): boolean | Promise<boolean> {
  if (retryOn === "none" || retryOn === "any") return retryOn === "any";
  const ask = async (): Promise<boolean> => {
    const { session } = slot;
    invariant(session !== undefined, "a call came before the session");
    const policy = await (session.definitions.get(retryOn) ?? rebuild(session, retryOn, load, name));
    if (typeof policy !== "function") return policy.some((cls) => error instanceof cls);
    // As wherever JavaScript asks a predicate: what matches gives an array of what it has found.
    return Boolean(await (context === undefined ? policy(error) : slot.calls.run(context, policy, error)));
  };
  return ask().catch((failed: unknown) => {
    notice(`retryExceptions of ${name} failed, so it is not tried again: ${inspect(failed)}`);
    return false;
  });
}

function resultsOf(call: ExecuteCall, result: unknown): readonly Payload[] {
  const { name, returns } = call;
  if (types.isGeneratorObject(result)) {
    throw new TaskError(
      `Task ${name} returned a generator, and is no generator function itself, so its call could not give a stream. ` +
        "Pass remote() the generator function (function* or async function*), or return an array.",
    );
  }
  if (returns === 0) return [];
  if (returns === 1) return [resultOf(call, result)];
  if (!Array.isArray(result)) {
    throw new TaskError(
      `Task ${name} must return an array of ${returns} values, one for each ref (numReturns: ${returns}), but it returned ${kindOf(result)}.`,
    );
  }
  if (result.length !== returns) {
    throw new TaskError(
      `Task ${name} must return an array of ${returns} values, one for each ref (numReturns: ${returns}), but its array has ${result.length}.`,
    );
  }
  // Not `map`, which would pass over holes.
  return Array.from(result, (value: unknown, index) => encode(value, `result ${index + 1} of ${name}`));
}

/** Many methods return their object, to be chained. Who meets that has no use for how to make such an object travel. */
function resultOf({ name, actor }: ExecuteCall, result: unknown): Payload {
  try {
    return encode(result, `result of ${name}`);
  } catch (error) {
    if (actor === undefined || result !== actor.instance || !(error instanceof SerializationError)) throw error;
    const { path, location } = error;
    const reason = `${name} has returned 'this', the object of its actor, which cannot travel: ${path} ${error.reason}`;
    const hint =
      "What the method did is done. Make it return something else, or ask for no result: options({ numReturns: 0 }).";
    throw new SerializationError(`${reason}\n  ${hint}`, { path, reason, hint, location });
  }
}

/** All of them, or none. */
function keepAll(values: readonly Payload[], name: string, backend: Backend): Payload[] {
  const kept: Payload[] = [];
  try {
    for (const value of values) kept.push(backend.keep(value, () => `a result of ${name}`));
  } catch (error) {
    for (const value of kept) backend.drop(value);
    throw error;
  }
  return kept;
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === "object"
    ? `an object (${value.constructor?.name ?? "without a class"})`
    : `a ${typeof value}`;
}

/** The runtime could not do its part. An error of somebody else's code that surfaced on the way is told as if thrown. */
function refusal(call: ExecuteCall, error: unknown, by: Thrower): Reply {
  if (!(error instanceof RayError)) return thrownReply(error, by);
  const plain = toPlain(error);
  return { kind: "refused", failure: { kind: "refused", ...plain, name: call.name, site: "" } };
}
