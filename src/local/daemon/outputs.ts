// Output of all workers on its way to the driver. What the driver has not acknowledged is kept: for its last moment, and as the
// measure of how far it is behind, at which the pipes of workers are held back.
import { Buffer } from "node:buffer";
import { renameSync, writeFileSync } from "node:fs";
import type { Output } from "../../protocol/hello.ts";
import { Deque } from "../../std/deque.ts";

/** Enough to keep a terminal busy; what is behind it waits in the pipes, and then the workers wait. */
const UNSEEN_BYTES_MAX = 16 * 1024 * 1024;

export class Outputs {
  readonly #send: (output: Output) => void;
  /** Called when workers may write on, or must wait. */
  readonly #hold: (held: boolean) => void;
  readonly #unseen = new Deque<Output>();
  #unseenBytes = 0;
  #next = 1;
  /** The number of the last output that the driver has shown. */
  #seen = 0;
  #held = false;

  constructor(send: (output: Output) => void, hold: (held: boolean) => void) {
    this.#send = send;
    this.#hold = hold;
  }

  get held(): boolean {
    return this.#held;
  }

  add(to: Output["to"], pid: number, name: string, text: Uint8Array): void {
    const output: Output = { type: "output", number: this.#next++, to, pid, name, text };
    this.#unseen.push(output);
    this.#unseenBytes += text.length;
    this.#send(output);
    this.#settle();
  }

  get lastSeen(): number {
    return this.#seen;
  }

  seen(number: number): void {
    this.#seen = Math.max(this.#seen, number);
    for (let first = this.#unseen.peek(); first !== undefined && first.number <= number; first = this.#unseen.peek()) {
      this.#unseen.shift();
      this.#unseenBytes -= first.text.length;
    }
    this.#settle();
  }

  /** Writes what the driver has not seen to a file that appears complete. */
  writeRest(after: number, file: string): void {
    this.seen(after);
    const rest = [...this.#unseen].map(({ to, pid, name, text }) => ({
      to,
      pid,
      name,
      text: Buffer.from(text).toString("utf8"),
    }));
    writeFileSync(`${file}.new`, JSON.stringify(rest), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }

  #settle(): void {
    const held = this.#unseenBytes > UNSEEN_BYTES_MAX;
    if (held === this.#held) return;
    this.#held = held;
    this.#hold(held);
  }
}
