// Values that exist or will, and what keeps them: refs of user code, unfinished calls, other values that hold refs to them.
import type { ActorId } from "../domain/actor.ts";
import type { ObjectId } from "../domain/id.ts";
import { ACTOR, refsIn, type Failure, type Outcome } from "../domain/object.ts";
import { invariant } from "../std/invariant.ts";
import { Listeners } from "../std/listeners.ts";
import { atEndOfTurn } from "../std/turns.ts";

/** Kept while somebody here holds it, or its call is unfinished. */
interface Entry<Dependent> {
  pins: number;
  outcome: Outcome | undefined;
  dependents: Dependent[] | undefined;
}

export class Objects<Dependent> {
  readonly #entries = new Map<ObjectId, Entry<Dependent>>();
  readonly #watchers = new Listeners<ObjectId, Outcome>();
  /** Why there is nothing under an id. */
  readonly #lost: (id: ObjectId) => Failure;
  /** Nobody holds this actor any more. */
  readonly #unheld: (id: ActorId) => void;

  constructor(lost: (id: ObjectId) => Failure, unheld: (id: ActorId) => void) {
    this.#lost = lost;
    this.#unheld = unheld;
  }

  /** Held once. */
  create(id: ObjectId, outcome: Outcome | undefined): void {
    this.#entries.set(id, { pins: 1, outcome, dependents: undefined });
  }

  outcome(id: ObjectId): Outcome | undefined {
    return this.#entries.get(id)?.outcome;
  }

  watch(id: ObjectId, notify: (outcome: Outcome) => void): void {
    this.#watchers.add(id, notify);
    const entry = this.#entries.get(id);
    const known: Outcome | undefined = entry === undefined ? { failure: this.#lost(id) } : entry.outcome;
    if (known !== undefined) atEndOfTurn(() => this.#watchers.tell(id, known));
  }

  unwatch(id: ObjectId, notify: (outcome: Outcome) => void): void {
    this.#watchers.remove(id, notify);
  }

  hold(id: ObjectId): void {
    const entry = this.#entries.get(id);
    if (entry === undefined)
      this.#entries.set(id, { pins: 1, outcome: { failure: this.#lost(id) }, dependents: undefined });
    else entry.pins++;
  }

  release(id: ObjectId): void {
    const dropped = [id];
    for (let next = dropped.pop(); next !== undefined; next = dropped.pop()) {
      const entry = this.#entries.get(next);
      if (entry === undefined) continue;
      entry.pins--;
      if (entry.pins > 0 || entry.outcome === undefined) continue;
      this.#entries.delete(next);
      if (entry.outcome === ACTOR) this.#unheld(next);
      for (const inner of refsIn(entry.outcome)) dropped.push(inner);
    }
  }

  /** The outcome; while there is none, `dependent` is told of it when it comes. */
  await(id: ObjectId, dependent: Dependent): Outcome | undefined {
    const entry = this.#entries.get(id);
    invariant(entry !== undefined, "an argument is held by its task");
    if (entry.outcome === undefined) (entry.dependents ??= []).push(dependent);
    return entry.outcome;
  }

  resolve(id: ObjectId, outcome: Outcome, arrived: (dependent: Dependent) => void): void {
    const entry = this.#entries.get(id);
    invariant(entry !== undefined, "the result of an unfinished task is kept");
    entry.outcome = outcome;
    for (const inner of refsIn(outcome)) this.hold(inner);
    const { dependents } = entry;
    entry.dependents = undefined;
    this.#watchers.tell(id, outcome);
    for (const dependent of dependents ?? []) arrived(dependent);
    // Nobody may have wanted it.
    entry.pins++;
    this.release(id);
  }
}
