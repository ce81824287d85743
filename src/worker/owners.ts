// The direct channels of those who push calls to this worker: a socket in the session's folder, one connection per owner.
import type { ProcessId } from "../domain/id.ts";
import { workerEnd } from "../local/coding/direct.ts";
import { PROTOCOL_VERSION, type Hello, type OwnerToWorker, type WorkerToOwner } from "../protocol/hello.ts";
import type { FromWorker, ToWorker } from "../protocol/worker.ts";
import { Connection, type Predecessor, type Receiver } from "../wire/connection.ts";
import type { Duplex } from "../wire/duplex.ts";
import { listen } from "../wire/socket.ts";

/** Owners greet as soon as they are connected. When so many have not, the eldest is none: without an end they would take all memory. */
const STRANGERS_MAX = 256;

export interface OwnersHandler {
  message(owner: ProcessId, message: ToWorker): void;
  /** All messages that came together were handed in. */
  turn(): void;
}

type Channel = Connection<WorkerToOwner, OwnerToWorker>;

export class Owners {
  readonly #token: string;
  readonly #daemon: Predecessor;
  readonly #handler: OwnersHandler;
  readonly #channels = new Map<ProcessId, Channel>();
  readonly #written = new Set<Channel>();
  /** Have ended. What they may have sent before anybody here knew them is not taken any more. */
  readonly #departed = new Set<ProcessId>();
  readonly #atEnd = new Map<ProcessId, () => void>();
  /** Connected, and have not said who they are. */
  readonly #strangers = new Set<Channel>();

  constructor(token: string, daemon: Predecessor, handler: OwnersHandler) {
    this.#token = token;
    this.#daemon = daemon;
    this.#handler = handler;
  }

  /** Resolves when owners can connect. */
  async listen(path: string): Promise<void> {
    await listen(path, (duplex) => this.#accept(duplex));
  }

  /** To an owner that is gone: goes nowhere. */
  send(owner: ProcessId, message: FromWorker): void {
    const channel = this.#channels.get(owner);
    if (channel === undefined) return;
    this.#written.add(channel);
    channel.send(message);
  }

  /** Calls back when nothing more comes from this owner, which has ended. */
  departed(owner: ProcessId, then: () => void): void {
    this.#departed.add(owner);
    if (this.#channels.has(owner)) this.#atEnd.set(owner, then);
    else then();
  }

  flush(): void {
    if (this.#written.size === 0) return;
    for (const channel of this.#written) channel.flush();
    this.#written.clear();
  }

  /** Bytes that the kernel has not taken yet. */
  get waiting(): number {
    let bytes = 0;
    for (const channel of this.#channels.values()) bytes += channel.waiting;
    return bytes;
  }

  #accept(duplex: Duplex): void {
    const channel: Channel = new Connection(duplex, workerEnd, this.#daemon);
    let owner: ProcessId | undefined;
    this.#meet(channel);
    const receiver: Receiver<OwnerToWorker> = {
      message: (message) => {
        if (message.type === "hello") {
          owner = this.#welcome(message, channel);
        } else if (owner !== undefined) {
          this.#handler.message(owner, message);
        } else {
          channel.destroy();
        }
      },
      turn: () => this.#handler.turn(),
      closed: () => {
        this.#written.delete(channel);
        this.#strangers.delete(channel);
        if (owner !== undefined && this.#channels.get(owner) === channel) this.#left(owner);
      },
    };
    channel.open(receiver, "stranger");
  }

  #left(owner: ProcessId): void {
    this.#channels.delete(owner);
    const then = this.#atEnd.get(owner);
    this.#atEnd.delete(owner);
    then?.();
  }

  #meet(stranger: Channel): void {
    const [eldest] = this.#strangers;
    if (eldest !== undefined && this.#strangers.size >= STRANGERS_MAX) {
      this.#strangers.delete(eldest);
      eldest.destroy();
    }
    this.#strangers.add(stranger);
  }

  #welcome(hello: Hello, channel: Channel): ProcessId | undefined {
    const isOwner = hello.version === PROTOCOL_VERSION && hello.role === "owner" && hello.token === this.#token;
    if (!isOwner || this.#departed.has(hello.process)) {
      channel.destroy();
      return undefined;
    }
    this.#strangers.delete(channel);
    channel.trust();
    this.#channels.set(hello.process, channel);
    return hello.process;
  }
}
