// The line that tells of actors which wait for each other, and so for ever.
import { actorShown } from "../domain/actor-failures.ts";
import type { News } from "../domain/news.ts";
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
