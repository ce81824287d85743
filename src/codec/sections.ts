// The tables that may stand at the end of a payload.
import { functionSection } from "./function-table.ts";
import type { Section } from "./graph.ts";
import { moduleSection } from "./module-table.ts";
import { bufferSection } from "./nodes-binary.ts";
import { registrationSection } from "./nodes-own.ts";
import { symbolSection } from "./nodes-reference.ts";
import { originSection } from "./origin.ts";

export const sections: readonly Section<unknown, unknown>[] = [
  bufferSection,
  registrationSection,
  originSection,
  moduleSection,
  functionSection,
  symbolSection,
].map((section) => section as Section<never, unknown> as Section<unknown, unknown>);
