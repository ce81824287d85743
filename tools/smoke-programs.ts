// The programs that a new user of the installed package writes: the README's own examples, and the mistakes of the first hour.
import { transformSync } from "esbuild";

export interface UserProgram {
  readonly file: string;
  readonly source: string;
  /** TypeScript goes through tsx. */
  readonly typescript: boolean;
  /** What it must print, its lines sorted; each line a pattern. */
  readonly prints: readonly string[];
  readonly exitCode: number;
  /** Of its standard error as a whole. */
  readonly stderr: RegExp;
}

const silent = /^$/;

/** The README's blocks as one program: what it promises in comments is printed, so that it can be compared. */
export function tour(readme: string): UserProgram[] {
  const blocks = [...readme.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code]) => code as string);
  const typescript = blocks
    .join("\n")
    .replace(/^(const results = .*)$/m, "$1\nconsole.log(results.join());")
    .replace(/^(await ray\.get\(sum\..*\));/m, "console.log($1);");
  const javascript = transformSync(typescript, { loader: "ts", format: "esm" }).code;
  const required = javascript.replaceAll(/^import (?:\* as )?(.*) from (".*");$/gm, "const $1 = require($2);");
  const commonjs = `(async () => {\n${required}\n})();\n`;
  return [tourIn("main.ts", typescript), tourIn("main.mjs", javascript), tourIn("main.cjs", commonjs)];
}

function tourIn(file: string, source: string): UserProgram {
  const lines = source.split("\n");
  const line = lines.findIndex((text) => text.includes("parse.remote("));
  const column = (lines[line] ?? "").indexOf("remote(");
  const place = `${file}:${line + 1}:${column + 1}`;
  const failed = `Task parse threw in worker process \\d+, submitted at ${place}: Expected .* in JSON at position 1.*`;
  const ready = ["\\[ 100 \\]", "\\[ 200 \\]", "\\[ 300 \\]"];
  const further = ["0", "0\\.5", "2", "\\[ 'in the first', 'in either' \\]"];
  const actors = ["\\[ 11, 16 \\]", "1", "2", "3", "to", "be"];
  const prints = ["0,1,2,3", "294", failed, ...actors, "\\[ 'found here' \\]", ...ready, ...further];
  return { file, source, typescript: file.endsWith(".ts"), prints, exitCode: 0, stderr: silent };
}

/** A mistake as an expression, and what its error says. */
const mistakes: readonly [expression: string, says: RegExp][] = [
  ["slow(1)", /Remote function 'slow' cannot be called directly\. Use slow\.remote/],
  ["slow.remote(1) + 1", /stands for the result of slow.*await get\(ref\)/],
  ["ray.get(1)", /takes an ObjectRef or an array of them, but got the number 1/],
  ["ray.get(ray.get(slow.remote(1)))", /got a Promise/],
  ["ray.get(slow.remote(1), slow.remote(2))", /several refs in one array/],
  ["ray.remote((x) => x, { num_cpus: 2 })", /no option num_cpus\. Did you mean numCpus\?/],
  ["ray.get(slow.options({ numCpus: 64 }).remote(1))", /Task slow can never run: it asks for CPU 64/],
  ["ray.get(useServer.remote())", /useServer -> config\.server/],
  ["ray.get(fib.remote(3))", /Inside `function fib`/],
  ["ray.get(exits.remote())", /Task exits called process\.exit\(3\)/],
  ["slow.remote(Promise.resolve(1))", /argument 1 of slow is a Promise/],
  ["ray.init({ numCpus: 7 })", /the session that runs already has another numCpus: 2, and not 7/],
];

/** Prints the number of each mistake whose error says what it should, at a place in this file. */
export const beginner: UserProgram = {
  file: "beginner.mjs",
  typescript: false,
  source: `import { createServer } from "node:http";
import * as ray from "ray-ts";

const config = { server: createServer() };
await ray.init({ numCpus: 2 });
const slow = ray.remote(async (i) => i);
const useServer = ray.remote(() => config.server.listen(0));
const fib = ray.remote(async function fib(n) { return n < 2 ? n : fib.remote(n - 1); });
const exits = ray.remote(() => process.exit(3), { maxRetries: 0 });

${mistakes.map(([expression], index) => attempt(expression, index)).join("\n")}
await ray.shutdown();
`,
  prints: mistakes.map((_, index) => `mistake ${index}: ok`),
  exitCode: 0,
  stderr: silent,
};

function attempt(expression: string, index: number): string {
  const says = String(mistakes[index]?.[1]);
  return `try { const got = await (${expression}); console.log("mistake ${index}: none, but", got); } catch (error) {
  const good = ${says}.test(error.message) && /beginner\\.mjs:\\d+/.test(error.stack) && !/AsyncLocalStorage/.test(error.stack);
  console.log("mistake ${index}:", good ? "ok" : error);
}`;
}

/** A bundler may give another name to what has one that is taken. */
export const names: UserProgram = {
  file: "names.mjs",
  typescript: false,
  source: `import * as ray from "ray-ts";
for (const [name, value] of Object.entries(ray)) {
  if (typeof value === "function" && value.name !== name) console.log(name, "is called", value.name);
}
`,
  prints: [],
  exitCode: 0,
  stderr: silent,
};

/** Nobody catches it: Node prints it. */
export const uncaught: UserProgram = {
  file: "uncaught.mjs",
  typescript: false,
  source: `import * as ray from "ray-ts";
const fails = ray.remote(() => { console.log("before"); throw new RangeError("too far"); });
await ray.get(fails.remote());
`,
  prints: ["\\(fails pid=\\d+\\) before"],
  exitCode: 1,
  stderr:
    /\nTaskError\(RangeError\): Task fails threw in worker process \d+, submitted at uncaught\.mjs:3:21: too far\n {4}at .*uncaught\.mjs:2:\d+/,
};

/** Compiled with the strictest settings and never run. */
export const typed = `
import * as ray from "ray-ts";
import { get, put, remote, type ObjectRef } from "ray-ts";
export const twice = remote((x: number) => x * 2);
export const value: Promise<number> = get(twice.remote(put(2)));
export const values: Promise<[number, string]> = get([twice.remote(1), put("a")]);
export const [first]: [ObjectRef<number>, ObjectRef<number>] = remote((): [number, number] => [1, 2], { numReturns: 2 }).remote();
export async function scoped(): Promise<string> {
  await using context = await ray.init();
  using ref = put(context.address);
  return get(ref);
}
// @ts-expect-error a number is expected
twice.remote("2");
// @ts-expect-error an argument is missing
twice.remote();
// @ts-expect-error a remote function is not called directly
twice(1);
// @ts-expect-error a ref is not its value
twice.remote(1) + 1;
// @ts-expect-error refs are no promises
export const awaited: number = await twice.remote(1);
// @ts-expect-error what is no ref has nothing to get
get(1);
// @ts-expect-error a promise is no ref
get(get(twice.remote(1)));
// @ts-expect-error refs inside an array stay refs
remote((xs: number[]) => xs).remote([twice.remote(1)]);
// @ts-expect-error options of Ray have other names here
remote((x: number) => x, { num_cpus: 1 });
`;
