// Calls that are tried again, at once or after a while.
import type { News } from "../domain/news.ts";
import type { Payload } from "../domain/object.ts";
import { delayBefore } from "../domain/task.ts";
import { Alarms } from "../std/alarms.ts";
import { jittered } from "../std/random.ts";
import type { Task } from "./task.ts";

export class Retries {
  readonly #onNews: (news: News) => void;
  readonly #enqueue: (task: Task) => void;
  readonly #delays = new Alarms<Task>(() => {});

  constructor(onNews: (news: News) => void, enqueue: (task: Task) => void) {
    this.#onNews = onNews;
    this.#enqueue = enqueue;
  }

  again(task: Task, thrown: Payload): void {
    const { name, site, maxRetries, retryDelay } = task.spec;
    task.attempt += 1;
    const attemptsMax = maxRetries < 0 ? undefined : maxRetries + 1;
    const retry = { name, site, attempt: task.attempt, attemptsMax, loss: undefined, thrown };
    this.#onNews({ type: "retry", retry });
    if (retryDelay === undefined) return this.#enqueue(task);
    task.delayed = true;
    const ms = delayBefore(task.attempt, retryDelay);
    this.#delays.time(task, retryDelay.jitter ? jittered(ms) : ms, () => {
      task.delayed = false;
      this.#enqueue(task);
    });
  }

  /** It has ended meanwhile. */
  finished(task: Task): void {
    if (task.delayed) this.#delays.clear(task);
  }

  clear(): void {
    this.#delays.clearAll();
  }
}
