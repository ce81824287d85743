// Makes payloads fit to be kept and sent: what the user may still write into is copied, and what is large goes to the store.
import type { ActorSpec } from "../../domain/actor-spec.ts";
import { isNoRoom } from "../../domain/object-failures.ts";
import type { ObjectId } from "../../domain/id.ts";
import { storedBytesMin } from "../../domain/limits.ts";
import { ownedPayload, type Outcome, type Payload } from "../../domain/object.ts";
import type { Medium } from "../../domain/store.ts";
import { collectGarbage } from "../../std/garbage.ts";
import type { Store } from "../store/store.ts";
import { marked, Repeats, type Marked, type RepeatsHooks } from "./repeats.ts";

const NOTHING = new Uint8Array();
const NONE: readonly Uint8Array[] = [];
/** When the memory of the store is taken so far, garbage of this process is looked for, each time that it has put so much more there. */
const COLLECT_SHARE = 0.5;
const COLLECT_EVERY_SHARE = 0.1;

export interface KeeperHooks extends Omit<RepeatsHooks, "read" | "isThere"> {
  nextId(): ObjectId;
  /** It is in the store, and held once for whoever has asked for it. */
  stored(id: ObjectId, bytes: number, medium: Medium): void;
  /** There was no room, neither in memory nor on the disk. */
  full(): void;
  /** Once: see StorePlaces. */
  slow(folder: string): void;
}

export class Keeper {
  readonly #store: Store | undefined;
  readonly #hooks: KeeperHooks;
  readonly #repeats: Repeats;
  #toldSlow = false;
  /** Put into the store since garbage was collected. */
  #bytes = 0;

  constructor(store: Store | undefined, hooks: KeeperHooks) {
    this.#store = store;
    this.#hooks = hooks;
    this.#repeats = new Repeats({
      ...hooks,
      isThere: (id) => store?.has(id) === true,
      read: (id, sizes) => store?.readParts(id, sizes) ?? [],
    });
  }

  /** What has `stored` now is held once by the caller. Throws OutOfDiskError, ObjectStoreFullError or ObjectStoreUnavailableError. */
  keep(payload: Payload, label: () => string): Payload {
    const { buffers, refs, modules } = payload;
    // Modules are named in there, and imported before anything else is looked at.
    const body = !modules && payload.bytes.length >= storedBytesMin;
    if (this.#store === undefined || (!body && bytesOf(buffers) < storedBytesMin)) return ownedPayload(payload);
    const given = marked(body ? [...buffers, payload.bytes] : buffers);
    const id = this.#repeats.find(given) ?? this.#put(this.#store, given, body, label());
    return {
      bytes: body ? NOTHING : payload.bytes,
      buffers: NONE,
      refs: [...refs, id],
      modules,
      stored: { id, sizes: given.sizes, body },
    };
  }

  /** With all that is in the store. Throws ObjectLostError or ObjectStoreUnavailableError. */
  open(payload: Payload): Payload {
    const { stored } = payload;
    return stored === undefined || this.#store === undefined ? payload : this.#store.read(payload, stored);
  }

  /** Of what a constructor takes, what is gone. It runs once, and elsewhere: an actor that cannot read it there is never made. */
  missing({ dependencies }: ActorSpec, read: (id: ObjectId) => Outcome | undefined): [ObjectId, Payload][] {
    return dependencies.flatMap(({ id }): [ObjectId, Payload][] => {
      const value = read(id)?.value;
      return value?.stored === undefined || this.#store?.has(value.stored.id) !== false ? [] : [[id, value]];
    });
  }

  collect(): void {
    this.#repeats.clear();
    this.#bytes = 0;
    collectGarbage();
  }

  #write(store: Store, id: ObjectId, { parts }: Marked, body: boolean, label: string): ReturnType<Store["write"]> {
    try {
      return store.write(id, parts, label, body);
    } catch (error) {
      if (isNoRoom(error)) this.#hooks.full();
      throw error;
    }
  }

  #put(store: Store, given: Marked, body: boolean, label: string): ObjectId {
    const id = this.#hooks.nextId();
    const { bytes, medium } = this.#write(store, id, given, body, label);
    if (store.slowFolder !== undefined && !this.#toldSlow) {
      this.#toldSlow = true;
      this.#hooks.slow(store.slowFolder);
    }
    this.#hooks.stored(id, bytes, medium);
    this.#repeats.add(id, given);
    this.#bytes += bytes;
    if (this.#bytes > store.memoryBytesMax * COLLECT_EVERY_SHARE && store.fullness > COLLECT_SHARE) this.collect();
    return id;
  }
}

function bytesOf(parts: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const part of parts) bytes += part.length;
  return bytes;
}
