// Progress bars that are made in other processes than the driver.
import assert from "node:assert/strict";
import { test } from "node:test";
import { get, remote, sleep } from "ray-ts";
import { ProgressBar } from "ray-ts/parallel";
import { collectGarbage } from "#src/std/garbage.js";
import { withSession } from "../harness/session.ts";

test("a bar is shown by the task that has made it, as lines", async () => {
  await withSession({}, async () => {
    const work = remote(async () => {
      let shown = "";
      await using bar = new ProgressBar({ label: "in a task", total: 2, stream: { write: (text) => (shown += text) } });
      bar.add();
      while (!shown.includes("1/2")) await sleep(1);
      bar.add();
      await bar.close();
      return shown;
    });
    assert.match(
      await get(work.remote()),
      /^in a task \[#{15}-{15}\] 1\/2 50 % in .*\nin a task \[#{30}\] 2\/2 100 % in .*\n$/,
    );
  });
});

class Forgets {
  #left: WeakRef<ProgressBar> | undefined;

  async make(): Promise<void> {
    let shown = "";
    const bar = new ProgressBar({ total: 2, stream: { write: (text) => (shown += text) } });
    this.#left = new WeakRef(bar);
    bar.add();
    while (!shown.includes("1/2")) await sleep(1);
  }

  async isGone(): Promise<boolean> {
    // Whoever has looked at it keeps it for that turn.
    while (this.#left?.deref() !== undefined) {
      await sleep(1);
      collectGarbage();
      await sleep(1);
    }
    return true;
  }
}

test("a bar that an actor has left without closing it is not kept by being shown", async () => {
  await withSession({}, async () => {
    using forgets = remote(Forgets).remote();
    await get(forgets.make.remote());
    assert.equal(await get(forgets.isGone.remote()), true);
  });
});
