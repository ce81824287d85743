// A duplex to a process that could not be started: takes everything and says nothing.
import type { Duplex } from "../../wire/duplex.ts";

export class Nowhere implements Duplex {
  readonly waiting = 0;
  open(): void {}
  write(): void {}
  end(): void {}
  destroy(): void {}
  ref(): void {}
  unref(): void {}
}
