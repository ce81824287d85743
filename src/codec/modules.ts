// Which modules a worker may import, and which code must travel by value: the entry, what has no file, what the user names.
import { existsSync, realpathSync } from "node:fs";
import { builtinModules } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { SerializationError } from "../domain/errors.ts";
import { codeFolder } from "../std/code-folder.ts";
import { currentFolder } from "../std/current-folder.ts";
import { calledAt } from "../std/own-frames.ts";
import { setTraceLimit } from "../std/traces.ts";

/** As when this module was loaded: a task may change it. */
let startFolder = currentFolder();

const entries = new Set<string>();
const byValue = new Set<string>();
/** Counts what changed about them: who remembers what is importable, remembers it until then. */
let changes = 0;

export function importRules(): number {
  return changes;
}

interface WorkerSide {
  readonly entry: string | undefined;
  readonly loaders: readonly Loader[];
}
let worker: WorkerSide | undefined;
/** The modules that are being imported for payloads, the latest last. */
const importing: string[] = [];

export interface Loader {
  readonly kind: "import" | "require" | "loader";
  readonly specifier: string;
}

if (process.argv[1] !== undefined) declareEntry(urlOfProgram(process.argv[1]));

function urlOfProgram(program: string): string {
  try {
    // As Node resolves it: extensions may be left out, links are followed.
    const { createRequire } = process.getBuiltinModule("node:module");
    return pathToFileURL(realpathSync(createRequire(path.join(startFolder, "_")).resolve(path.resolve(program)))).href;
  } catch {
    return pathToFileURL(path.resolve(program)).href;
  }
}

/**
 * Declares a program: a module that no worker imports, whatever it exports. `process.argv[1]` is one by itself in a driver; so is
 * any module that calls `init()`. Throws when a worker has just imported it all the same.
 */
export function declareEntry(url: string | undefined): void {
  if (worker !== undefined && importing.length > 0) throw startedAgain(url ?? worker.entry ?? "the program");
  if (url === undefined) return;
  changes += 1;
  entries.add(url);
  if (url.startsWith("file:")) {
    try {
      entries.add(pathToFileURL(realpathSync(fileURLToPath(url))).href);
    } catch {
      // What has no file cannot be imported either.
    }
  }
}

/** The programs that are known, by URL. */
export function programs(): Iterable<string> {
  return entries;
}

/** E17: thrown inside the module that must not run here. */
export function startedAgain(entry: string): SerializationError {
  const by = moduleBeingImported() ?? "a module";
  const reason = `${entry} started the driver again inside a worker: ${by} imports it.`;
  const hint = "Move what they share into a third module, or guard with `if (!isWorker)`.";
  return new SerializationError(`${reason} ${hint}`, { path: by, reason, hint, location: "" });
}

/** Thrown inside a module that makes calls while a worker imports it: each worker that does would make them again. `caller`: the function. */
export function callsWhileImported(caller: string): SerializationError {
  const by = moduleBeingImported() ?? "a module";
  const entry = worker?.entry;
  const again = entry !== undefined && isOnStack(entry);
  const reason = again
    ? `A worker imports ${by} for a task, and that imports the program's main file ${entry} back, which calls ${caller} while it is loaded.`
    : `A worker imports ${by} for a task, and ${caller} is called while it is loaded, in it or in what it imports.`;
  const hint = again
    ? "Move what both need into a module of its own, or call it behind `if (!isWorker)`."
    : "Call it in a function, in the program's main file, or behind `if (!isWorker)`: whoever imports a module runs all of it.";
  return new SerializationError(`${reason} ${hint}`, { path: by, reason, hint, location: "" });
}

function isOnStack(url: string): boolean {
  const before = Error.stackTraceLimit;
  setTraceLimit(Infinity);
  const stack = new Error().stack ?? "";
  setTraceLimit(before);
  return stack.includes(`${url}:`) || (url.startsWith("file:") && stack.includes(`${fileURLToPath(url)}:`));
}

/** Of the driver. `loaders`: its options, those that load hooks among them; used when first needed. */
interface DriverSide {
  readonly entry: string | undefined;
  readonly loaders: readonly string[];
  readonly workingFolder: string;
}

/** Says that this process is a worker. */
export function setWorker({ entry, loaders: options, workingFolder: folder }: DriverSide): void {
  startFolder = folder;
  worker = { entry, loaders: loadersIn(options) };
  // The program of this process is the worker itself, which nobody ships.
  changes += 1;
  if (entry !== undefined) entries.add(entry);
}

export function workerSide(): WorkerSide | undefined {
  return worker;
}

/** URL or name. */
export function moduleBeingImported(): string | undefined {
  return importing.at(-1);
}

/** While `run` imports a module for a payload. */
export async function whileImporting<T>(module: string, run: () => Promise<T>): Promise<T> {
  importing.push(module);
  try {
    return await run();
  } finally {
    importing.splice(importing.indexOf(module), 1);
  }
}

/** A file of the user's, and of no package that was installed. */
export function isOutsidePackages(url: string): boolean {
  return url.startsWith("file:") && !url.includes("/node_modules/");
}

/** Functions and classes of this module (its URL) or package (its name) are copied to workers instead of imported there. */
export function shipByValue(what: string): void {
  if (typeof what !== "string" || what === "" || /^\.{0,2}\//.test(what)) {
    const given = typeof what === "string" && what !== "" ? `, and not the path ${what}` : "";
    const text = `shipByValue() takes the URL of a module (import.meta.url) or the name of a package${given}.`;
    throw calledAt(shipByValue, new TypeError(text));
  }
  changes += 1;
  byValue.add(what);
}

const frameworks: readonly string[] = ["VITEST", "VITEST_WORKER_ID", "JEST_WORKER_ID"];

/** A test runner loads the user's modules by means of its own: no other process can import them as they are here. */
export function underTestRunner(): boolean {
  return frameworks.some((name) => process.env[name] !== undefined);
}

/** Whether a file is of this package, which every worker has, wherever it is installed. */
export function isOwnFile(url: string): boolean {
  return url.startsWith(codeFolder);
}

/** Whether a worker can import this module and get what this process has. */
export function isImportable(url: string): boolean {
  if (!url.startsWith("file:") || entries.has(url) || isByValue(url)) return false;
  const inPackage = url.includes("/node_modules/") || isOwnFile(url);
  if (!inPackage && underTestRunner()) return false;
  return isFile(url);
}

const files = new Map<string, boolean>();

function isFile(url: string): boolean {
  let found = files.get(url);
  if (found === undefined) {
    try {
      found = existsSync(fileURLToPath(url));
    } catch {
      found = false;
    }
    files.set(url, found);
  }
  return found;
}

function isByValue(url: string): boolean {
  if (byValue.size === 0) return false;
  if (byValue.has(url)) return true;
  for (const name of byValue) if (url.includes(`/node_modules/${name}/`)) return true;
  return false;
}

/** Whether what stands in an import of `parent` can be imported by a worker in the same way. */
export function isImportableFrom(specifier: string, parent: string): boolean {
  if (isBuiltin(specifier)) return true;
  if (/^\.{0,2}\//.test(specifier) || specifier.startsWith("file:")) {
    const url = URL.canParse(specifier, parent) ? new URL(specifier, parent).href : "";
    if (byValue.has(url) || isByValue(url) || [...entries].some((entry) => sameModule(entry, url))) return false;
    return url.startsWith("file:") && (!underTestRunner() || url.includes("/node_modules/"));
  }
  if (specifier.startsWith("data:")) return false;
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
  return !byValue.has(name);
}

function sameModule(a: string, b: string): boolean {
  return bareUrl(a) === bareUrl(b);
}

/** Loaders let `./main.js` stand for `main.ts`, and leave extensions out. */
export function bareUrl(url: string): string {
  return url.replace(/[?#].*$/, "").replace(/\.[cm]?[jt]sx?$/, "");
}

const builtins = new Set(builtinModules);

export function isBuiltin(specifier: string): boolean {
  return specifier.startsWith("node:") || builtins.has(specifier);
}

// ------------------------------------------------------------------ loaders of the driver

/** The options with which this process loads module hooks (`--import`, `--require`, `--loader`), as workers want to be told them. */
export function loaders(): readonly string[] {
  const options = [...(process.env["NODE_OPTIONS"] ?? "").split(/\s+/), ...process.execArgv];
  return loadersIn(options).map(({ kind, specifier }) => `--${kind}=${specifier}`);
}

const kinds: Readonly<Record<string, Loader["kind"]>> = {
  "--import": "import",
  "--require": "require",
  "-r": "require",
  "--loader": "loader",
  "--experimental-loader": "loader",
};

function loadersIn(options: readonly string[]): Loader[] {
  const found: Loader[] = [];
  for (let index = 0; index < options.length; index++) {
    const option = options[index] as string;
    const equals = option.indexOf("=");
    const kind = kinds[equals < 0 ? option : option.slice(0, equals)];
    const specifier = equals < 0 ? options[index + 1] : option.slice(equals + 1);
    if (kind === undefined || specifier === undefined || specifier === "") continue;
    if (equals < 0) index += 1;
    if (!found.some((each) => each.kind === kind && each.specifier === specifier)) found.push({ kind, specifier });
  }
  return found;
}

export function workingFolder(): string {
  return startFolder;
}
