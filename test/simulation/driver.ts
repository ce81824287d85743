// A simulated driver: runs root programs side by side until the world stops, or until it dies or leaves.
import { definitionId, type DefinitionId, type ObjectId, type ProcessId } from "#src/domain/id.js";
import type { FromDaemon } from "#src/protocol/daemon.js";
import { Client } from "./client.ts";
import type { Machine } from "./machine.ts";
import { Frame } from "./frame.ts";
import type { Ending, FrameHost } from "./host.ts";
import { must } from "./violation.ts";
import { encodeValue, type Program } from "./program.ts";

const AFTERLIFE_STEPS = 200;

export class Driver extends Client implements FrameHost<Frame> {
  readonly client: this = this;
  readonly #defined: ObjectId[] = [];
  #definitions = 0;

  constructor(id: ProcessId, world: Machine) {
    super(id, world);
    this.write(this.toDaemon, { kind: "hello" });
  }

  /** Functions are shipped before the first call that names them; what they captured is pinned for the life of the job. */
  #define(): void {
    const { random, profile } = this.world;
    for (; this.#definitions < profile.definitions; this.#definitions += 1) {
      const label = this.#definitions;
      const captured = random.chance(0.3)
        ? [this.put(encodeValue(label, []), { kind: "value", label, refs: [] }, false)]
        : [];
      this.world.captured.push(...captured);
      this.#defined.push(...captured);
      const definition = definitionId(this.id, this.#definitions);
      this.shipping.define(definition, encodeValue(label, captured));
      // Calls name it too, wherever they run.
      this.step({ type: "definition", message: { type: "travels", definition } });
    }
  }

  /** The module that captured these is done with them. */
  forgetCaptured(): void {
    for (const id of this.#defined.splice(0)) this.release(id);
  }

  get hungry(): boolean {
    return this.frames.size < this.world.profile.rootsMax;
  }

  begin(): void {
    this.#define();
    const frame = new Frame(this.world.programs.root(), this.id, this, undefined, { callId: 0 });
    this.frames.add(frame);
    this.world.runnable.add(frame);
    this.world.hungry.set(this, this.hungry);
    this.world.count("roots begun");
  }

  definitionFor(program: Program): DefinitionId {
    return definitionId(this.id, program.definition);
  }

  waits(frame: Frame, waiting: boolean): void {
    this.world.runnable.set(frame, !waiting);
  }

  spins(): boolean {
    return this.world.violated("the simulation itself", "a driver spins");
  }

  yields(): boolean {
    return this.world.violated("the simulation itself", "a driver is no stream");
  }

  keeps(): void {
    return this.world.violated("the simulation itself", "a driver is no actor");
  }

  ended(frame: Frame, _ending: Ending): void {
    this.world.runnable.delete(frame);
    this.frames.delete(frame);
    frame.dropAll();
    this.world.hungry.set(this, this.hungry && !this.world.stopping);
    this.world.count("roots ended");
  }

  /** User code does not stop because the session has ended: it goes on, and is told so wherever it waits. */
  goOnAlone(): void {
    for (const frame of [...this.frames]) {
      for (let steps = 0; steps < AFTERLIFE_STEPS && !frame.ended; steps += 1) {
        frame.step();
        this.drain();
        must(
          !frame.waiting,
          "every wait ends when the session has",
          () => `${this.id} waits for ${frame.waitsFor.join(" ")}`,
        );
      }
    }
    this.owner.check();
    must(this.owner.settled, "nothing is begun after the end", () => this.owner.stories().join("\n"));
  }

  daemonSays(message: FromDaemon): void {
    if (
      message.type === "leased" ||
      message.type === "recall" ||
      message.type === "retire" ||
      message.type === "host" ||
      message.type === "cycle" ||
      message.type === "definition" ||
      message.type === "forget"
    ) {
      return this.world.violated("drivers are no workers", JSON.stringify(message));
    }
    this.clientMessage(message);
  }
}
