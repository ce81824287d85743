// Modules for payloads, imported on behalf of the files that named them; and the driver's loaders, when the first of them needs one.
import { existsSync } from "node:fs";
import { createRequire, register } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { constants, Script } from "node:vm";
import { SerializationError } from "../domain/errors.ts";
import { startTimer } from "../std/clock.ts";
import { deferred } from "../std/deferred.ts";
import { packageFolder } from "../std/code-folder.ts";
import {
  isBuiltin,
  isOwnFile,
  startedAgain,
  whileImporting,
  workerSide,
  workingFolder,
  type Loader,
} from "./modules.ts";
import { keyOf, type Request } from "./module-table.ts";
import { isPartlyNamed, urlOf } from "./named.ts";
import { noteSeen } from "./seen.ts";

const loaded = new Map<string, unknown>();
const loading = new Map<string, Promise<void>>();
const namespaces = new WeakMap<object, Request>();

/** What the module gives, once `load` is done. */
export function loadedModule(request: Request): { readonly value: unknown } | undefined {
  const key = keyOf(request);
  return loaded.has(key) ? { value: loaded.get(key) } : undefined;
}

export function noteNamespace(namespace: object, request: Request): void {
  namespaces.set(namespace, request);
}

/** How a module object that was imported here, or has declared itself, can be had elsewhere. */
export function requestOf(namespace: object): Request | undefined {
  return namespaces.get(namespace);
}

export async function load(request: Request): Promise<void> {
  const key = keyOf(request);
  if (loaded.has(key)) return;
  let pending = loading.get(key);
  if (pending === undefined) {
    pending = loadNow(request, key).finally(() => loading.delete(key));
    loading.set(key, pending);
  }
  await (workerSide() === undefined ? unlessStuck(pending, request) : pending);
}

/** Long enough for what has been evaluated. */
const EVALUATED_MS = 100;

/**
 * In a driver what is imported may be waiting itself, at its top, for what is read here. Of a module whose exports went from here by
 * name these do; else it is stuck when nothing goes on in this process.
 */
async function unlessStuck(pending: Promise<void>, request: Request): Promise<void> {
  const over = deferred<void>();
  const timer = isPartlyNamed(request) ? startTimer(EVALUATED_MS, over.resolve) : undefined;
  const stuck = (): void => over.reject(waitsForItself(request));
  if (unfinished.size === 0) process.on("beforeExit", onIdle);
  unfinished.add(stuck);
  try {
    await Promise.race([pending, over.promise]);
  } finally {
    timer?.cancel();
    unfinished.delete(stuck);
    if (unfinished.size === 0) process.off("beforeExit", onIdle);
  }
}

/** Many may wait at once, and Node warns of many listeners. */
const unfinished = new Set<() => void>();

function onIdle(): void {
  for (const stuck of unfinished) stuck();
}

export function waitsForItself(request: Request): SerializationError {
  const url = urlOf(request);
  const reason = `it needs an export of ${url}, which is still being evaluated and waits, at its top, for this value.`;
  const hint =
    "Wait for it in a function that is called when the module is there, or move the class into a module of its own.";
  return new SerializationError(`A value that arrived could not be read: ${reason} ${hint}`, {
    path: url,
    reason,
    hint,
    location: "",
  });
}

async function loadNow(request: Request, key: string): Promise<void> {
  const { how, specifier, parent } = request;
  const side = workerSide();
  if (side?.entry !== undefined && specifier === side.entry) throw startedAgain(specifier);
  if (needsLoaders(request)) await ensureLoaders();
  try {
    const value = await whileImporting(urlOf(request), async () =>
      how === "require"
        ? (requireFor(parent)(asPath(specifier)) as unknown)
        : importFrom(parent, specifier, request.attribute),
    );
    loaded.set(key, value);
    if (how === "import" && typeof value === "object" && value !== null) namespaces.set(value, request);
    noteSeen(value, request);
  } catch (error) {
    throw explained(error, request);
  }
}

function asPath(specifier: string): string {
  return specifier.startsWith("file:") ? fileURLToPath(specifier) : specifier;
}

function explained(error: unknown, request: Request): unknown {
  // A module may throw whatever it likes.
  const code = (error as { code?: unknown } | null | undefined)?.code;
  const url = urlOf(request);
  const typed =
    code === "ERR_UNKNOWN_FILE_EXTENSION" ||
    code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX" ||
    (error instanceof SyntaxError && /\.[cm]?tsx?$/.test(url));
  if (!typed) return error;
  const reason = `this worker cannot load ${url}: it was started without the TypeScript loader of the driver.`;
  const hint =
    "Start the driver with `node --import tsx`: workers learn of loaders by the options of the driver. Where something else " +
    'starts it, such as a test runner, name the loader: init({ runtimeEnv: { setup: "tsx" } }).';
  return new SerializationError(`${reason} ${hint}`, { path: url, reason, hint, location: "" }, { cause: error });
}

/** An `import()` in code that arrived, whose own a test runner has replaced: with its loader, which is not here. */
export async function importForCode(parent: string, specifier: string): Promise<unknown> {
  try {
    return await importFrom(parent, specifier, undefined);
  } catch (error) {
    throw explained(error, { how: "import", specifier: rooted(specifier, parent), parent, attribute: undefined });
  }
}

// ------------------------------------------------------------------ as if a file had said it

type Importer = (specifier: string, attribute: string | undefined) => Promise<unknown>;

const importers = new Map<string, Importer>();

/** An `import()` that resolves as it would in `parent`: by the loader of the main context, for a script of that name. */
function importFrom(parent: string, specifier: string, attribute: string | undefined): Promise<unknown> {
  hush();
  return importerFor(parent)(rooted(specifier, parent), attribute);
}

function importerFor(parent: string): Importer {
  let importer = importers.get(parent);
  if (importer === undefined) {
    const text = "(specifier, type) => type === undefined ? import(specifier) : import(specifier, { with: { type } })";
    const script = new Script(text, {
      filename: fileNameFor(parent),
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    importer = script.runInThisContext() as Importer;
    importers.set(parent, importer);
  }
  return importer;
}

/** Vite writes paths from the root of its project, which is some folder above the file. */
function rooted(specifier: string, parent: string): string {
  if (!specifier.startsWith("/") || existsSync(specifier)) return specifier;
  const inside = specifier.replace(/^\/@fs(?=\/)/, "");
  for (let folder = path.dirname(fileURLToPath(fileNameFor(parent))); ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, inside))) return pathToFileURL(path.join(folder, inside)).href;
    if (path.dirname(folder) === folder) return inside;
  }
}

let hushed = false;

/** Node warns once when that loader is used, which users can do nothing about: it is used here first, and this warning is dropped. */
export function hush(): void {
  if (hushed) return;
  hushed = true;
  const emit = process.emitWarning;
  const filtered = (...args: unknown[]): void => {
    if (!String(args[0]).includes("USE_MAIN_CONTEXT_DEFAULT_LOADER")) Reflect.apply(emit, process, args);
  };
  process.emitWarning = filtered;
  const restore = (): void => {
    if (process.emitWarning === filtered) process.emitWarning = emit;
  };
  importerFor(fileNameFor(""))("node:vm", undefined).then(restore, restore);
}

/** Code without a file imports as if it stood in the working folder. */
export function fileNameFor(url: string): string {
  return url.startsWith("file:") ? url : pathToFileURL(path.join(workingFolder(), "[code]")).href;
}

export function requireFor(url: string): NodeJS.Require {
  return createRequire(fileNameFor(url));
}

// ------------------------------------------------------------------ the driver's loaders

let loadersReady: Promise<void> | undefined;

/** Packages and modules of Node are JavaScript already. */
function needsLoaders({ specifier, parent }: Request): boolean {
  if (isBuiltin(specifier) || specifier.includes("/node_modules/") || isOwnFile(specifier)) return false;
  if (/^\.{0,2}\//.test(specifier)) return !parent.includes("/node_modules/");
  return specifier.startsWith("file:") || !(isInstalled(specifier, parent) || isThisPackage(specifier, parent));
}

/** Programs in this package's own folder know it by its name without having it installed. */
function isThisPackage(specifier: string, parent: string): boolean {
  return specifier === "ray-ts" && packageFolder !== undefined && parent.startsWith(packageFolder);
}

function isInstalled(specifier: string, parent: string): boolean {
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
  let folder = path.dirname(fileURLToPath(fileNameFor(parent)));
  for (;;) {
    if (existsSync(path.join(folder, "node_modules", name))) return true;
    const above = path.dirname(folder);
    if (above === folder) return false;
    folder = above;
  }
}

/** Loads, once, what the driver was started with. Costs the time that a worker saved when it started without. */
export function ensureLoaders(): Promise<void> {
  loadersReady ??= loadAll(workerSide()?.loaders ?? []);
  return loadersReady;
}

async function loadAll(loaders: readonly Loader[]): Promise<void> {
  const folder = pathToFileURL(path.join(workingFolder(), "_")).href;
  const own = new Set(process.execArgv.flatMap((option) => [option, option.slice(option.indexOf("=") + 1)]));
  for (const { kind, specifier } of loaders) {
    // The worker may have been started with it.
    if (own.has(specifier)) continue;
    if (kind === "require") requireFor(folder)(specifier);
    else if (kind === "loader") register(specifier, folder);
    else await importFrom(folder, path.isAbsolute(specifier) ? pathToFileURL(specifier).href : specifier, undefined);
  }
}
