// Functions that this worker fetches from the daemon, once each, until nobody can call them any more; api keeps what they became.
import { ObjectLostError, OwnerDiedError, SessionClosedError, type RayError } from "../domain/errors.ts";
import { definerOf, type DefinitionId, type ObjectId } from "../domain/id.ts";
import type { Failure, Payload } from "../domain/object.ts";
import type { FromDaemon } from "../protocol/daemon.ts";
import { deferred, type Deferred } from "../std/deferred.ts";

export class Functions {
  readonly #fetch: (definition: DefinitionId) => void;
  readonly #coming = new Map<DefinitionId, Deferred<Payload>>();
  /** What came inside of them: held here as long as they can be called. */
  readonly #refs = new Map<DefinitionId, readonly ObjectId[]>();

  constructor(fetch: (definition: DefinitionId) => void) {
    this.#fetch = fetch;
  }

  /** Rejects when nobody has it any more. */
  load(definition: DefinitionId): Promise<Payload> {
    let coming = this.#coming.get(definition);
    if (coming === undefined) {
      coming = deferred<Payload>();
      this.#coming.set(definition, coming);
      this.#fetch(definition);
    }
    return coming.promise;
  }

  arrived({ definition, payload, failure }: Extract<FromDaemon, { type: "definition" }>): void {
    const coming = this.#coming.get(definition);
    this.#coming.delete(definition);
    // It was fetched again when it could not be decoded.
    if (payload !== undefined && payload.refs.length > 0)
      this.#refs.set(definition, [...(this.#refs.get(definition) ?? []), ...payload.refs]);
    if (payload !== undefined) coming?.resolve(payload);
    else coming?.reject(missing(definition, failure));
  }

  /** Nobody calls it any more. Gives the refs inside, which are to be let go. */
  forget(definition: DefinitionId): readonly ObjectId[] {
    const refs = this.#refs.get(definition) ?? [];
    this.#refs.delete(definition);
    return refs;
  }
}

function missing(definition: DefinitionId, failure: Failure | undefined): RayError {
  const what = `The function ${definition} is not known to the cluster`;
  const hint = "A function lives as long as the process that submitted it first: use it while that process runs.";
  if (failure?.kind === "closed") return new SessionClosedError(`${what}: ${failure.reason}.`);
  if (failure?.kind === "ownerDied")
    return new OwnerDiedError(`${what}: process ${definerOf(definition)}, which defined it, has ended. ${hint}`);
  const reason = failure?.kind === "lost" ? failure.reason : "it was never defined";
  return new ObjectLostError(`${what}: ${reason}. ${hint}`);
}
