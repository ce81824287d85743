// What actors in this process leave behind.
import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import * as ray from "../index.ts";
import { collectGarbage } from "../std/garbage.ts";

before(() => ray.init({ address: "inline", numCpus: 1 }));
after(() => ray.shutdown());

class Seen {
  constructor() {
    Reflect.set(globalThis, "seen", new WeakRef(this));
  }

  ok(): boolean {
    return true;
  }

  leave(): void {
    ray.exitActor();
  }
}

async function untilCollected(): Promise<void> {
  const seen = Reflect.get(globalThis, "seen") as WeakRef<Seen>;
  do {
    // Whoever has looked keeps it to the end of the turn.
    await ray.sleep(1);
    collectGarbage();
  } while (seen.deref() !== undefined);
}

it("has no object any more once it has ended, although there are handles of it", async () => {
  for (const maxRestarts of [0, 1]) {
    const killed = ray.remote(Seen, { maxRestarts }).remote();
    assert.equal(await ray.get(killed.ok.remote()), true);
    await ray.kill(killed);
    await untilCollected();
    await assert.rejects(ray.get(killed.ok.remote()), ray.ActorDiedError);
  }
  const left = ray.remote(Seen).remote();
  await assert.rejects(ray.get(left.leave.remote()), ray.ActorDiedError);
  await untilCollected();
  await assert.rejects(ray.get(left.ok.remote()), ray.ActorDiedError);
});
