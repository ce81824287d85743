// On request (RAY_TS_LEAKS=1): which refs are alive when the session ends, by the place where they came from. For programs that run for long
// and keep more and more.
import type { Backend } from "../backend.ts";
import type { ObjectId } from "../domain/id.ts";
import { sizeOf } from "../domain/object.ts";
import { collectGarbage } from "../std/garbage.ts";
import { megabytes } from "../std/megabytes.ts";
import { notice } from "./notice.ts";
import type { Site } from "../domain/task.ts";

const PLACES_SHOWN_MAX = 20;

/** What a ref holds. */
interface Hold {
  readonly id: ObjectId;
  readonly session: { readonly backend: Backend };
  /** The call that makes it. */
  readonly origin: { readonly name: string; readonly site: Site } | undefined;
}

interface Alive {
  /** Where it was made, if no call makes it. */
  readonly site: Site | undefined;
  /** What user code has of it; undefined: a stream has it for its reader. */
  holder: WeakRef<object> | undefined;
}

export class Leaks {
  readonly #alive = new Map<Hold, Alive>();

  made(hold: Hold, site: Site | undefined): void {
    this.#alive.set(hold, { site, holder: undefined });
  }

  heldBy(hold: Hold, holder: object): void {
    const alive = this.#alive.get(hold);
    if (alive !== undefined) alive.holder = new WeakRef(holder);
  }

  gone(hold: Hold): void {
    this.#alive.delete(hold);
  }

  /** Once, at the end of the session. What nobody can reach any more is no leak, though V8 has not come to it yet. */
  readonly end = (): void => {
    collectGarbage();
    for (const [hold, { holder }] of this.#alive)
      if (holder !== undefined && holder.deref() === undefined) this.#alive.delete(hold);
    const places = new Map<string, { refs: number; bytes: number }>();
    for (const [hold, { site }] of this.#alive) {
      const place = placeOf(hold, site);
      const sum = places.get(place) ?? { refs: 0, bytes: 0 };
      sum.refs += 1;
      sum.bytes += sizeOf(hold.session.backend.read(hold.id)?.value);
      places.set(place, sum);
    }
    const sorted = [...places].toSorted(([, one], [, other]) => other.bytes - one.bytes || other.refs - one.refs);
    const lines = sorted
      .slice(0, PLACES_SHOWN_MAX)
      .map(([place, { refs, bytes }]) => `    ${refs} to ${place} (${megabytes(bytes)})`);
    if (sorted.length > lines.length) lines.push(`    and others of ${sorted.length - lines.length} more places`);
    const count = this.#alive.size;
    notice([`${count} ${count === 1 ? "ref was" : "refs were"} alive at the end of the session`, ...lines].join("\n"));
    this.#alive.clear();
  };
}

function placeOf({ origin }: Hold, site: Site | undefined): string {
  if (origin !== undefined) return `what ${origin.name} gives, submitted at ${origin.site.text}`;
  return site === undefined ? "values that came inside of others" : `values put at ${site.text}`;
}
