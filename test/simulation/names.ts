// Names of simulated processes: of the length the protocol wants, readable in a trace.
import type { ProcessId } from "#src/domain/id.js";

const PROCESS_DIGITS = 16;

export const DAEMON: ProcessId = "daemon";

export function processName(kind: "d" | "w", number: number): ProcessId {
  return kind + number.toString(16).padStart(PROCESS_DIGITS - 1, "0");
}

export function isWorker(process: ProcessId): boolean {
  return process.startsWith("w");
}
