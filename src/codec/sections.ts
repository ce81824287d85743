// The tables that may stand at the end of a payload.
import type { Section } from "./graph.ts";
import { bufferSection } from "./nodes-binary.ts";
import { registrationSection } from "./nodes-own.ts";

export const sections: readonly Section<unknown, unknown>[] = [bufferSection, registrationSection].map(
  (section) => section as Section<never, unknown> as Section<unknown, unknown>,
);
