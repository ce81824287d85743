// The words that a module gives to its code, made anew for code that lives outside of it: require, __filename, import.meta …
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { RESOLVES_FOR_OTHERS } from "../std/resolving.ts";
import type { Code } from "./code.ts";
import { wrapperNames, type Wrapper } from "./environment.ts";
import { fileNameFor, importForCode, requireFor } from "./imports.ts";

interface Words {
  /** In the order of the names of the code. */
  readonly values: readonly unknown[];
  readonly meta: unknown;
}

type Wanted = Pick<Code, "names" | "wrappers" | "url" | "usesMeta">;

export function valuesOf({ names, wrappers, url, usesMeta }: Wanted): Words {
  const values = names.slice(0, wrappers).map((name) => wordFor(name, url));
  return { values, meta: usesMeta ? metaOf(url) : undefined };
}

function wordFor(name: string, url: string): unknown {
  const wrapper = Object.hasOwn(wrapperNames, name) ? (Reflect.get(wrapperNames, name) as Wrapper) : undefined;
  return wrapper === undefined ? counter : words[wrapper](url);
}

const words: Readonly<Record<Wrapper, (url: string) => unknown>> = {
  require: requireFor,
  module: (url) => ({ exports: {}, id: fileOf(url), filename: fileOf(url), loaded: true, children: [], paths: [] }),
  exports: () => ({}),
  __filename: fileOf,
  __dirname: (url) => path.dirname(fileOf(url)),
  import: (url) => (specifier: string) => importForCode(url, specifier),
  meta: metaOf,
  viteMeta: (url) => Object.assign(metaOf(url), { env: viteSettings() }),
};

function fileOf(url: string): string {
  return fileURLToPath(fileNameFor(url));
}

const metas = new Map<string, object>();

function metaOf(url: string): object {
  let meta = metas.get(url);
  if (meta === undefined) {
    const real = fileNameFor(url);
    const own = url.startsWith("file:")
      ? { filename: fileURLToPath(url), dirname: path.dirname(fileURLToPath(url)) }
      : {};
    meta = { __proto__: null, url: real, ...own, resolve: (specifier: string) => resolveFrom(real, specifier) };
    metas.set(url, meta);
  }
  return meta;
}

/** What Vite has in `import.meta.env`: its test runner sets it in the environment too, for the processes of its own. */
function viteSettings(): object {
  const isOn = (name: string): boolean => Boolean(process.env[name]);
  return { ...process.env, DEV: isOn("DEV"), PROD: isOn("PROD"), SSR: isOn("SSR") };
}

const resolvesForOthers = process.execArgv.includes(RESOLVES_FOR_OTHERS);

/** Where `import` cannot be asked, `require` is, which has conditions of its own. */
function resolveFrom(url: string, specifier: string): string {
  if (resolvesForOthers) return import.meta.resolve(specifier, url);
  if (/^\.{0,2}\//.test(specifier) || URL.canParse(specifier)) return new URL(specifier, url).href;
  const found = requireFor(url).resolve(specifier);
  return path.isAbsolute(found) ? pathToFileURL(found).href : found.startsWith("node:") ? found : `node:${found}`;
}

/** In the place of a coverage counter: takes any step and any count. */
const counter = (): object => endless;
const endless: object = new Proxy(
  {},
  {
    get: (_target, key) => (key === Symbol.toPrimitive ? () => 0 : endless),
    set: () => true,
  },
);
