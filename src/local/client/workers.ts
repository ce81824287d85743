// The direct channels of an owner: one to each worker it has pushed a call to, kept while that worker lives.
//
// A worker is lost when two things have come together: the daemon's word on how it ended, and the end of the channel, up to which
// results may still arrive.
import type { ProcessId } from "../../domain/id.ts";
import type { WorkerLost } from "../../protocol/daemon.ts";
import type { OwnerToWorker, WorkerToOwner } from "../../protocol/hello.ts";
import type { FromWorker, ToWorker } from "../../protocol/worker.ts";
import { startTimer } from "../../std/clock.ts";
import { Connection, type Predecessor } from "../../wire/connection.ts";
import type { Duplex } from "../../wire/duplex.ts";
import { ownerEnd } from "../coding/direct.ts";

/** The channel and the daemon hear of a death within moments of each other. Longer: the channel broke under a living worker. */
const SUSPECT_MS = 1_000;

export interface WorkerChannelHandler {
  message(worker: ProcessId, message: FromWorker): void;
  /** All messages that came together were handed in. */
  turn(): void;
  lost(lost: WorkerLost): void;
  suspect(worker: ProcessId, reason: string): void;
}

interface Channel {
  readonly connection: Connection<OwnerToWorker, WorkerToOwner>;
  lost: WorkerLost | undefined;
  /** Called when nothing more comes from there. */
  readonly atEnd: (() => void)[];
}

export class WorkerChannels {
  readonly #handler: WorkerChannelHandler;
  readonly #connect: (address: string) => Duplex;
  readonly #daemon: Predecessor;
  readonly #hello: OwnerToWorker;
  readonly #channels = new Map<ProcessId, Channel>();
  /** Have something to flush. */
  readonly #written = new Set<Channel>();
  /** The last one used: most effects of a turn go to few workers. */
  #last: { worker: ProcessId; channel: Channel } | undefined;

  constructor(
    handler: WorkerChannelHandler,
    connect: (address: string) => Duplex,
    daemon: Predecessor,
    hello: OwnerToWorker,
  ) {
    this.#handler = handler;
    this.#connect = connect;
    this.#daemon = daemon;
    this.#hello = hello;
  }

  send(worker: ProcessId, address: string, message: ToWorker): void {
    let channel = this.#last?.worker === worker ? this.#last.channel : this.#channels.get(worker);
    channel ??= this.#open(worker, address);
    if (this.#last?.channel !== channel) this.#last = { worker, channel };
    this.#written.add(channel);
    channel.connection.send(message);
  }

  flush(): void {
    if (this.#written.size === 0) return;
    for (const channel of this.#written) channel.connection.flush();
    this.#written.clear();
  }

  /** The daemon has said how it ended. */
  lost(lost: WorkerLost): void {
    const channel = this.#channels.get(lost.worker);
    if (channel === undefined || channel.connection.closed) return this.#gone(lost);
    channel.lost = lost;
  }

  /** Calls back when nothing more comes from this worker, which has ended: now, if it was never talked to. */
  whenOver(worker: ProcessId, then: () => void): void {
    const channel = this.#channels.get(worker);
    if (channel === undefined || channel.connection.closed) then();
    else channel.atEnd.push(then);
  }

  closeAll(): void {
    for (const { connection } of this.#channels.values()) connection.destroy();
    this.#channels.clear();
    this.#written.clear();
    this.#last = undefined;
  }

  #open(worker: ProcessId, address: string): Channel {
    const duplex = this.#connect(address);
    duplex.unref();
    const connection = new Connection(duplex, ownerEnd, this.#daemon);
    const channel: Channel = { connection, lost: undefined, atEnd: [] };
    this.#channels.set(worker, channel);
    connection.open({
      message: (message) => this.#handler.message(worker, message),
      turn: () => this.#handler.turn(),
      closed: (error) => this.#closed(worker, channel, error),
    });
    connection.send(this.#hello);
    // In a frame of its own: before it the worker takes nothing else.
    connection.flush();
    return channel;
  }

  #closed(worker: ProcessId, channel: Channel, error: Error | undefined): void {
    if (this.#channels.get(worker) !== channel) return;
    for (const then of channel.atEnd.splice(0)) then();
    if (channel.lost !== undefined) return this.#gone(channel.lost);
    const accuse = (): void => {
      if (this.#channels.get(worker) === channel) this.#handler.suspect(worker, unreachable(error));
    };
    startTimer(SUSPECT_MS, accuse, { keepsAlive: false });
  }

  #gone(lost: WorkerLost): void {
    const { worker } = lost;
    this.#channels.delete(worker);
    if (this.#last?.worker === worker) this.#last = undefined;
    this.#handler.lost(lost);
    this.#handler.turn();
  }
}

function unreachable(error: Error | undefined): string {
  const what = `process ${process.pid}, which had submitted the call, could not reach it`;
  const why = error === undefined ? "the connection was closed" : error.message;
  const advice = why.includes("EMFILE")
    ? ` (too many open files in process ${process.pid}: close some, or raise the limit, \`ulimit -n\`)`
    : "";
  return `${what}: ${why}${advice}`;
}
