// On what the suite runs.
import { it, type TestContext } from "node:test";

/** What a backend cannot do, by the name of the behaviour, each with the reason. */
export type Exceptions = Readonly<Partial<Record<"process isolation", string>>>;

export interface Setting {
  readonly address: string;
  readonly exceptions: Exceptions;
}

type Run = (test: TestContext) => Promise<void>;

/** For tests of what only processes of their own can do: elsewhere they are left out, and say why. */
export function itIsolated({ exceptions }: Setting): (name: string, run: Run) => void {
  const skip = exceptions["process isolation"] ?? false;
  return (name, run) => void it(name, { skip }, run);
}
