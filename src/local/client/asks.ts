// Questions to the daemon, and the promises that its answers keep.
import { sessionClosed } from "../../domain/failures.ts";
import type { Question, ToDaemon } from "../../protocol/daemon.ts";
import { deferred, type Deferred } from "../../std/deferred.ts";

export class Asks {
  readonly #asks = new Map<number, Deferred<unknown>>();
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
    if (this.#closed !== undefined) return Promise.reject(sessionClosed({ what: "the question", ...this.#closed }));
    const answer = deferred<unknown>();
    const ask = this.#next++;
    this.#asks.set(ask, answer);
    this.#tell({ type: "ask", ask, question });
    return answer.promise;
  }

  answered(ask: number, answer: unknown): void {
    this.#asks.get(ask)?.resolve(answer);
    this.#asks.delete(ask);
  }

  close(reason: string, orderly: boolean): void {
    this.#closed = { reason, orderly };
    for (const ask of this.#asks.values()) ask.reject(sessionClosed({ what: "the question", reason, orderly }));
    this.#asks.clear();
  }
}
