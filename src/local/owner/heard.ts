// Refs that have come from other processes, as far as the daemon was not told of them.
import type { ObjectId, ProcessId } from "../../domain/id.ts";
import type { ToDaemon } from "../../protocol/daemon.ts";

/** From one process, before the daemon is told: it keeps account of what it was not told of. */
const UNTOLD_MAX = 100;

export class Heard {
  readonly #untold = new Map<ProcessId, ObjectId[]>();
  readonly #tell: (message: ToDaemon) => void;

  constructor(tell: (message: ToDaemon) => void) {
    this.#tell = tell;
  }

  note(ids: readonly ObjectId[], process: ProcessId): void {
    if (ids.length === 0) return;
    let untold = this.#untold.get(process);
    if (untold === undefined) this.#untold.set(process, (untold = []));
    for (const id of ids) untold.push(id);
    if (untold.length >= UNTOLD_MAX) this.#say(process, false);
  }

  /** Nothing more comes from there. */
  departed(process: ProcessId): void {
    this.#say(process, true);
  }

  #say(process: ProcessId, last: boolean): void {
    const ids = this.#untold.get(process) ?? [];
    this.#untold.delete(process);
    this.#tell({ type: "heard", process, ids, last });
  }
}
