// Questions to the daemon, and the promises that its answers keep.
import { sessionClosed } from "../../domain/failures.ts";
import type { Question, ToDaemon } from "../../protocol/daemon.ts";
import { deferred, type Deferred } from "../../std/deferred.ts";

type Named<Q> = Q extends string ? never : keyof Q;

/** What users call to ask it, where that is called otherwise. */
const callers: Readonly<Record<Named<Question>, string>> = {
  removeGroup: "removePlacementGroup",
  groupNamed: "getPlacementGroup",
};

function callerOf(question: Question): string {
  return `${typeof question === "string" ? question : callers[Object.keys(question)[0] as Named<Question>]}()`;
}

interface Asked {
  readonly question: Question;
  readonly answer: Deferred<unknown>;
}

export class Asks {
  readonly #asks = new Map<number, Asked>();
  readonly #tell: (message: ToDaemon) => void;
  #next = 1;
  #closed: { readonly reason: string; readonly orderly: boolean } | undefined;

  constructor(tell: (message: ToDaemon) => void) {
    this.#tell = tell;
  }

  get size(): number {
    return this.#asks.size;
  }

  ask(question: Question): Promise<unknown> {
    if (this.#closed !== undefined) return Promise.reject(sessionClosed({ what: callerOf(question), ...this.#closed }));
    const answer = deferred<unknown>();
    const ask = this.#next++;
    this.#asks.set(ask, { question, answer });
    this.#tell({ type: "ask", ask, question });
    return answer.promise;
  }

  answered(ask: number, answer: unknown): void {
    this.#asks.get(ask)?.answer.resolve(answer);
    this.#asks.delete(ask);
  }

  close(reason: string, orderly: boolean): void {
    this.#closed = { reason, orderly };
    for (const { question, answer } of this.#asks.values())
      answer.reject(sessionClosed({ what: callerOf(question), reason, orderly }));
    this.#asks.clear();
  }
}
