// Who tells of which news.
import type { News } from "../domain/news.ts";
import { Hints } from "./hints.ts";
import { StuckLines, tellCycle } from "./cycles.ts";
import { RetryLines } from "./retry-lines.ts";
import { StarvationLines } from "./starvations.ts";

export interface Tellers {
  /** Undefined: what goes wrong on the way to a result is not told. */
  readonly trouble:
    | {
        readonly retries: RetryLines;
        readonly starvations: StarvationLines;
        readonly cycles: typeof tellCycle;
        readonly stuck: StuckLines;
      }
    | undefined;
  readonly hints: Hints | undefined;
  /** The session ends, or the process: tells what was kept for then. */
  readonly end: () => void;
}

export function makeTellers(wanted: { trouble: boolean; hints: boolean }): Tellers {
  const trouble = wanted.trouble
    ? { retries: new RetryLines(), starvations: new StarvationLines(), cycles: tellCycle, stuck: new StuckLines() }
    : undefined;
  const hints = wanted.hints ? new Hints() : undefined;
  const end = (): void => {
    trouble?.retries.end();
    hints?.end();
  };
  return { trouble, hints, end };
}

export function tell({ trouble, hints }: Tellers, news: News): void {
  switch (news.type) {
    case "retry":
      return trouble?.retries.tell(news.retry);
    case "starved":
      return trouble?.starvations.tell(news.starvation);
    case "unheard":
      return hints?.failed(news.failure, news.id);
    case "slowStore":
      return hints?.slowStore(news.folder);
    case "cycle":
      return trouble?.cycles(news.actors);
    case "short":
      return hints?.short(news.short);
  }
}
