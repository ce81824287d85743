// What only the daemon knows: the part of a backend that asks it.
import type { ActorFound, ActorName, KillActor, NodeInfo } from "../../backend.ts";
import type { ActorId } from "../../domain/actor.ts";
import type { GroupId } from "../../domain/placement.ts";
import type { GroupsNamed, ToDaemon } from "../../protocol/daemon.ts";
import { Asks } from "./asks.ts";

export abstract class Questions {
  protected readonly asks: Asks = new Asks((message) => this.tellDaemon(message));

  abstract tellDaemon(message: ToDaemon): void;

  /** The daemon has counted a hold of this process: it is taken over by whoever asked. */
  protected abstract takeOver(id: ActorId): void;

  async killActor(actor: ActorId, { restart, site }: KillActor): Promise<void> {
    const by = site.text === "" ? "by ray.kill" : `by ray.kill at ${site.text}`;
    await this.asks.ask({ killActor: actor, restart, by });
  }

  async actorNamed(name: string, namespace: string): Promise<ActorFound> {
    const found = (await this.asks.ask({ actorNamed: name, namespace })) as ActorFound;
    if (found.actor !== undefined) this.takeOver(found.actor.id);
    return found;
  }

  namedActors(namespace: string | undefined): Promise<readonly ActorName[]> {
    return this.asks.ask({ namedActors: namespace }) as Promise<readonly ActorName[]>;
  }

  async removeGroup(id: GroupId): Promise<void> {
    await this.asks.ask({ removeGroup: id });
  }

  isReserved(id: GroupId): Promise<boolean> {
    return this.asks.ask({ isReserved: id }) as Promise<boolean>;
  }

  groupNamed(name: string): Promise<GroupsNamed> {
    return this.asks.ask({ groupNamed: name }) as Promise<GroupsNamed>;
  }

  clusterResources(): Promise<Record<string, number>> {
    return this.asks.ask("clusterResources") as Promise<Record<string, number>>;
  }

  availableResources(): Promise<Record<string, number>> {
    return this.asks.ask("availableResources") as Promise<Record<string, number>>;
  }

  nodes(): Promise<NodeInfo[]> {
    return this.asks.ask("nodes") as Promise<NodeInfo[]>;
  }
}
