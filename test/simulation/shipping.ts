// What a process makes known to the cluster: functions that others hear of, and classes of which only it has a handle.
import type { ActorClass } from "./program.ts";
import { definitionId, type DefinitionId, type ObjectId, type ProcessId } from "#src/domain/id.js";
import type { Payload } from "#src/domain/object.js";
import type { OwnerInput } from "#src/local/owner/step.js";
import type { Keeper } from "./keeper.ts";
import type { Machine } from "./machine.ts";
import type { ModelObject } from "./model.ts";
import { encodeValue } from "./program.ts";
import type { Timers } from "./timers.ts";

/** After those of functions, which are numbered as programs name them. */
const CLASSES_FROM = 1_000;
const CAPTURE_CHANCE = 0.3;
/** Of each time that it could: that the handle of a class is collected. */
const COLLECTED_CHANCE = 0.2;

interface Shipper {
  readonly id: ProcessId;
  readonly closed: boolean;
  readonly world: Machine;
  readonly keeper: Keeper;
  readonly timers: Timers;
  step(input: OwnerInput): void;
  put(value: Payload, model: ModelObject, tainted: boolean): ObjectId;
  release(id: ObjectId): void;
}

export class Shipping {
  readonly #process: Shipper;
  #classes = CLASSES_FROM;

  constructor(process: Shipper) {
    this.#process = process;
  }

  /** Kept for as long as the cluster runs. */
  define(definition: DefinitionId, payload: Payload): void {
    const { stored } = this.#define(definition, payload);
    if (stored !== undefined) this.#process.world.captured.push(stored.id);
  }

  /** For one actor, whose creator lets go of it at some time. */
  classFor({ number }: ActorClass): DefinitionId {
    const { id, world, timers, closed } = this.#process;
    const definition = definitionId(id, this.#classes);
    this.#classes += 1;
    if (closed) return definition;
    const captured = world.random.chance(CAPTURE_CHANCE) ? [this.#capture(number)] : [];
    this.#define(definition, encodeValue(number, captured));
    for (const each of captured) this.#process.release(each);
    world.ledger.actors.classes.add(definition);
    timers.start(`handle of ${definition}`, COLLECTED_CHANCE, () => {
      this.#process.step({ type: "definition", message: { type: "undefine", definition } });
      world.count("handles of classes collected");
    });
    return definition;
  }

  #define(definition: DefinitionId, payload: Payload): Payload {
    const { world, keeper } = this.#process;
    const kept = keeper.keep(payload);
    if (kept.stored !== undefined) world.bodies.add(kept.stored.id);
    this.#process.step({ type: "definition", message: { type: "define", definition, payload: kept } });
    keeper.drop(kept);
    return kept;
  }

  #capture(label: number): ObjectId {
    return this.#process.put(encodeValue(label, []), { kind: "value", label, refs: [] }, false);
  }
}
