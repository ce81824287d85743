// What happens next: one seeded choice after another among all that could. Fair in the long run, cruel in the short.
import type { Channel } from "./channel.ts";
import { checkEmpty, checkQuiet, checkReached, checkWhole } from "./check.ts";
import type { Client } from "./client.ts";
import type { Driver } from "./driver.ts";
import { DAEMON } from "./names.ts";
import { must, Violation } from "./violation.ts";
import { Worker } from "./worker.ts";
import type { World } from "./world.ts";

/** How likely each kind of event is, for each place where it could happen. */
const WEIGHTS = { take: 1, carry: 0.7, run: 0.6, flush: 0.8, awake: 0.3, begin: 0.1 };
/** A slow channel is passed over so many times at most, or a world of slow channels would stand still. */
const PASSES_MAX = 6;
/** Rounds of ticks after which nothing that depends on ticks can be outstanding: workers rest for 50 before they retire. */
const QUIET_ROUNDS = 60;
/** Rounds without anything happening after which nothing will. */
const STILL_ROUNDS = 8;
/** Nor will anybody get anything after so many ticks, though workers are asked now and then whether they can leave, and answer. */
const GRANTLESS_TICKS = 300;
/** Events that the end may take; far more than any honest end needs. */
const END_EVENTS_MAX = 300_000;
const DRIVERS_MAX = 5;
/** That what is lost is the file of a result, which can be made again. */
const RESULTS_CHANCE = 0.8;

export class Schedule {
  readonly #world: World;
  readonly #checkEvery: number;
  #events = 0;
  #still = 0;

  constructor(world: World, checkEvery: number) {
    this.#world = world;
    this.#checkEvery = checkEvery;
  }

  get events(): number {
    return this.#events;
  }

  /** Work and faults for so many events, then the end of everything. */
  run(events: number): void {
    while (this.#events < events) this.#one(true);
    this.#end();
  }

  #end(): void {
    const world = this.#world;
    world.stopping = true;
    for (const driver of world.drivers()) world.hungry.delete(driver);
    this.#exhaust();
    checkQuiet(world);
    for (const driver of world.drivers()) {
      driver.forgetCaptured();
      driver.endTurn();
    }
    for (let round = 0; round < QUIET_ROUNDS; round += 1) {
      this.#tickAll();
      this.#exhaust();
    }
    this.#endActors();
    checkEmpty(world);
    for (const driver of world.drivers()) world.leave(driver);
    this.#exhaust();
    checkEmpty(world);
    for (const worker of world.workers()) world.kill(worker, "the end");
    this.#exhaust();
    checkEmpty(world);
    const { booked } = world.daemon.cluster.inspect();
    must(booked === 0, "nothing is on its way between the dead", () => `${booked} senders`);
    checkWhole(world);
  }

  /** Those that only other actors hold, in a circle perhaps, and those that live until they are killed. */
  #endActors(): void {
    const world = this.#world;
    for (let left = checkReached(world); left.length > 0; left = checkReached(world)) {
      if (world.drivers().length === 0) world.join();
      const [killer] = world.drivers();
      for (const id of left) killer?.actors.kill(id, false);
      killer?.endTurn();
      if (killer !== undefined) world.hungry.delete(killer);
      this.#exhaust();
    }
    for (let round = 0; round < QUIET_ROUNDS; round += 1) {
      this.#tickAll();
      this.#exhaust();
    }
  }

  /** Until nothing can happen, however many ticks pass. */
  #exhaust(): void {
    const limit = this.#events + END_EVENTS_MAX;
    this.#still = 0;
    while (this.#still < STILL_ROUNDS) {
      if (this.#events > limit)
        throw new Violation("everything comes to its end", `not within ${END_EVENTS_MAX} events`);
      this.#one(false);
    }
  }

  /** One event. When there is none, time passes. */
  #one(faults: boolean): void {
    const world = this.#world;
    this.#events += 1;
    world.log.event = this.#events;
    if (this.#events % this.#checkEvery === 0) checkWhole(world);
    if (faults && this.#fault()) return;
    if (world.random.chance(world.profile.tick)) this.#tickOne();
    if (this.#ordinary()) {
      this.#still = 0;
      return;
    }
    // What is set up for long is ended by ticks, and so are waits that need not come to their end.
    this.#still = world.settingUp.size > 0 || this.#somebodyIsPatient() ? 0 : this.#still + 1;
    this.#tickAll();
    const stuck = this.#still >= STILL_ROUNDS || world.daemon.ticksWithoutGrant >= GRANTLESS_TICKS;
    if (stuck && this.#makeRoom()) this.#still = world.daemon.ticksWithoutGrant = 0;
    if (faults && this.#still >= STILL_ROUNDS && world.hungry.size === 0) {
      checkQuiet(world);
      if (world.drivers().length === 0) world.join();
    }
  }

  #somebodyIsPatient(): boolean {
    for (const { frames } of this.#world.clients.values()) for (const frame of frames) if (frame.isPatient) return true;
    return false;
  }

  /** What an actor has for life others may wait for in vain, and rightly so: somebody kills it. False: that is not why they wait. */
  #makeRoom(): boolean {
    const world = this.#world;
    if (world.daemon.cluster.waiting().length === 0) return false;
    const holders = world.workers().flatMap(({ resident }) => (resident?.isForLife === true ? [resident] : []));
    return this.#with(holders, ({ id }) => {
      world.count("actors killed to make room");
      const killer = world.random.pick([...world.clients.values()].filter(({ spinning }) => !spinning));
      killer.actors.kill(id, false);
      killer.stepped();
    });
  }

  #ordinary(): boolean {
    const { random, pools, runnable, unflushed, starting, hungry } = this.#world;
    const choices: readonly (readonly [number, () => void])[] = [
      [pools.takable.size * WEIGHTS.take, () => this.#take(this.#draw(pools.takable.all()))],
      [pools.carriable.size * WEIGHTS.carry, () => this.#draw(pools.carriable.all()).carry(random.between(1, 4))],
      [runnable.size * WEIGHTS.run, () => this.#runFrame()],
      [unflushed.size * WEIGHTS.flush, () => this.#flush()],
      [starting.size * WEIGHTS.awake, () => this.#world.awake(random.pick(starting.all()))],
      [hungry.size * WEIGHTS.begin, () => random.pick(hungry.all()).begin()],
    ];
    let left = random.fraction() * choices.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, act] of choices) {
      if (weight === 0) continue;
      left -= weight;
      if (left >= 0) continue;
      act();
      return true;
    }
    return false;
  }

  #draw(channels: readonly Channel[]): Channel {
    const { random, profile } = this.#world;
    let channel = random.pick(channels);
    for (let passes = 0; passes < PASSES_MAX && channel.slow && random.chance(profile.slowness); passes += 1)
      channel = random.pick(channels);
    return channel;
  }

  #flush(): void {
    const { random, unflushed } = this.#world;
    const next = random.pick(unflushed.all());
    if (!next.spinning) next.endTurn();
  }

  #take(channel: Channel): void {
    const world = this.#world;
    if (world.clients.get(channel.to)?.spinning === true) return;
    const item = channel.take();
    if (channel.to === DAEMON) return world.daemon.take(channel.from, item);
    const client = world.clients.get(channel.to);
    if (client === undefined) return;
    switch (item.kind) {
      case "fromDaemon":
        client.daemonSays(item.message);
        break;
      case "toWorker":
        if (client instanceof Worker) client.ownerSays(channel.from, item.message);
        break;
      case "fromWorker":
        client.workerSays(channel.from, item.message);
        break;
      default:
        if (channel.replies) client.workerEnded(channel.from);
        // Otherwise it means nothing: the daemon says that an owner is gone.
        else client.departed.ended(channel.from, "calls");
    }
    client.stepped();
  }

  #runFrame(): void {
    const { random, runnable } = this.#world;
    const next = random.pick(runnable.all());
    if (next.process.spinning) return;
    next.step();
    next.process.stepped();
  }

  #tickOne(): void {
    const world = this.#world;
    const clients = [...world.clients.values()];
    const which = world.random.below(clients.length + 1);
    const client = clients[which];
    if (client === undefined) return world.daemon.tick();
    if (client.spinning) return;
    client.tick();
    // Patience is a matter of time as well.
    for (const frame of client.frames) frame.mayGiveUp();
    client.stepped();
  }

  #tickAll(): void {
    const world = this.#world;
    world.daemon.tick();
    for (const client of world.clients.values()) {
      if (client.spinning) continue;
      client.tick();
      for (const frame of client.frames) frame.mayGiveUp();
      client.endTurn();
    }
  }

  #fault(): boolean {
    const world = this.#world;
    const { random, profile } = world;
    if (random.chance(profile.killWorker)) return this.#with(world.workers(), (worker) => world.kill(worker, "fault"));
    if (random.chance(profile.killMaker))
      return this.#with(world.workers().filter(isSilentMaker), (worker) => world.kill(worker, "has made a file"));
    if (random.chance(profile.killStarting)) return this.#with(world.starting.all(), (id) => world.killStarting(id));
    if (random.chance(profile.loseFile)) return this.#loseFile();
    if (random.chance(profile.ungroup)) return this.#ungroup();
    if (random.chance(profile.pressure)) return this.#pressure();
    if (random.chance(profile.abort)) return this.#with([...world.clients.values()], (client) => this.#abort(client));
    const driver = random.chance(profile.killDriver)
      ? "killed"
      : random.chance(profile.leaveDriver)
        ? "leaves"
        : undefined;
    if (driver === undefined) return false;
    if (world.drivers().length < DRIVERS_MAX && random.chance(0.7)) world.join();
    return this.#with(world.drivers(), (victim: Driver) =>
      driver === "killed" ? world.kill(victim, "fault") : world.leave(victim),
    );
  }

  /** Somebody removes a group, perhaps before the cluster has heard that it is to be made. */
  #ungroup(): boolean {
    const { ledger, clients, random } = this.#world;
    const there = [...ledger.groups].filter(([, { removed }]) => !removed);
    const client = clients.size === 0 ? undefined : random.pick([...clients.values()]);
    if (client === undefined || client.spinning) return false;
    return this.#with(there, ([id]) => {
      this.#world.count("groups removed by others");
      client.groups.remove(id);
      client.stepped();
    });
  }

  /** Those of functions are not made again. */
  #loseFile(): boolean {
    const { files, ledger, random, bodies } = this.#world;
    const there = [...files.ids()].filter((id) => !bodies.has(id) && !files.isLost(id));
    const results = random.chance(RESULTS_CHANCE) ? ledger.losses.ofResults(there) : [];
    return this.#with(results.length > 0 ? results : there, (id) => {
      files.lose(id, random.chance(0.5));
      ledger.losses.add(id);
    });
  }

  #pressure(): boolean {
    this.#world.daemon.pressure();
    return true;
  }

  #abort(client: Client): void {
    if (client.spinning) return;
    client.abortSomething();
    client.stepped();
  }

  #with<T>(candidates: readonly T[], act: (victim: T) => void): boolean {
    if (candidates.length === 0) return false;
    act(this.#world.random.pick(candidates));
    return true;
  }
}

/** It has put something into the store, and the daemon can not have heard of it. */
function isSilentMaker({ toDaemon }: Worker): boolean {
  return toDaemon.hasWritten((item) => item.kind === "toDaemon" && item.message.type === "store");
}
