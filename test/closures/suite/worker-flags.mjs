// Which of the driver's own flags a worker of the suite gets: its loaders and permissions, not its program.

/** Flags with their value in the next argument. */
const dropped = new Set(["-e", "--eval", "-p", "--print", "-i", "--interactive", "--input-type"]);
const withValue = new Set(["-e", "--eval", "-p", "--print", "--input-type"]);

export function workerFlags(flags) {
  const kept = [];
  for (let at = 0; at < flags.length; at++) {
    const name = flags[at].split("=")[0];
    if (/^--(inspect|watch|test|prof)/.test(name)) continue;
    if (!dropped.has(name)) kept.push(flags[at]);
    else if (withValue.has(name) && !flags[at].includes("=")) at += 1;
  }
  return [...kept, "--disable-warning=ExperimentalWarning"];
}
