// What must hold: after every begun call, every so many events, and when everything has come to its end.
import { RESOURCE_UNIT, withGpus } from "#src/domain/resources.js";
import type { ActorId } from "#src/domain/actor.js";
import { WORKERS_MAX } from "./limits.ts";
import { must } from "./violation.ts";
import { Worker } from "./worker.ts";
import type { World } from "./world.ts";

/** Mirrors the bound of the cluster brain: waiting ones among the processes of a node. */
const BLOCKED_WORKERS_MAX = 4;

/** The brains' own claims, and the number of processes. */
export function checkWhole(world: World): void {
  world.daemon.cluster.check();
  world.files.check(world.daemon);
  for (const client of world.clients.values()) {
    client.owner.check();
    if (client instanceof Worker) client.desks.check();
  }
  const workers = world.workers();
  const waiting = workers.filter((worker) => [...worker.running.keys()].some((frame) => frame.waiting)).length;
  world.most("most workers at a time", workers.length);
  world.most("most workers waiting at a time", waiting);
  const count = workers.length + world.starting.size + world.settingUp.size;
  const hosts = workers.filter(({ resident }) => resident !== undefined).length;
  must(count - hosts <= WORKERS_MAX, "the number of processes is bounded", () => `${count} workers`);
  // Without calls of less than a CPU, what runs is bounded by the CPUs and what waits by its own bound, but for what was to be apart,
  // whose process is used by others when it is over.
  const cpus = Math.max(1, Math.ceil((world.profile.node.total["CPU"] ?? 0) / RESOURCE_UNIT));
  const { apart, idle } = world.daemon.cluster.inspect();
  const used = workers.filter((worker) => worker.wasApart).length;
  const bound = Math.max(BLOCKED_WORKERS_MAX, cpus) + apart + used + 3 * cpus;
  // Those that rest were of use before, and go by and by. Each environment has processes of its own.
  const { profile } = world;
  if (Math.min(...profile.cpus) >= 1 && profile.groupChance === 0 && profile.envs.every((env) => env === undefined))
    must(count - idle - hosts <= bound, "no more workers than can be used", () => `${count} workers for ${cpus} CPUs`);
}

/** Nothing can happen any more: nobody may be waiting. */
export function checkQuiet(world: World): void {
  const waiting = [...world.clients.values()].filter((client) => [...client.frames].length > 0);
  must(waiting.length === 0, "every wait ends", () => ["nothing can happen, and yet:", ...stories(world)].join("\n  "));
}

/** All programs have ended: the actors that live on, each for a reason. */
export function checkReached(world: World): ActorId[] {
  const left = [...world.daemon.cluster.inspect().actors.values()].filter(({ state }) => state !== "dead");
  const told = (): string => stories(world).join("\n  ");
  const inCircles = left.map(({ id }) => world.ledger.keptBy(id, world.workers()));
  for (const { id, plan } of left) {
    const handles = world.ledger.actors.handlesOf(id);
    const kept = handles.some((handle) => inCircles.some((ids) => ids.has(handle)));
    must(plan.detached || kept, "an actor that nobody can reach ends", () => `${id}: ${told()}`);
    world.count(plan.detached ? "detached actors at the end" : "actors in a circle");
  }
  return left.map(({ id }) => id);
}

/** All programs have ended and dropped what they had: so must the brains have. */
export function checkEmpty(world: World): void {
  for (const client of world.clients.values()) {
    must(
      client.heldCount === 0 || client instanceof Worker,
      "the simulation itself",
      () => `${client.id} holds ${client.heldCount} refs`,
    );
    const { tasks, objects, kept, streams, actors: lines, leases, shapes } = client.owner.inspect();
    const told = (): string =>
      [`${client.id}: ${JSON.stringify(client.owner.inspect())}`, ...stories(world)].join("\n  ");
    must(streams === 0, "no stream is kept", told);
    must(kept === 0, "no lineage is kept for nobody", told);
    must(lines <= client.heldCount, "what is known of an actor goes with its handle", told);
    must(tasks === 0 && leases === 0 && shapes === 0 && objects <= client.heldCount, "owners end up empty", told);
    if (client instanceof Worker) must(client.desks.running === 0, "inboxes end up empty", told);
  }
  const { leases, demands, groups, actors, aliases, available } = world.daemon.cluster.inspect();
  for (const { id, asks } of world.clients.values())
    must(asks.stories().length === 0, "every question is answered", () => `${id} ${asks.stories().join(", ")}`);
  const told = (): string =>
    [JSON.stringify(world.daemon.cluster.inspect()), `captured: ${world.captured.join(" ")}`, ...stories(world)].join(
      "\n  ",
    );
  must(leases === 0 && demands === 0 && groups === 0, "the cluster ends up empty", told);
  const total = withGpus(world.profile.node.total);
  for (const name in total) must(available[name] === total[name], "all that was given comes back", told);
  const excused = world.ledger.closure(world.captured);
  for (const id of [...actors.keys(), ...aliases.ids()])
    must(excused.has(id), "no actor is kept for nobody", () => `${id}: ${told()}`);
  for (const id of world.daemon.cluster.sharedObjects())
    must(excused.has(id), "what nobody can reach is freed", () => `${id}: ${told()}`);
  const kept = new Set(world.daemon.cluster.sharedObjects());
  for (const id of world.files.ids()) must(kept.has(id), "no file is left", () => `${id}: ${told()}`);
}

export function stories(world: World): string[] {
  return [...[...world.clients.values()].flatMap((client) => client.stories()), ...world.daemon.cluster.stories()];
}
