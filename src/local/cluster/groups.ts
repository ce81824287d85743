// Placement groups: what is reserved for whom, whose turn it is to be reserved, and what goes when its maker does.
//
//   (none)     not heard of yet, or no more        in no collection: whether its maker may still speak of it is in `latest`
//   refused    never to be: it asks for too much, or its name was taken
//   pending    waits until there is enough         in the line, in the order in which they were made
//   reserved   its bundles are taken from the node
//   leaving    given up, and calls that had something of it are ending
import { GroupLine } from "../../domain/group-line.ts";
import { numberOf, ownerOf, type ProcessId } from "../../domain/id.ts";
import { ANY_BUNDLE, groupRefusalOf, reserved, sumOf } from "../../domain/placement.ts";
import type { GroupEnd, GroupId, GroupPlace, GroupPlan } from "../../domain/placement.ts";
import { granted, minus, plus, touches, type Resources } from "../../domain/resources.ts";
import { noEnv } from "../../domain/runtime-env.ts";
import type { Failure } from "../../domain/object.ts";
import type { FromDaemon, GroupsNamed, ToDaemon } from "../../protocol/daemon.ts";
import { demandFor } from "./demands.ts";
import type { Demand, Pool } from "./lease.ts";
import type { Supply } from "./supply.ts";

type Creation = Extract<ToDaemon, { type: "createGroup" }>;

export interface Group {
  readonly plan: GroupPlan;
  readonly name: string;
  readonly detached: boolean;
  readonly creator: ProcessId;
  /** The driver from whose program it was made. */
  readonly job: ProcessId | undefined;
  state: "refused" | "pending" | "reserved" | "leaving";
  /** Why calls in it fail, beyond what they ask for. */
  end: GroupEnd | undefined;
  bundles: readonly Pool[];
  /** For its turn to be reserved: as if all of it were one call. */
  readonly wish: Demand;
  /** Later ones have a higher one. */
  readonly turn: number;
  /** Ticks since it was given up. */
  ticks: number;
}

interface Ask {
  readonly process: ProcessId;
  readonly ask: number;
}

export class Groups {
  readonly #node: Pool;
  readonly #groups = new Map<GroupId, Group>();
  readonly #names = new Map<string, Group>();
  readonly #line = new GroupLine<Group>();
  #turns = 0;
  readonly #reserved = new Set<GroupId>();
  readonly leaving: Set<Group> = new Set();
  /** The last group that each living process has made. */
  readonly #latest = new Map<ProcessId, number>();
  /** Who is to hear that a group is gone; also of one that is not there yet, because its maker's message is on its way. */
  readonly #asks = new Map<GroupId, Ask[]>();
  /** Who has wanted something in a group that is not gone. */
  readonly #users = new Map<GroupId, Set<ProcessId>>();
  /** Gone, or never to be made, and nobody has been told. */
  readonly #ended = new Set<GroupId>();
  readonly #send: (to: ProcessId, message: FromDaemon) => void;
  readonly #alive: (process: ProcessId) => boolean;

  constructor(node: Pool, send: (to: ProcessId, message: FromDaemon) => void, alive: (process: ProcessId) => boolean) {
    this.#node = node;
    this.#send = send;
    this.#alive = alive;
  }

  /** False: it is not there, and never will be. */
  create({ plan, name, detached }: Creation, creator: ProcessId, job: ProcessId | undefined): boolean {
    const { id } = plan;
    // Whatever code of a task has done to its process: what others have made is theirs.
    if (ownerOf(id) !== creator || !this.#expected(id)) return false;
    this.#latest.set(creator, numberOf(id));
    const orphan = !detached && job !== undefined && !this.#alive(job);
    // Its removal came faster, or its job has ended before it was made.
    if (orphan || this.#asks.has(id)) {
      this.#ended.add(id);
      this.#answer(id);
      return false;
    }
    const request = { resources: sumOf(plan.bundles) };
    const end = this.#names.has(name) ? "nameTaken" : undefined;
    const never = groupRefusalOf(plan, this.#node.total) !== undefined;
    const wish = demandFor(creator, { shape: id, request, env: noEnv, name: titleOf(name, id), lacking: 1 });
    const state = never || end !== undefined ? "refused" : "pending";
    const turn = (this.#turns += 1);
    const group: Group = { plan, name, detached, creator, job, state, end, bundles: [], wish, turn, ticks: 0 };
    this.#groups.set(id, group);
    if (name !== "" && end === undefined) this.#names.set(name, group);
    if (state === "pending") this.#line.add(group);
    if (end !== undefined) this.#ended.add(id);
    return end === undefined;
  }

  /** Answered when it is gone. */
  remove(id: GroupId, ask: Ask): void {
    const asks = this.#asks.get(id);
    if (asks === undefined) this.#asks.set(id, [ask]);
    else asks.push(ask);
    const group = this.#groups.get(id);
    if (group !== undefined) this.#giveUp(group, "removed");
    else if (!this.#expected(id)) this.#answer(id);
  }

  /** A process has ended: by a crash, or in order, as a worker that is not needed any more. A driver's groups go with it in any case. */
  gone(process: ProcessId, crashed: boolean): void {
    this.#latest.delete(process);
    for (const [id, users] of this.#users) {
      users.delete(process);
      if (ownerOf(id) === process && !this.#groups.has(id)) this.#ended.add(id);
    }
    for (const group of [...this.#groups.values()]) {
      const { detached, creator, job } = group;
      if (!detached && (job === process || (crashed && creator === process))) this.#giveUp(group, "creatorGone");
    }
    for (const id of [...this.#asks.keys()]) if (!this.#groups.has(id) && !this.#expected(id)) this.#answer(id);
  }

  /** Why calls in it fail. Undefined: they can run, now or when it is there. */
  #endOf(id: GroupId): GroupEnd | undefined {
    const group = this.#groups.get(id);
    if (group !== undefined) return group.end;
    if (this.#expected(id)) return undefined;
    return this.#alive(ownerOf(id)) ? "removed" : "creatorGone";
  }

  /** Whoever has wanted something in a group hears when it is gone, also when what was to run there waits for something else by then. */
  wanted({ owner, lacking, request: { group } }: Demand): void {
    if (group === undefined || lacking === 0) return;
    const users = this.#users.get(group.id) ?? new Set();
    this.#users.set(group.id, users.add(owner));
    this.#tellUsersOf(group.id);
  }

  /** Which have ended since the last time. */
  tell(): readonly GroupId[] {
    const ended = [...this.#ended];
    this.#ended.clear();
    for (const group of ended) this.#tellUsersOf(group);
    return ended;
  }

  #tellUsersOf(group: GroupId): void {
    const why = this.#endOf(group);
    if (why === undefined) return;
    const users = this.#users.get(group) ?? [];
    this.#users.delete(group);
    const name = this.#groups.get(group)?.name ?? "";
    for (const owner of users) this.#send(owner, { type: "groupGone", group, name, why });
  }

  /** In a group that is gone: it gets nothing more. Why, as what it is for is told. */
  endIfGone({ request: { group }, name, leases }: Demand): Extract<Failure, { kind: "groupGone" }> | undefined {
    const why = group && this.#endOf(group.id);
    if (group === undefined || why === undefined) return undefined;
    const groupName = this.#groups.get(group.id)?.name ?? "";
    return { kind: "groupGone", name, begun: leases.size > 0, group: group.id, groupName, why, site: "" };
  }

  named(name: string): GroupsNamed {
    return { plan: this.#names.get(name)?.plan, names: [...this.#names.keys()] };
  }

  /** What is given up goes back as soon as nothing of it is in use. */
  sweep(): void {
    for (const group of this.leaving) {
      if (group.bundles.some(({ leases }) => leases > 0)) continue;
      this.leaving.delete(group);
      this.#forget(group);
    }
  }

  isReserved(id: GroupId): boolean {
    return this.#reserved.has(id);
  }

  get reserved(): Iterable<GroupId> {
    return this.#reserved;
  }

  get size(): number {
    return this.#groups.size;
  }

  /** The bundles of those that are reserved, or still used. */
  get bundles(): readonly Pool[] {
    return [...this.#groups.values()].flatMap((group) => group.bundles);
  }

  /** By its name, what each group has of the node. */
  holdings(): readonly { readonly name: string; readonly held: Resources }[] {
    const taking = [...this.#groups.values()].filter(({ bundles }) => bundles.length > 0);
    return taking.map(({ wish, bundles }) => ({ name: wish.name, held: sumOf(bundles.map(({ total }) => total)) }));
  }

  // ---------------------------------------------------------------- whose turn it is

  /** Of the group that has waited longest: takes its turn among all that wait for something of the node. */
  get wish(): Demand | undefined {
    return this.#line.head?.wish;
  }

  /**
   * Reserves one group of those that wait, in their order: none comes before an earlier one that lacks something of what it asks for.
   * But when the first has waited too long it steps back once, and any that fits may pass: they may be what it waits for, in ways that
   * nobody here can see. `supply`: less what others are to get; `kept`: what is kept for others.
   */
  reserveOne(supply: Supply, kept: ReadonlySet<string> | undefined): boolean {
    const { head } = this.#line;
    const passing = head !== undefined && head.wish.waited > 0 && !head.wish.starving;
    const lacking = new Set(kept);
    for (const group of this.#line.firsts()) {
      const { wish, plan } = group;
      if (touches(wish.request.resources, lacking)) continue;
      const grants = reserved(plan.bundles, supply.of(this.#node));
      if (grants !== undefined) {
        this.#reserve(group, grants);
        return true;
      }
      if (!passing) for (const name of supply.shortIn(wish, this.#node)) lacking.add(name);
    }
    return false;
  }

  /** Where calls of a demand may run. */
  poolsOf({ request: { group: place, resources } }: Demand): readonly Pool[] {
    if (place === undefined) return [this.#node];
    const group = this.#groups.get(place.id);
    if (group?.state !== "reserved") return [];
    return bundlesFor(group, place).filter(({ total }) => granted(resources, total) !== undefined);
  }

  grantOf(demand: Demand, available: Resources): Resources | undefined {
    const group = this.#groups.get(demand.shape);
    if (group?.wish !== demand) return granted(demand.request.resources, available);
    const grants = reserved(group.plan.bundles, available);
    return grants && sumOf(grants);
  }

  #reserve(group: Group, grants: readonly Resources[]): void {
    this.#line.delete(group);
    group.state = "reserved";
    this.#reserved.add(group.plan.id);
    group.bundles = grants.map((total) => ({ total, available: total, leases: 0 }));
    this.#node.available = minus(this.#node.available, sumOf(grants));
  }

  #giveUp(group: Group, why: GroupEnd): void {
    if (group.state === "leaving") return;
    group.end = why;
    this.#ended.add(group.plan.id);
    this.#line.delete(group);
    this.#reserved.delete(group.plan.id);
    if (this.#names.get(group.name) === group) this.#names.delete(group.name);
    group.state = "leaving";
    this.leaving.add(group);
  }

  #forget({ plan: { id }, bundles }: Group): void {
    this.#groups.delete(id);
    this.#node.available = plus(this.#node.available, sumOf(bundles.map(({ total }) => total)));
    this.#answer(id);
  }

  /** Its maker lives, and has not come to making it. */
  #expected(id: GroupId): boolean {
    const creator = ownerOf(id);
    return this.#alive(creator) && numberOf(id) > (this.#latest.get(creator) ?? 0);
  }

  #answer(id: GroupId): void {
    const asks = this.#asks.get(id) ?? [];
    this.#asks.delete(id);
    for (const { process, ask } of asks) this.#send(process, { type: "answer", ask, answer: undefined });
  }

  stories(): string[] {
    return [...this.#groups.values()].map(
      ({ wish: { name }, state, creator, bundles }) =>
        `${name} of ${creator}: ${state}, leases in its bundles: ${bundles.map(({ leases }) => leases).join(", ")}`,
    );
  }

  check(): void {
    for (const [id, { state, bundles, plan }] of this.#groups) {
      if (this.#reserved.has(id) !== (state === "reserved")) throw new Error(`group ${id}: ${state}, wrongly listed`);
      const whole = state === "reserved" || (state === "leaving" && bundles.length > 0);
      if (bundles.length !== (whole ? plan.bundles.length : 0))
        throw new Error(`group ${id}: ${state} with ${bundles.length} of ${plan.bundles.length} bundles`);
    }
    for (const { plan, state } of this.#line.all)
      if (state !== "pending") throw new Error(`group ${plan.id}: ${state}, but in the line`);
    for (const { plan, state } of this.leaving)
      if (state !== "leaving") throw new Error(`group ${plan.id}: ${state}, but among those that leave`);
  }
}

function bundlesFor({ bundles }: Group, { bundle }: GroupPlace): readonly Pool[] {
  return bundle === ANY_BUNDLE ? bundles : bundles.slice(bundle, bundle + 1);
}

function titleOf(name: string, id: GroupId): string {
  return name === "" ? `PlacementGroup(${id})` : `PlacementGroup(${id}, ${name})`;
}
