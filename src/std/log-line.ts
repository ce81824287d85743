// A line of a log as an object, for services whose logs are read by programs.
import { wallMs } from "./clock.ts";

export interface LogLine {
  readonly stream: "stdout" | "stderr";
  /** Empty: of no task. */
  readonly task: string;
  readonly pid: number;
  readonly text: string;
}

export function logLine({ stream, task, pid, text }: LogLine): string {
  return JSON.stringify({ time: new Date(wallMs()).toISOString(), stream, task, pid, text });
}
