// Other versions of Node, from the npm packages that carry its binaries; kept in a cache outside the sources.
import { execFile } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const NPM_LINES_MAX = 4;

/** The package with the binary for this machine; Apple's ARM is the one that is named differently. */
function packageName(): string {
  const platform = process.platform === "win32" ? "win" : process.platform;
  const name = `${platform}-${process.arch}`;
  return name === "darwin-arm64" ? `node-bin-${name}` : `node-${name}`;
}

export const currentMajor = Number(process.versions.node.split(".")[0]);

/** The path of a Node binary of this major version; fetches it the first time. */
export async function nodeBinary(major: number, cache: string): Promise<string> {
  if (major === currentMajor) return process.execPath;
  const folder = path.join(cache, `node-${major}`);
  const file = process.platform === "win32" ? "node.exe" : "node";
  const binary = path.join(folder, "node_modules", packageName(), "bin", file);
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  const wanted = `${packageName()}@${major}`;
  // The platform package itself: the package `node` only finds it with an install script, which may be switched off.
  const args = ["install", "--prefix", folder, "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", wanted];
  const options = { cwd: folder, maxBuffer: 1 << 24, shell: process.platform === "win32" };
  const failure = await run("npm", args, options).then(
    () => undefined,
    (error: Error & { stderr?: string }) => error.stderr ?? error.message,
  );
  if (failure !== undefined) {
    // npm says it in its first lines; the rest is how it came to say it.
    const said = failure.split("\n").slice(0, NPM_LINES_MAX).join("\n");
    throw new Error(`Node ${major} could not be fetched: npm cannot install ${wanted}.\n${said}`);
  }
  if (!existsSync(binary)) throw new Error(`${wanted} was installed, but there is no ${binary}`);
  return binary;
}
