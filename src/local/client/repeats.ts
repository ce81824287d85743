// The same large parts again: whoever passes one array to many calls has it in the store once. Compared byte by byte with what is there,
// since it may have been changed in between; that takes a quarter of what it takes to write it.
import { Buffer } from "node:buffer";
import type { ObjectId } from "../../domain/id.ts";
import { startTimer, type Timer } from "../../std/clock.ts";

/** The last ones; more are compared for nothing. */
const KNOWN_MAX = 4;
/** What was written twice because nobody had it any more is kept for so long after its last use. */
const KEPT_MS = 1_000;
const SAMPLES = 16;
const SAMPLE_BYTES = 8;

export interface RepeatsHooks {
  /** Whether anything in this process keeps it. */
  isKept(id: ObjectId): boolean;
  /** Whether its file is there, and nobody has removed it. */
  isThere(id: ObjectId): boolean;
  hold(id: ObjectId): void;
  release(id: ObjectId): void;
  /** Its parts, in memory. */
  read(id: ObjectId, sizes: readonly number[]): readonly Uint8Array[];
}

/** Parts, and what is worked out once to compare them. */
export interface Marked {
  readonly parts: readonly Uint8Array[];
  readonly sizes: readonly number[];
  readonly fingerprint: Buffer;
}

interface Known extends Omit<Marked, "parts"> {
  readonly id: ObjectId;
  /** Read when they are compared for the first time. */
  parts: readonly Uint8Array[] | undefined;
  /** Held here, until nobody has asked for it for a while. */
  kept: Timer | undefined;
}

export class Repeats {
  readonly #hooks: RepeatsHooks;
  /** The latest last. */
  #known: Known[] = [];
  /** Memory of users that went to the store, as the first of its parts. */
  readonly #seen = new WeakSet<ArrayBufferLike>();

  constructor(hooks: RepeatsHooks) {
    this.#hooks = hooks;
  }

  /** What holds the same bytes, for one more who holds it. */
  find(marked: Marked): ObjectId | undefined {
    this.#known = this.#known.filter(({ id }) => this.#hooks.isKept(id));
    const found = this.#known.find((known) => this.#isSame(known, marked));
    if (found === undefined || !this.#hooks.isThere(found.id)) return undefined;
    this.#hooks.hold(found.id);
    if (found.kept !== undefined) this.#keep(found);
    return found.id;
  }

  /** These were written under this id. */
  add(id: ObjectId, { parts, sizes, fingerprint }: Marked): void {
    const known: Known = { id, sizes, fingerprint, parts: undefined, kept: undefined };
    this.#known.push(known);
    if (this.#known.length > KNOWN_MAX) this.#letGo(this.#known.shift() as Known);
    const memory = parts[0]?.buffer;
    if (memory === undefined) return;
    if (this.#seen.has(memory)) {
      this.#hooks.hold(id);
      this.#keep(known);
    }
    this.#seen.add(memory);
  }

  /** There is hardly any room. */
  clear(): void {
    for (const known of this.#known) this.#letGo(known);
    this.#known = [];
  }

  #isSame(known: Known, { parts, fingerprint }: Marked): boolean {
    const { id, sizes } = known;
    if (sizes.length !== parts.length || !sizes.every((size, index) => size === parts[index]?.length)) return false;
    if (!fingerprint.equals(known.fingerprint)) return false;
    try {
      const there = (known.parts ??= this.#hooks.read(id, sizes));
      return parts.every((part, index) => Buffer.compare(part, there[index] as Uint8Array) === 0);
    } catch {
      // It cannot be read any more: whoever needs it says so.
      return false;
    }
  }

  #keep(known: Known): void {
    known.kept?.cancel();
    known.kept = startTimer(KEPT_MS, () => this.#letGo(known), { keepsAlive: false });
  }

  #letGo(known: Known): void {
    if (known.kept === undefined) return;
    known.kept.cancel();
    known.kept = undefined;
    this.#hooks.release(known.id);
  }
}

export function marked(parts: readonly Uint8Array[]): Marked {
  return { parts, sizes: parts.map((part) => part.length), fingerprint: fingerprintOf(parts) };
}

/** Enough of them to see that most are not the same. */
function fingerprintOf(parts: readonly Uint8Array[]): Buffer {
  const samples = parts.flatMap((part) =>
    Array.from({ length: SAMPLES }, (_, index) => {
      const at = Math.floor(((part.length - SAMPLE_BYTES) * index) / (SAMPLES - 1));
      return part.subarray(Math.max(0, at), Math.max(0, at) + SAMPLE_BYTES);
    }),
  );
  return Buffer.concat(samples);
}
