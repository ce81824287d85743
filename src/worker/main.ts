// A worker's process: runs user functions for whoever holds a lease on it, and is itself a client of the cluster.
//
//   Start:  1. settings   2. channel to the daemon, inherited   3. session for user code   4. socket for owners   5. `ready`
//           6. the kernel is asked to end it with the daemon
//   It ends when the daemon's channel closes, when it is retired and has nothing left to do, and when user code ends it.
import { adopt } from "../api/adopt.ts";
import { currentCall, slot } from "../api/slot.ts";
import { makeTellers, tell } from "../api/tellers.ts";
import { fileNameFor, load } from "../codec/imports.ts";
import { setWorker } from "../codec/modules.ts";
import type { ObjectId, ProcessId } from "../domain/id.ts";
import { payloadsIn, refsInAll, type Payload } from "../domain/object.ts";
import type { CallId } from "../domain/task.ts";
import { Client } from "../local/client/client.ts";
import type { OtherMessage } from "../local/client/options.ts";
import { clientEnd } from "../local/coding/daemon.ts";
import { workerSocket } from "../local/folder.ts";
import { Store } from "../local/store/store.ts";
// What nearly every task imports is here before the first one asks for it.
// oxlint-disable-next-line import/no-unassigned-import -- loaded for what it is, and used by user code
import "../index.ts";
import { PROTOCOL_VERSION, WORKER_SETTINGS, type Hello, type WorkerSettings } from "../protocol/hello.ts";
import type { ToWorker } from "../protocol/worker.ts";
import { inNextTurn } from "../std/turns.ts";
import { Connection } from "../wire/connection.ts";
import { connect, guardDescriptors, inherited } from "../wire/socket.ts";
import { Awaiting } from "./awaiting.ts";
import { descriptorsOfNode } from "./descriptors.ts";
import { Endings } from "./endings.ts";
import { Functions } from "./functions.ts";
import { OutputLabels } from "./output.ts";
import { Owners } from "./owners.ts";
import { dieWithParent } from "./parent-death.ts";
import type { Resident } from "./resident.ts";
import { Runner } from "./runner.ts";

/** The daemon's end of the channel. */
const DAEMON_FD = 3;

class Worker {
  readonly #settings: WorkerSettings;
  readonly #address: string;
  readonly #daemon = new Connection(inherited(DAEMON_FD), clientEnd);
  readonly #client: Client;
  readonly #owners: Owners;
  readonly #functions: Functions;
  readonly #runner: Runner;
  readonly #endings: Endings;
  readonly #labels: OutputLabels;
  readonly #awaiting = new Awaiting((message) => {
    this.#daemon.send(message);
    this.#flush();
  });
  /** Hints are for the driver: what is said of its calls can be read there, with their places. */
  readonly #tellers = makeTellers({ trouble: true, hints: false });
  #guarded = false;

  constructor(settings: WorkerSettings) {
    guardDescriptors(descriptorsOfNode(), (descriptor) => this.#stolen(descriptor));
    this.#settings = settings;
    this.#address = workerSocket(settings.folder, settings.process);
    this.#labels = new OutputLabels(settings.mark, () => currentCall()?.taskName);
    this.#functions = new Functions((definition) => this.#client.tellDaemon({ type: "fetch", definition }));
    this.#owners = new Owners(settings.token, this.#daemon, {
      message: (owner, message) => this.#fromOwner(owner, message),
      turn: () => this.#runner.pump(),
    });
    this.#runner = new Runner({
      load: (definition) => this.#functions.load(definition),
      toOwner: (owner, message) => this.#owners.send(owner, message),
      toDaemon: (message) => this.#daemon.send(message),
      sending: (payloads, to) => {
        this.#client.step({ type: "sending", ids: refsInAll(payloads), to });
        this.#drop(payloads);
        this.#client.carryOut();
      },
      drop: (payloads) => this.#drop(payloads),
      received: (ids, from) => this.#client.step({ type: "received", ids, ...(from !== undefined && { from }) }),
      settled: (ids) => this.#client.step({ type: "settled", ids }),
      cancelChildren: (parent, cancel) => this.#client.step({ type: "cancelChildren", parent, cancel }),
      actorFailed: (id, cause) => {
        this.#client.step({ type: "actorFailed", id, cause });
        this.#drop(payloadsIn({ kind: cause.kind, ...(cause.kind === "thrown" ? { thrown: cause.thrown } : {}) }));
      },
      actorLeaves: () => this.#leaveActor(),
      flush: () => this.#flush(),
      broken: (error) => this.#endings.breakDown(error),
      unsound: (part) => this.#endings.giveUp(part),
      announce: (name) => this.#labels.announce(name),
    });
    this.#endings = new Endings(this.#runner, {
      toOwner: (owner, message) => this.#owners.send(owner, message),
      flush: () => this.#flush(),
      waiting: () => this.#owners.waiting + this.#daemon.waiting,
    });
    this.#client = this.#makeClient();
  }

  async start(): Promise<void> {
    setWorker(this.#settings);
    adopt(this.#client);
    this.#endings.install();
    await this.#owners.listen(this.#address);
    const { setup } = this.#settings;
    if (setup !== undefined)
      await this.#endings.setUp(() =>
        load({ how: "import", specifier: setup, parent: fileNameFor(""), attribute: undefined }),
      );
    this.#daemon.send({ type: "ready" });
    this.#daemon.flush();
    inNextTurn(() => this.#guard());
  }

  #drop(payloads: readonly Payload[]): void {
    for (const payload of payloads) this.#client.drop(payload);
  }

  #stolen(descriptor: number): void {
    const reason = `a task in it had closed the file descriptor ${descriptor}, which was not its own: Node or ray-ts needs it`;
    // To end by itself it would need Node, and all of its descriptors.
    this.#client.tellDaemon({ type: "suspect", worker: this.#settings.process, reason });
  }

  #makeClient(): Client {
    const { sessionId, jobId, nodeId, namespace, gpus, token, process: processId } = this.#settings;
    const hello: Hello = {
      type: "hello",
      version: PROTOCOL_VERSION,
      role: "worker",
      process: processId,
      pid: process.pid,
      token,
      address: this.#address,
    };
    return new Client({
      identity: {
        kind: "local",
        address: "local",
        sessionId,
        jobId,
        nodeId,
        processId,
        namespace,
        gpus,
        dashboardUrl: undefined,
      },
      hello,
      daemon: this.#daemon,
      connect,
      keepsAlive: false,
      store: new Store(this.#settings.store, this.#settings.storeNumber),
      hooks: {
        other: (message) => this.#fromDaemon(message),
        departed: (owner, then) => this.#owners.departed(owner, then),
        turn: () => this.#runner.pump(),
        daemonGone: () => this.#endings.exitNow(0),
        blocked: (call, awaited) => this.#blocked(call, awaited),
        news: (news) => tell(this.#tellers, news),
        // The session is the driver's to end.
        close: () => Promise.resolve(),
      },
    });
  }

  #blocked(call: CallId, awaited: (() => readonly ObjectId[]) | undefined): void {
    const execution = this.#runner.running(call)?.execution;
    if (awaited === undefined) this.#awaiting.unblocked(call);
    else if (execution !== undefined) {
      const { actor, taskId } = execution;
      const makers = (): readonly ObjectId[] => this.#client.owner.makersOf(awaited());
      this.#awaiting.blocked(call, actor?.sole === true ? actor.id : taskId, makers);
    }
    // What it has just submitted is asked for before its CPUs are lent: they may be for that.
    if (awaited !== undefined) {
      this.#client.step({ type: "flush" });
      this.#client.carryOut();
    }
    this.#runner.blocked(call, awaited !== undefined);
  }

  #fromDaemon(message: OtherMessage): void {
    switch (message.type) {
      case "leased":
        return this.#runner.leased(message.lease, message.owner);
      case "recall":
        return this.#runner.recall(message.lease, message.when);
      case "definition":
        // Refs inside live as long as the function can be called.
        if (message.payload !== undefined) this.#client.step({ type: "received", ids: message.payload.refs });
        return this.#functions.arrived(message);
      case "forget":
        slot.session?.definitions.delete(message.definition);
        this.#runner.forget(message.definition);
        return this.#client.step({ type: "settled", ids: this.#functions.forget(message.definition) });
      case "host":
        this.#guard();
        this.#runner.host(message);
        return this.#runner.pump();
      case "retire":
        return this.#retire();
      case "cleanUp":
        if (slot.session !== undefined) slot.session.closed = true;
        this.#runner.resident?.hurry();
        return this.#retire();
      default:
        return;
    }
  }

  #fromOwner(owner: ProcessId, message: ToWorker): void {
    if (message.type === "withdraw") return this.#runner.withdraw(owner, message.lease, message.count);
    if (message.type === "cancel") return this.#runner.cancel(owner, message.lease, message.task, message.stop);
    if (message.type === "read") return this.#runner.read(owner, message.lease, message.task, message.count);
    if (message.type === "again") return this.#runner.again(message.lease, message.group);
    this.#guard();
    this.#runner.call(owner, message);
  }

  /** Before the first call: from then on this process may be in a loop that nothing but the kernel ends. */
  #guard(): void {
    if (this.#guarded) return;
    this.#guarded = true;
    dieWithParent(this.#settings.daemonPid, () => this.#endings.exitNow(0));
  }

  /** First what concerns the daemon: holds for refs that are about to leave. */
  #flush(): void {
    this.#client.flush();
    this.#owners.flush();
  }

  /** By itself. */
  #leaveActor(): void {
    const { resident } = this.#runner;
    if (resident === undefined) return;
    this.#daemon.send({ type: "actorLeaves", id: resident.id });
    void this.#endActor(resident);
  }

  async #endActor(resident: Resident): Promise<void> {
    await resident.leave(() => this.#runner.idle);
    this.#endings.exitInOrder();
  }

  #retire(): void {
    const { resident } = this.#runner;
    if (resident !== undefined) return void this.#endActor(resident);
    this.#flush();
    // What somebody is slow to read would end with this process.
    const unread = this.#owners.waiting + this.#daemon.waiting > 0;
    if (unread || !this.#runner.idle || !this.#client.owner.settled) {
      this.#daemon.send({ type: "ready" });
      return;
    }
    this.#endings.exitNow(0);
  }
}

function main(): void {
  const text = process.env[WORKER_SETTINGS];
  if (text === undefined) throw new Error("A worker is started by the daemon of a session, not by hand.");
  delete process.env[WORKER_SETTINGS];
  // The folder is there for who looks at the processes of the machine; to user code it would be an argument.
  process.argv.length = 2;
  void new Worker(JSON.parse(text) as WorkerSettings).start();
}

main();
