// Where calls wait in a worker: in the inbox, those of tasks; in the mailbox of the actor that lives here, its own.
import type { Host, LeaseId } from "../protocol/daemon.ts";
import { Inbox } from "./inbox.ts";
import type { InboxEffect, InboxInput } from "./inbox-step.ts";
import { Mailbox } from "./mailbox.ts";

export class Desks {
  readonly #inbox = new Inbox();
  #mailbox: Mailbox | undefined;

  get mailbox(): Mailbox | undefined {
    return this.#mailbox;
  }

  /** An actor lives here from now on. */
  host(host: Host): Mailbox {
    this.#mailbox = new Mailbox(host);
    return this.#mailbox;
  }

  get running(): number {
    return this.#inbox.running + (this.#mailbox?.running ?? 0);
  }

  isPaused(lease: LeaseId, task: number): boolean {
    return this.#mailbox?.has(lease) === true ? this.#mailbox.isPaused(lease, task) : this.#inbox.isPaused(lease);
  }

  step(input: InboxInput): void {
    const mailbox = this.#mailbox;
    if (mailbox !== undefined && isFor(mailbox, input)) mailbox.step(input);
    else this.#inbox.step(input);
  }

  drain(): InboxEffect[] {
    const effects = this.#inbox.drain();
    return this.#mailbox === undefined ? effects : [...effects, ...this.#mailbox.drain()];
  }

  check(): void {
    this.#inbox.check();
    this.#mailbox?.check();
  }
}

function isFor(mailbox: Mailbox, input: InboxInput): boolean {
  if (input.type === "call") return input.call.method !== undefined;
  return input.type === "again" || mailbox.has(input.lease);
}
