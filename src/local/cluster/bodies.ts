// What actors are made of, their class and what its constructor takes, as the cluster keeps it for as long as they may be made of it. What
// constructors take and has been lost since, the creator has made again: only that knows by which calls.
import type { ActorArgs } from "../../domain/actor-spec.ts";
import { refsInAll, type Failure, type Payload } from "../../domain/object.ts";
import type { ObjectId, ProcessId } from "../../domain/id.ts";
import type { FromDaemon } from "../../protocol/daemon.ts";
import { bodyOf, refsInDeath, type Actor } from "./actor.ts";
import type { Definitions } from "./definitions.ts";
import type { Lease } from "./lease.ts";
import type { SharedObjects } from "./objects.ts";

export interface BodiesContext {
  readonly objects: SharedObjects;
  readonly definitions: Definitions;
  readonly send: (to: ProcessId, message: FromDaemon) => void;
  readonly alive: (process: ProcessId) => boolean;
}

export class Bodies {
  readonly #objects: SharedObjects;
  readonly #definitions: Definitions;
  readonly #send: (to: ProcessId, message: FromDaemon) => void;
  readonly #alive: (process: ProcessId) => boolean;

  constructor({ objects, definitions, send, alive }: BodiesContext) {
    this.#objects = objects;
    this.#definitions = definitions;
    this.#send = send;
    this.#alive = alive;
  }

  /** It is to be made, of what is still to come. */
  begin({ id, plan }: Actor): void {
    this.#definitions.hold(plan.definition, id);
  }

  /** It is never made again. What is told of its death is kept in place of what it was made of. */
  end({ id, plan, death }: Actor, isItself: (ref: ObjectId) => boolean): void {
    this.#definitions.letGo(plan.definition, id);
    this.#objects.unwrap(bodyOf(id));
    // A handle of itself in what its constructor has thrown keeps nothing alive.
    if (death !== undefined)
      this.#objects.wrap(
        bodyOf(id),
        refsInDeath(death).filter((ref) => !isItself(ref)),
      );
  }

  /** All of it has come; or, later, what had been lost of it. */
  fill(actor: Actor, { args, positions, values }: ActorArgs): void {
    const { id, body } = actor;
    const now = body === undefined ? { args, positions, values } : renewed(body, positions, values);
    actor.body = now;
    const refs = refsInAll([now.args, ...now.values]);
    // What stays has to be held by something while what was there goes.
    const meanwhile = `${bodyOf(id)}, renewed`;
    this.#objects.wrap(meanwhile, refs);
    this.#objects.unwrap(bodyOf(id));
    this.#objects.wrap(bodyOf(id), refs);
    this.#objects.unwrap(meanwhile);
  }

  /** Its constructor is to run there. */
  host({ id, body, plan, restarts }: Actor, { id: lease, worker, resources }: Lease): void {
    if (body === undefined) throw new Error(`actor ${id} is hosted without what it takes`);
    for (const ref of refsInAll([body.args, ...body.values])) this.#objects.hold(ref, worker.id);
    this.#send(worker.id, { type: "host", id, lease, plan, restarts, resources, ...body });
  }

  /** Whether it was not made because of a value that somebody may make again. */
  lacks({ body }: Actor, cause: Failure): boolean {
    return cause.kind === "lost" && body?.values.some(({ stored }) => stored?.id === cause.id) === true;
  }

  /** For what was lost. False: nobody can be asked any more. */
  ask({ id, creator }: Actor, cause: Failure | undefined): boolean {
    if (cause?.kind !== "lost" || !this.#alive(creator)) return false;
    this.#send(creator, { type: "actorLacks", id, cause });
    return true;
  }
}

function renewed(body: ActorArgs, positions: readonly number[], values: readonly Payload[]): ActorArgs {
  const byPosition = new Map(positions.map((position, index) => [position, values[index]]));
  const all = body.positions.map((position, index) => byPosition.get(position) ?? (body.values[index] as Payload));
  return { ...body, values: all };
}
