// When garbage is collected for the sake of refs, against a program whose refs are given back by a collection only.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Crowd, type CrowdHooks } from "./crowd.ts";

/** Refs that the program has left go when garbage was collected, and not before. */
class Program {
  heapBytes = 0;
  collections = 0;
  most = 0;
  readonly crowd: Crowd;
  #alive = 0;
  #left = 0;
  #due: (() => void)[] = [];

  constructor() {
    const hooks: CrowdHooks = {
      soon: (run) => this.#due.push(run),
      settled: (run) => this.#due.push(run),
      collect: () => {
        this.collections += 1;
        this.#alive -= this.#left;
        for (; this.#left > 0; this.#left -= 1) this.crowd.gone();
      },
      heapBytes: () => this.heapBytes,
    };
    this.crowd = new Crowd(hooks);
  }

  makes(count: number, how: "kept" | "left" | "disposed"): void {
    for (let made = 0; made < count; made += 1) {
      this.#alive += 1;
      this.crowd.made();
      if (how === "left") this.#left += 1;
      if (how === "disposed") {
        this.#alive -= 1;
        this.crowd.gone();
      }
      this.most = Math.max(this.most, this.#alive);
      if (made % 100 === 0) this.#turn();
    }
  }

  #turn(): void {
    for (const run of this.#due.splice(0)) run();
  }
}

test("a million refs that are left at once never pile up", () => {
  const program = new Program();
  program.makes(1_000_000, "left");
  assert.ok(program.most < 51_000, `${program.most} at once`);
  assert.ok(program.collections < 21, `${program.collections} collections`);
});

test("a million refs that are kept cost a few collections: twice as many may come after each", () => {
  const program = new Program();
  program.makes(1_000_000, "kept");
  assert.ok(program.collections <= 5, `${program.collections} collections`);
});

test("few refs, and those that were disposed of, cost none", () => {
  const program = new Program();
  program.makes(40_000, "kept");
  program.makes(1_000_000, "disposed");
  assert.equal(program.collections, 0);
});

test("with a large heap, in which a collection takes long, more refs may pile up", () => {
  const program = new Program();
  program.heapBytes = 1_000_000_000;
  program.makes(2_000_000, "left");
  assert.ok(program.collections >= 4 && program.collections < 7, `${program.collections} collections`);
});
