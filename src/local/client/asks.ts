// Questions to the daemon, and the promises that its answers keep.
import { sessionClosed } from "../../domain/failures.ts";
import type { Question, ToDaemon } from "../../protocol/daemon.ts";
import { deferred, type Deferred } from "../../std/deferred.ts";

/** What users call to ask it, where that is called otherwise: by the first field of the question. */
const callers: Readonly<Record<string, string>> = {
  removeGroup: "removePlacementGroup",
  isReserved: "wait",
  groupNamed: "getPlacementGroup",
  killActor: "kill",
  actorNamed: "getActor",
  namedActors: "listNamedActors",
};

function callerOf(question: Question): string {
  const asked = typeof question === "string" ? question : (Object.keys(question)[0] ?? "");
  return `${callers[asked] ?? asked}()`;
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
