// Makes payloads fit to be kept and sent: what the user may still write into is copied, and what is large goes to the store.
import type { ObjectId } from "../../domain/id.ts";
import { storedBytesMin } from "../../domain/limits.ts";
import { ownedPayload, type Payload } from "../../domain/object.ts";
import type { Store } from "../store/store.ts";

const NOTHING = new Uint8Array();

export interface KeeperHooks {
  nextId(): ObjectId;
  /** It is in the store, and held once for whoever has asked for it. */
  stored(id: ObjectId, bytes: number): void;
}

export class Keeper {
  readonly #store: Store | undefined;
  readonly #hooks: KeeperHooks;

  constructor(store: Store | undefined, hooks: KeeperHooks) {
    this.#store = store;
    this.#hooks = hooks;
  }

  /** What has `stored` now, and had not before, is held once by the caller. Throws OutOfDiskError. */
  keep(payload: Payload): Payload {
    const { buffers, refs, modules } = payload;
    // Modules are named in there, and imported before anything else is looked at.
    const body = !modules && payload.bytes.length >= storedBytesMin;
    if (this.#store === undefined || (!body && bytesOf(buffers) < storedBytesMin)) return ownedPayload(payload);
    const parts = body ? [...buffers, payload.bytes] : buffers;
    const id = this.#hooks.nextId();
    this.#store.write(id, parts);
    this.#hooks.stored(id, bytesOf(parts));
    const sizes = parts.map((part) => part.length);
    return {
      bytes: body ? NOTHING : payload.bytes,
      buffers: NONE,
      refs: [...refs, id],
      modules,
      stored: { id, sizes, body },
    };
  }

  /** With all that is in the store. Throws ObjectLostError. */
  open(payload: Payload): Payload {
    const { stored } = payload;
    return stored === undefined || this.#store === undefined ? payload : this.#store.read(payload, stored);
  }
}

const NONE: readonly Uint8Array[] = [];

function bytesOf(parts: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const part of parts) bytes += part.length;
  return bytes;
}
