// What a process has asked the daemon, and what is to be done with the answers.
import type { Question, ToDaemon } from "#src/protocol/daemon.js";

interface Asked {
  readonly question: Question;
  readonly answered: (answer: unknown) => void;
}

export class Asks {
  readonly #tellDaemon: (message: ToDaemon) => void;
  readonly #open = new Map<number, Asked>();
  #next = 1;

  constructor(tellDaemon: (message: ToDaemon) => void) {
    this.#tellDaemon = tellDaemon;
  }

  ask(question: Question, answered: (answer: unknown) => void = () => {}): void {
    const ask = this.#next++;
    this.#open.set(ask, { question, answered });
    this.#tellDaemon({ type: "ask", ask, question });
  }

  answered(ask: number, answer: unknown): void {
    const asked = this.#open.get(ask);
    this.#open.delete(ask);
    asked?.answered(answer);
  }

  /** No answer comes any more. */
  close(): void {
    for (const ask of [...this.#open.keys()]) this.answered(ask, undefined);
  }

  question(ask: number): Question | undefined {
    return this.#open.get(ask)?.question;
  }

  stories(): string[] {
    return [...this.#open.values()].map(({ question }) => `asks ${JSON.stringify(question)}`);
  }
}
