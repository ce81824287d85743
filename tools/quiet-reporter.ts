// A reporter for `node --test` that says nothing of what passed: failures in full, then the runner's own closing counts.
import { spec } from "node:test/reporters";
import type { TestEvent } from "node:test/reporters";

const shown: ReadonlySet<string> = new Set([
  "test:fail",
  "test:diagnostic",
  "test:stderr",
  "test:stdout",
  "test:coverage",
]);

export default async function* quiet(source: AsyncIterable<TestEvent>): AsyncGenerator<unknown> {
  const writer = new spec();
  for await (const event of source) {
    if (shown.has(event.type)) writer.write(event);
    for (let text: unknown = writer.read(); text !== null; text = writer.read()) yield text;
  }
  writer.end();
  yield* writer;
}
