// What a client is made with: who it is, its channels, and where goes what is no business of its brain.
import type { Identity } from "../../backend.ts";
import type { News } from "../../domain/news.ts";
import type { ObjectId, ProcessId } from "../../domain/id.ts";
import type { CallId } from "../../domain/task.ts";
import type { ClientToDaemon, DaemonToClient, Hello } from "../../protocol/hello.ts";
import type { Connection } from "../../wire/connection.ts";
import type { Duplex } from "../../wire/duplex.ts";
import type { OwnerInput } from "../owner/step.ts";
import type { Store } from "../store/store.ts";

/** What the daemon says that is no business of the owner brain. */
export type OtherMessage = Exclude<
  DaemonToClient,
  {
    type:
      | Extract<OwnerInput, { type: "daemon" }>["message"]["type"]
      | "workerLost"
      | "answer"
      | "collect"
      | "cycle"
      | "departed";
  }
>;

export interface ClientHooks {
  /** What is left over from the daemon. */
  other(message: OtherMessage): void;
  /** Calls back when nothing more comes from this process, which has ended, on a channel that it had opened itself. */
  departed(process: ProcessId, then: () => void): void;
  /** All messages that came together from the daemon or a worker have been handed in and carried out. */
  turn(): void;
  /** The daemon's channel has ended. */
  daemonGone(error: Error | undefined): void;
  /** `awaited`: for what it waits; undefined: it goes on. */
  blocked(call: CallId, awaited: (() => readonly ObjectId[]) | undefined): void;
  news(news: News): void;
  close(): Promise<void>;
}

export interface ClientOptions {
  readonly identity: Identity;
  readonly hello: Hello;
  readonly daemon: Connection<ClientToDaemon, DaemonToClient>;
  readonly connect: (address: string) => Duplex;
  readonly hooks: ClientHooks;
  /** Whether the process shall stay alive while somebody waits. */
  readonly keepsAlive: boolean;
  /** Without one everything goes inside messages. */
  readonly store: Store | undefined;
}
