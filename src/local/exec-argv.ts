// Which of the driver's own Node options its workers get: all but those that open a debugger, run tests, watch, or name the program.

const DROPPED =
  /^--(?:inspect|debug|watch|test|experimental-test|interactive|check|print|eval|input-type|run|build-snapshot|experimental-sea|cpu-prof|heap-prof)(?:[-=]|$)/;
const DROPPED_SHORT: ReadonlySet<string> = new Set(["-i", "-c", "-e", "-p", "-pe", "-ep", "-pi"]);
const LOADERS: ReadonlySet<string> = new Set(["--import", "--require", "-r", "--loader", "--experimental-loader"]);

/** `execArgv` of the driver without what is its alone, and without module loaders: workers load those when they first need one. */
export function workerExecArgv(execArgv: readonly string[]): string[] {
  const kept: string[] = [];
  let dropping = false;
  for (const part of execArgv) {
    // Node takes no value that looks like an option, and there is nothing but options and their values.
    if (part.startsWith("-")) dropping = isDropped(part);
    if (!dropping) kept.push(part);
  }
  return kept;
}

function isDropped(option: string): boolean {
  const name = option.split("=", 1)[0] as string;
  return DROPPED.test(option) || DROPPED_SHORT.has(option) || LOADERS.has(name);
}

/** `NODE_OPTIONS` without what opens a debugger: the port is the driver's. */
export function withoutInspector(nodeOptions: string): string {
  return nodeOptions
    .split(/\s+/)
    .filter((option) => option !== "" && !option.startsWith("--inspect"))
    .join(" ");
}
