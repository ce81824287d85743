// Whether the machine has the memory for one more process with an actor. Tasks have a few processes and share them; actors have one each,
// as many as a program makes. So they wait while there is no room, and are refused when there is none for long: the system would end
// processes, whichever it finds.
import { memoryShareMax, processBytes } from "../../domain/limits.ts";
import type { WorkerLoss } from "../../domain/object.ts";
import { isLendable } from "../../domain/resources.ts";
import { megabytes } from "../../std/megabytes.ts";
import type { Demands } from "./demands.ts";
import type { Demand } from "./lease.ts";
import type { MemoryLook } from "./step.ts";
import { Supply, type Places } from "./supply.ts";
import type { Workers } from "./workers.ts";

/** 3 s in which no process has begun, and nothing has become free. */
const NO_ROOM_TICKS = 30;

export class Room {
  readonly #workers: Workers;
  readonly #demands: Demands;
  readonly #places: Places;
  readonly #refuse: (demand: Demand, loss: WorkerLoss) => void;
  #seen: MemoryLook | undefined;
  /** Somebody would have had more. */
  #lacked = false;
  #ticks = 0;

  constructor(workers: Workers, demands: Demands, places: Places, refuse: (demand: Demand, loss: WorkerLoss) => void) {
    this.#workers = workers;
    this.#demands = demands;
    this.#places = places;
    this.#refuse = refuse;
  }

  /** True: whoever was turned away may ask again. */
  looked(seen: MemoryLook): boolean {
    const lacked = this.#lacked;
    this.#seen = seen;
    this.#lacked = false;
    return lacked;
  }

  /** For so many processes more than run. What those have that are starting may not show yet. */
  has(more: number): boolean {
    if (this.#seen === undefined) return true;
    const { usedBytes, totalBytes } = this.#seen;
    const fits = usedBytes + more * processBytes <= totalBytes * memoryShareMax;
    if (!fits) this.#lacked = true;
    return fits;
  }

  /** An actor that asks for a process now; of tasks it is never asked. */
  isFor({ actor }: Demand): boolean {
    return actor === undefined || this.has(this.#workers.starting + 1);
  }

  /** Actors have waited for nothing but a process, since the last tick. */
  get isLacking(): boolean {
    return this.#ticks > 0;
  }

  tick(): void {
    const waiting = this.has(1) || this.#workers.starting > 0 ? [] : this.#waiting();
    this.#ticks = waiting.length === 0 ? 0 : this.#ticks + 1;
    if (this.#ticks < NO_ROOM_TICKS || this.#seen === undefined) return;
    this.#ticks = 0;
    const loss = lossFor(this.#seen, this.#workers);
    for (const demand of waiting) this.#refuse(demand, loss);
  }

  /** Actors that lack nothing but a process, or CPUs, which are soon free. */
  #waiting(): Demand[] {
    const supply = new Supply(this.#places);
    return [...this.#demands].filter((demand) => {
      if (demand.actor === undefined || demand.lacking === 0) return false;
      return [...supply.shortOf(demand).values()].flat().every(isLendable);
    });
  }
}

function lossFor({ usedBytes, totalBytes, byWorker }: MemoryLook, { all }: Workers): WorkerLoss {
  const sizes = [...all.values()].flatMap(({ id, actor }) => (actor === undefined ? [] : [byWorker.get(id) ?? 0]));
  const sum = sizes.reduce((before, bytes) => before + bytes, 0);
  const theirs =
    sizes.length === 0
      ? "no other actor lives"
      : `${sizes.length} ${sizes.length === 1 ? "actor lives" : "actors live"} in processes that have ${megabytes(sum)}, ${megabytes(sum / sizes.length)} each`;
  const share = ((100 * usedBytes) / totalBytes).toFixed(1);
  const reason = `${share} % of the ${megabytes(totalBytes)} of this machine are in use, and another one takes some ${megabytes(processBytes)}; ${theirs}`;
  return { pid: 0, exitCode: null, signal: null, lastStderr: "", reason, outOfMemory: true };
}
