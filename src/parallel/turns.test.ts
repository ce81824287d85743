// Whose turn it is; and what a cancelled call has taken, and never sees.
import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import * as ray from "../index.ts";
import { takeOrUndo, Turns } from "./turns.ts";

before(() => ray.init({ address: "inline", numCpus: 2 }));
after(() => ray.shutdown());

/** It gives a number out, and the answer comes when it is let go. */
class Slow {
  readonly events: string[] = [];
  #letGo = (): void => undefined;

  async take(): Promise<number> {
    this.events.push("taken");
    await new Promise<void>((resolve) => (this.#letGo = resolve));
    return 7;
  }

  undo(taken: number): void {
    this.events.push(`undone ${taken}`);
  }

  letGo(): void {
    this.#letGo();
  }

  all(): string[] {
    return this.events;
  }
}

it("undoes what a call takes that is cancelled before it hears of it", async () => {
  const actor = ray.remote(Slow, { maxConcurrency: 10 }).remote();
  const takes = ray.remote(() =>
    takeOrUndo(
      () => actor.take.remote(),
      (taken) => actor.undo.options({ numReturns: 0 }).remote(taken),
    ),
  );
  const until = async (count: number): Promise<string[]> => {
    for (;;) {
      const events = await ray.get(actor.all.remote());
      if (events.length >= count) return events;
      await ray.sleep(1);
    }
  };
  const taken = takes.remote();
  await until(1);
  await ray.cancel(taken);
  await assert.rejects(ray.get(taken), ray.TaskCancelledError);
  await ray.get(actor.letGo.remote());
  assert.deepEqual(await until(2), ["taken", "undone 7"]);
});

it("lets who comes too late take before those after him who were called meanwhile, and have not come", async () => {
  let there = 0;
  const turns = new Turns(() => there);
  assert.deepEqual([turns.ask(undefined), turns.ask(undefined)], [{ turn: 1 }, { turn: 2 }]);
  // As if he had been called, and nobody had heard of him for long.
  assert.equal(await turns.wait(0, 1), undefined);
  there = 1;
  assert.equal(await turns.wait(undefined, 2), true);
  assert.equal(turns.ask(1), 0);
  there = 0;
  // He comes once more, and what comes then is his too, though the other is expected.
  assert.deepEqual(turns.ask(1), { turn: 1 });
  there = 1;
  assert.equal(await turns.wait(undefined, 1), true);
  assert.deepEqual(turns.ask(2), { turn: 2 });
  assert.equal(turns.ask(1), 0);
  there = 1;
  assert.equal(await turns.wait(undefined, 2), true);
  assert.equal(turns.ask(2), 0);
});
