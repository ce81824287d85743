// Which of the driver's own Node options its workers get: all but those that open a debugger, run tests, watch, or name the program.

/** Take no value of their own, or have it behind "=". */
const DROPPED =
  /^--(?:inspect|debug|watch|test|experimental-test|interactive|check|print|eval|input-type|run|build-snapshot|experimental-sea|cpu-prof|heap-prof)(?:[-=]|$)/;
const DROPPED_SHORT: ReadonlySet<string> = new Set(["-i", "-c", "-e", "-p", "-pe", "-ep", "-pi"]);
/** Have their value in the next argument unless it is behind "=". */
const VALUED: ReadonlySet<string> = new Set([
  "-e",
  "-p",
  "-pe",
  "--eval",
  "--print",
  "--input-type",
  "--inspect-port",
  "--debug-port",
  "--inspect-publish-uid",
  "--watch-path",
  "--watch-kill-signal",
  "--test-name-pattern",
  "--test-skip-pattern",
  "--test-reporter",
  "--test-reporter-destination",
  "--test-shard",
  "--test-concurrency",
  "--test-timeout",
  "--test-isolation",
  "--test-global-setup",
  "--run",
]);
const LOADERS: ReadonlySet<string> = new Set(["--import", "--require", "-r", "--loader", "--experimental-loader"]);

/** `execArgv` of the driver without what is its alone, and without module loaders: workers load those when they first need one. */
export function workerExecArgv(execArgv: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index < execArgv.length; index += 1) {
    const option = execArgv[index] as string;
    const name = option.split("=", 1)[0] as string;
    const loader = LOADERS.has(name);
    if (!loader && !DROPPED.test(option) && !DROPPED_SHORT.has(option)) {
      kept.push(option);
      continue;
    }
    const separate = (loader || VALUED.has(name)) && !option.includes("=");
    // `-e` and `-p` may stand alone at the end.
    if (separate && index + 1 < execArgv.length) index += 1;
  }
  return kept;
}

/** `NODE_OPTIONS` without what opens a debugger: the port is the driver's. */
export function withoutInspector(nodeOptions: string): string {
  return nodeOptions
    .split(/\s+/)
    .filter((option) => option !== "" && !option.startsWith("--inspect"))
    .join(" ");
}
