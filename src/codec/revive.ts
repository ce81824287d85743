// Functions made anew from their code: one script per code, in the place of the original, so that stacks name the user's lines.
//
//   (function $ray($rayM,$rayS,$rayK,$rayW,$rayA){"use strict";var a,b;return[($ray0,$ray1)=>{a=$ray0;b=$ray1},()=>[a,b],void 0, <the function> ]})
//
// The function comes last: the engine would call one without a name after whatever is assigned behind it.
import { constants, Script } from "node:vm";
import { noteBirth } from "./births.ts";
import type { Code } from "./code.ts";
import { boxName } from "./function-table.ts";
import { hush } from "./imports.ts";
import { valuesOf } from "./module-words.ts";
import { Damaged } from "./reader.ts";
import { Recent } from "./recent.ts";
import { revivedPrefix } from "./scripts.ts";

type Setter = (...values: unknown[]) => void;
type Parts = readonly [set: Setter, get: () => unknown[], args: IArguments | undefined, made: unknown];
type Factory = (
  meta: unknown,
  superclass: unknown,
  keys: Keys,
  withs: readonly object[],
  args: readonly unknown[],
) => Parts;
type Keys = unknown[] & { s?: (values: readonly unknown[]) => void };

/** What cannot change once the function exists. */
export interface Fixed {
  readonly keys: readonly unknown[];
  /** A class extends nothing, which is not the same as not extending. */
  readonly extendsNull: boolean;
  readonly withs: readonly object[];
  readonly arguments: number;
}

export interface Revived {
  readonly fn: (...args: never[]) => unknown;
  readonly code: Code;
  /** In the order of the names whose values travel. */
  readonly set: Setter;
  readonly home: object | undefined;
  readonly arguments: IArguments | undefined;
  readonly setStatics: ((values: readonly unknown[]) => void) | undefined;
}

/** Scripts are not given back by the engine at once: each code is compiled once. */
const FACTORIES_MAX = 1000;
const factories = new Recent<string, Factory>(FACTORIES_MAX);

export function revive(code: Code, fixed: Fixed): Revived {
  const { url, line, column } = code;
  const text = frame(code, fixed.withs.length);
  const factory = factories.get([url, line, column, text].join("\0"), () => compile(code, text));
  const keys: Keys = [...fixed.keys];
  const words = valuesOf(code);
  // Of a superclass only that there is one matters here: which one is set when it is known.
  const superclass = fixed.extendsNull ? null : Superclass;
  const [set, get, args, made] = factory(
    words.meta,
    superclass,
    keys,
    fixed.withs,
    Array.from({ length: fixed.arguments }),
  );
  const { fn, home } = code.form === "member" ? ofMember(made) : { fn: made, home: undefined };
  if (typeof fn !== "function") throw new Damaged("has code that makes no function");
  const later = (...values: unknown[]): void => set(...words.values, ...values);
  noteBirth(fn, {
    ...{ text: code.text, url, line, column, strict: code.strict, names: code.names, get, set },
    boxed: new Set(code.boxed.map((index) => code.names[index] as string)),
    live: new Map(code.live.map(({ index, name }) => [code.names[index] as string, name])),
    wrappers: code.names.slice(0, code.wrappers),
    setStatics: keys.s,
    keys: fixed.keys,
    home,
    arguments: args,
    withs: fixed.withs,
  });
  return { fn: fn as Revived["fn"], code, set: later, home, arguments: args, setStatics: keys.s };
}

/** Stands in while a class is made, until its own is there. */
const Superclass = function (): void {};

function ofMember(made: unknown): { fn: unknown; home: object } {
  const home = made as object;
  const [key] = Reflect.ownKeys(home);
  const { value, get, set } = Object.getOwnPropertyDescriptor(home, key as PropertyKey) as PropertyDescriptor;
  return { fn: (value as unknown) ?? get ?? set, home };
}

function compile({ url, line, column, body, imports }: Code, text: string): Factory {
  if (imports) hush();
  const before = text.lastIndexOf(body);
  const script = new Script(text, {
    filename: url === "" ? "[code]" : url,
    lineOffset: line,
    columnOffset: column - before,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  return script.runInThisContext() as Factory;
}

function frame(code: Code, withs: number): string {
  const { strict, usesArguments, names, inner, boxed, live } = code;
  const moved = new Set([...boxed, ...live.map(({ index }) => index)]);
  const variable = (index: number): string =>
    moved.has(index) ? boxName(names[index] as string) : (names[index] as string);
  const all = [...names.keys()];
  const outside = all.filter((index) => !inner.includes(index));
  let result = `${access(outside.map(variable))},void 0,${expression(code)}`;
  if (withs > 0)
    result = withinWiths(
      code,
      withs,
      outside.map(variable),
      inner.map(variable),
      all.map((index) => inner.includes(index)),
    );
  else if (usesArguments)
    result = `...(function(){return[${access(outside.map(variable))},arguments,${expression(code)}]}).apply(void 0,$rayA)`;
  const declared = declaration(outside.map(variable));
  return `${revivedPrefix}$rayM,$rayS,$rayK,$rayW,$rayA){${strict ? '"use strict";' : ""}${declared}return[${result}]})`;
}

function declaration(variables: readonly string[]): string {
  return variables.length === 0 ? "" : `var ${variables.join(",")};`;
}

/** A way to set the variables, and a way to read them. */
function access(variables: readonly string[]): string {
  const parameters = variables.map((_, index) => `$ray${index}`);
  return `(${parameters.join(",")})=>{${variables.map((name, index) => `${name}=$ray${index}`).join(";")}},()=>[${variables.join(",")}]`;
}

/** Variables that are declared inside of `with` come before its object, all others after. */
function withinWiths(
  code: Code,
  withs: number,
  outside: readonly string[],
  inner: readonly string[],
  isInner: readonly boolean[],
): string {
  const heads = Array.from({ length: withs }, (_, index) => `with($rayW[${index}])`).join("");
  const core = `(function(){${declaration(inner)}return[${access(inner)},${expression(code)}]})()`;
  const choose = isInner.map((each) => (each ? "i" : "o")).join("");
  return (
    `...(()=>{var $rayF;${heads}{$rayF=${core}}const $rayO=[${access(outside)}],$rayC="${choose}";` +
    `const $rayP=(v,w)=>v.filter((_,k)=>$rayC[k]===w);` +
    `return[(...v)=>{$rayO[0](...$rayP(v,"o"));$rayF[0](...$rayP(v,"i"))},` +
    `()=>{const o=$rayO[1](),i=$rayF[1]();return[...$rayC].map((w)=>w==="o"?o.shift():i.shift())},void 0,$rayF[2]]})()`
  );
}

function expression({ form, body, givenName }: Code): string {
  if (form === "member") return `{${body}}`;
  if (givenName === undefined || givenName === "") return `(${body})`;
  const name = JSON.stringify(givenName);
  return `({[${name}]:${body}})[${name}]`;
}
