// What constructors take, as the cluster keeps it for as long as an actor may be made of it. What has been lost of it since, its creator has
// made again: only that knows by which calls.
import type { ActorArgs } from "../../domain/actor-spec.ts";
import { refsInAll, type Failure, type Payload } from "../../domain/object.ts";
import type { ProcessId } from "../../domain/id.ts";
import type { FromDaemon } from "../../protocol/daemon.ts";
import { bodyOf, type Actor } from "./actor.ts";
import type { Lease } from "./lease.ts";
import type { SharedObjects } from "./objects.ts";

export class Bodies {
  readonly #objects: SharedObjects;
  readonly #send: (to: ProcessId, message: FromDaemon) => void;
  readonly #alive: (process: ProcessId) => boolean;

  constructor(
    objects: SharedObjects,
    send: (to: ProcessId, message: FromDaemon) => void,
    alive: (process: ProcessId) => boolean,
  ) {
    this.#objects = objects;
    this.#send = send;
    this.#alive = alive;
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
