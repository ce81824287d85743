// Clocks for the labs: how long something took here, and what ran when in which process.

/** Starts now; each call gives the seconds since. */
export function stopwatch(): () => number {
  const started = performance.now();
  return () => (performance.now() - started) / 1000;
}

/** One call of a task, as the task itself saw it. */
export interface Span {
  readonly pid: number;
  /** Milliseconds of the wall clock, so that processes can be compared. */
  readonly startMs: number;
  readonly endMs: number;
}

/** In how many processes. */
export function processes(spans: readonly Span[]): number {
  return new Set(spans.map(({ pid }) => pid)).size;
}

/** The largest number of spans that had begun and not ended at one moment. */
export function mostAtOnce(spans: readonly Span[]): number {
  const runningAt = (ms: number): number => spans.filter(({ startMs, endMs }) => startMs <= ms && ms < endMs).length;
  return Math.max(0, ...spans.map(({ startMs }) => runningAt(startMs)));
}

/** One line for each span, on a common axis: a very small timeline. */
export function drawSpans(spans: readonly Span[]): string {
  const width = 48;
  const first = Math.min(...spans.map(({ startMs }) => startMs));
  const last = Math.max(...spans.map(({ endMs }) => endMs));
  const column = (ms: number): number => Math.round(((ms - first) / Math.max(1, last - first)) * width);
  const lines = spans.map(({ pid, startMs, endMs }, index) => {
    const from = Math.min(column(startMs), width - 1);
    const bar = " ".repeat(from) + "█".repeat(Math.max(1, column(endMs) - from));
    return `  call ${index}  process ${String(pid).padEnd(7)} |${bar.padEnd(width)}|`;
  });
  return lines.join("\n");
}
