// What the hands of a process do with values: some are large, and go to the store before they go anywhere. Twin of `client/keeper`
// and `client/repeats`.
import { objectId, ownerOf, type ObjectId, type ProcessId } from "#src/domain/id.js";
import type { Payload } from "#src/domain/object.js";
import type { Owner } from "#src/local/owner/owner.js";
import type { OwnerInput } from "#src/local/owner/step.js";
import type { Machine } from "./machine.ts";
import type { Timers } from "./timers.ts";

/** Few, so that many are the same. */
const SIZES = [10, 20, 30];
/** Files that are looked at when the same comes again. */
const KNOWN_MAX = 2;
const KEPT_CHANCE = 0.3;
/** Of each time that it could: that nobody has asked for it for a while. */
const UNUSED_CHANCE = 0.05;

interface KeeperHost {
  readonly id: ProcessId;
  readonly closed: boolean;
  readonly owner: Owner;
  readonly world: Machine;
  readonly timers: Timers;
  step(input: OwnerInput): void;
}

export class Keeper {
  readonly #host: KeeperHost;
  /** The latest last. */
  #known: { readonly id: ObjectId; readonly size: number }[] = [];
  /** Of these, what is held here until nobody has asked for it for a while. */
  readonly #kept = new Set<ObjectId>();

  constructor(host: KeeperHost) {
    this.#host = host;
  }

  /** Perhaps it is a large one. Then it is held once by the caller. */
  keep(payload: Payload): Payload {
    const { closed, world } = this.#host;
    if (closed || !world.random.chance(world.profile.largeChance)) return payload;
    const size = world.random.pick(SIZES);
    const id = this.#find(size) ?? this.#write(size);
    const refs = world.forgets("a payload keeps its file") ? payload.refs : [...payload.refs, id];
    return { ...payload, refs, stored: { id, sizes: [size], body: false } };
  }

  /** All of them, or none: there may be no room for one. */
  keepAll(payloads: readonly Payload[]): Payload[] | undefined {
    const { world } = this.#host;
    const kept: Payload[] = [];
    for (const payload of payloads) {
      if (world.random.chance(world.profile.fullChance)) {
        world.count(kept.some(({ stored }) => stored !== undefined) ? "no room for the rest" : "no room");
        for (const each of kept) this.drop(each);
        return undefined;
      }
      kept.push(this.keep(payload));
    }
    return kept;
  }

  /** It was handed on, or is not needed after all. */
  drop({ stored }: Payload): void {
    if (stored === undefined || this.#host.world.forgets("a maker lets go of its file")) return;
    this.#host.step({ type: "release", id: stored.id });
  }

  /** Whether a value can be looked at. After the end of a session nothing of the store needs to be there. */
  opens({ stored }: Payload): boolean {
    const { closed, world } = this.#host;
    if (stored === undefined || closed) return true;
    if (world.files.isLost(stored.id)) return false;
    world.files.open(stored, world.lives(ownerOf(stored.id)));
    return true;
  }

  /** Of values that have come and cannot be read. Whether there are any: then there is something to wait for again. */
  tellLost(ids: readonly ObjectId[], valueOf: (id: ObjectId) => Payload | undefined): boolean {
    let any = false;
    for (const id of ids) {
      const value = valueOf(id);
      if (value?.stored === undefined || this.opens(value)) continue;
      this.#host.world.count("values that could not be read");
      this.#host.step({ type: "unreadable", id, stored: value.stored.id });
      any = true;
    }
    return any;
  }

  /** There is hardly any room. */
  collect(): void {
    for (const id of this.#kept) this.#letGo(id);
    this.#known = [];
  }

  #find(size: number): ObjectId | undefined {
    const { owner, world } = this.#host;
    this.#known = this.#known.filter(({ id }) => owner.isKept(id) && !world.files.isLost(id));
    const id = this.#known.find((known) => known.size === size)?.id;
    if (id === undefined) return undefined;
    world.count("files used again");
    this.#host.step({ type: "hold", id });
    if (this.#kept.has(id)) this.#keepFor(id);
    return id;
  }

  #write(size: number): ObjectId {
    const { owner, world } = this.#host;
    const id = objectId(this.#host.id, owner.take(1));
    const medium = world.files.write(id, size);
    world.ledger.stored(id);
    this.#host.step({ type: "store", id, bytes: size, medium });
    this.#known.push({ id, size });
    if (this.#known.length > KNOWN_MAX) this.#letGo(this.#known.shift()?.id);
    if (!world.random.chance(KEPT_CHANCE)) return id;
    this.#host.step({ type: "hold", id });
    this.#kept.add(id);
    this.#keepFor(id);
    return id;
  }

  #keepFor(id: ObjectId): void {
    this.#host.timers.start(`kept ${id}`, UNUSED_CHANCE, () => this.#letGo(id));
  }

  #letGo(id: ObjectId | undefined): void {
    if (id === undefined || !this.#kept.delete(id)) return;
    this.#host.timers.stop(`kept ${id}`);
    this.#host.step({ type: "release", id });
  }
}
