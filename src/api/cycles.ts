// Lines that tell of what waits for itself, and so for ever: actors for each other, and the driver for a call that waits for the driver.
import { actorShown } from "../domain/actor-failures.ts";
import type { News } from "../domain/news.ts";
import type { Site } from "../domain/task.ts";
import { notice } from "./notice.ts";

export function tellCycle(actors: Extract<News, { type: "cycle" }>["actors"]): void {
  const shown = actors.map((actor) => actorShown(actor.id, actor));
  const [first = "", ...others] = shown;
  const what =
    others.length === 0
      ? `${first} waits for a call of its own, which cannot begin before the one that waits has ended`
      : `${[first, ...others].join(", ")} wait for each other: a call of each waits, itself or by way of others, for a call of the next or, while a stream is paused, for the next to read it, the last for the first, and none goes on`;
  notice(
    `${what}. Let them run more calls at once (maxConcurrency, concurrencyGroups), or do not wait there: hand the ref on, or return it; a stream that has paused goes on when it is read (backpressure)`,
  );
}

export class StuckLines {
  readonly #told = new Set<string>();

  /** The driver waits for this call, which waits behind a stream that has paused for the driver to read it. Once for a place. */
  tell({ name, site }: { readonly name: string; readonly site: Site }): void {
    if (this.#told.has(site.text)) return;
    this.#told.add(site.text);
    notice(
      `${name}, submitted at ${site.text}, waits at its actor behind a stream that has paused until this program reads on, and this program, which waits for it, has not for some seconds. Wait for it after the stream, or let the actor run both: maxConcurrency, concurrencyGroups`,
    );
  }
}
