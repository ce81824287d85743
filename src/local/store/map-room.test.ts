// How many parts a process may map: as many as leave enough for V8, with few looks at how many there are.
import assert from "node:assert/strict";
import { it } from "node:test";
import { MapRoom } from "./map-room.ts";

const LIMIT = 64_000;

/** A process that maps all that it may, two lines for each part, beside others who make some too. */
function process(others: number): { room: MapRoom; mapped: () => number; looks: () => number; letGo(): void } {
  let mapped = 0;
  let looks = 0;
  const room = new MapRoom(
    () => LIMIT,
    () => {
      looks += 1;
      return others + 2 * mapped;
    },
  );
  for (let part = 0; part < LIMIT; part += 1) if (room.take()) mapped += 1;
  return { room, mapped: () => mapped, looks: () => looks, letGo: () => void (mapped = 0) };
}

for (const others of [500, 20_000]) {
  it(`leaves a share of the mappings free beside ${others} others, and uses most of the rest`, () => {
    const { mapped } = process(others);
    const lines = others + 2 * mapped();
    assert.ok(lines < LIMIT * 0.92 && lines > LIMIT * 0.85, `${lines} lines`);
  });
}

it("maps again when others were let go", () => {
  const { room, letGo } = process(500);
  assert.ok(!room.take());
  letGo();
  const again = Array.from({ length: LIMIT / 64 + 1 }, () => room.take());
  assert.ok(again.includes(true));
});

it("looks seldom", () => {
  assert.ok(process(500).looks() < 60);
  let looks = 0;
  const few = new MapRoom(
    () => LIMIT,
    () => (looks += 1),
  );
  for (let part = 0; part < 10_000; part += 1) few.take();
  assert.equal(looks, 1);
});

it("maps nothing where nothing is left from the beginning", () => {
  const room = new MapRoom(
    () => LIMIT,
    () => LIMIT - 100,
  );
  assert.ok(!room.take());
});

it("maps where nobody knows how many there may be", () => {
  const room = new MapRoom(() => {
    throw new Error("ENOENT");
  });
  assert.ok([room.take(), room.take()].every(Boolean));
});
