// A reporter for `node --test` that says nothing of what passed: failures in full, then the runner's own closing counts. Of a file whose time
// is over it says which tests had not ended: the runner says the file.
import { spec } from "node:test/reporters";
import type { TestEvent } from "node:test/reporters";

const shown: ReadonlySet<string> = new Set([
  "test:fail",
  "test:diagnostic",
  "test:stderr",
  "test:stdout",
  "test:coverage",
]);

/** Begun and not ended, by file. */
class Running {
  readonly #names = new Map<string, Set<string>>();

  heard({ type, data }: TestEvent): void {
    if (type !== "test:dequeue" && type !== "test:complete") return;
    const { file, name } = data;
    if (file === undefined || file === name) return;
    const names = this.#names.get(file) ?? new Set<string>();
    this.#names.set(file, names);
    if (type === "test:dequeue") names.add(name);
    else names.delete(name);
  }

  /** What had not ended in a file that has failed as a whole. */
  *leftBy({ type, data }: TestEvent): Generator<string> {
    if (type !== "test:fail" || data.name !== data.file) return;
    for (const name of this.#names.get(data.file) ?? []) yield `not ended: ${name}\n`;
  }
}

export default async function* quiet(source: AsyncIterable<TestEvent>): AsyncGenerator<unknown> {
  const writer = new spec();
  const running = new Running();
  for await (const event of source) {
    running.heard(event);
    yield* running.leftBy(event);
    if (shown.has(event.type)) writer.write(event);
    for (let text: unknown = writer.read(); text !== null; text = writer.read()) yield text;
  }
  writer.end();
  yield* writer;
}
