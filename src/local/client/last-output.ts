// What workers wrote just before a driver ends without shutdown: nothing can be awaited any more, so it is asked for and read in place.
import { readFileSync } from "node:fs";
import type { Connection } from "../../wire/connection.ts";
import type { ClientToDaemon, DaemonToClient } from "../../protocol/hello.ts";
import { monotonicMs } from "../../std/clock.ts";
import { restFile } from "../folder.ts";
import type { Printer } from "./printer.ts";
import type { Line } from "./styles.ts";

/** The daemon answers in about a millisecond, unless the machine is busy; a daemon that was just killed never does. */
const ANSWER_MS = 1_500;
const POLL_MS = 0.5;

export class LastOutput {
  readonly #folder: string;
  readonly #printer: Printer;
  readonly #daemon: Connection<ClientToDaemon, DaemonToClient>;
  readonly #onExit: () => void = () => this.#print();

  constructor(folder: string, printer: Printer, daemon: Connection<ClientToDaemon, DaemonToClient>) {
    this.#folder = folder;
    this.#printer = printer;
    this.#daemon = daemon;
    process.on("exit", this.#onExit);
  }

  cancel(): void {
    process.off("exit", this.#onExit);
  }

  #print(): void {
    this.#printer.finishNow();
    this.#printer.printNow(this.#askForRest());
  }

  #askForRest(): Line[] {
    if (this.#daemon.closed) return [];
    this.#daemon.send({ type: "rest", after: this.#printer.received });
    this.#daemon.flush();
    const sleeper = new Int32Array(new SharedArrayBuffer(4));
    for (const deadline = monotonicMs() + ANSWER_MS; monotonicMs() < deadline; Atomics.wait(sleeper, 0, 0, POLL_MS)) {
      const rest = this.#read();
      if (rest !== undefined) return rest;
    }
    return [];
  }

  #read(): Line[] | undefined {
    try {
      return JSON.parse(readFileSync(restFile(this.#folder), "utf8")) as Line[];
    } catch {
      return undefined;
    }
  }
}
