// The code of a function as it travels, without the values of its variables: many closures may have one.
import type { In, Out } from "./graph.ts";
import { portable, resolved } from "./origin.ts";
import { Damaged, type Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

const forms = ["arrow", "function", "class", "member"] as const;
export type Form = (typeof forms)[number];

export interface Live {
  readonly index: number;
  readonly name: string;
}

export interface Code {
  /** As its author wrote it. */
  readonly text: string;
  /** The same, ready to be put into its frame. */
  readonly body: string;
  readonly form: Form;
  readonly strict: boolean;
  readonly url: string;
  /** Where the text begins in that file; both count from 0. */
  readonly line: number;
  readonly column: number;
  /** What a variable or property would call it; undefined when it names itself or has no name. */
  readonly givenName: string | undefined;
  /** Its variables: first the words of the module, then those whose values travel. */
  readonly names: readonly string[];
  readonly wrappers: number;
  /** Of the names: those in boxes, those that are objects standing for modules, those declared inside of `with`. */
  readonly boxed: readonly number[];
  readonly parts: readonly number[];
  readonly inner: readonly number[];
  /** Those that are read from a module each time, and under which name it exports them. */
  readonly live: readonly Live[];
  readonly usesArguments: boolean;
  readonly usesMeta: boolean;
  /** It imports while it runs: the loaders must be there. */
  readonly imports: boolean;
  /** Of a class: whether it extends something, static private fields, and how many keys are worked out. */
  readonly derived: boolean;
  readonly statics: readonly string[];
}

const STRICT = 1;
const ARGUMENTS = 2;
const META = 4;
const IMPORTS = 8;
const DERIVED = 16;
const NAMED = 32;
const EDITED = 64;

function writeNumbers(numbers: readonly number[], to: Writer): void {
  to.uint(numbers.length);
  for (const number of numbers) to.uint(number);
}

function writeTexts(texts: readonly string[], to: Writer): void {
  to.uint(texts.length);
  for (const text of texts) to.text(text);
}

export function writeCode(code: Code, to: Writer): void {
  const { text, body, form, strict, givenName, url } = code;
  to.byte(
    (strict ? STRICT : 0) |
      (code.usesArguments ? ARGUMENTS : 0) |
      (code.usesMeta ? META : 0) |
      (code.imports ? IMPORTS : 0) |
      (code.derived ? DERIVED : 0) |
      (givenName === undefined ? 0 : NAMED) |
      (body === text ? 0 : EDITED),
  );
  to.byte(forms.indexOf(form));
  to.text(text);
  if (body !== text) to.text(body);
  to.text(url);
  to.uint(code.line);
  to.uint(code.column);
  if (givenName !== undefined) to.text(givenName);
  writeTexts(code.names, to);
  to.uint(code.wrappers);
  for (const numbers of [code.boxed, code.parts, code.inner]) writeNumbers(numbers, to);
  writeNumbers(
    code.live.map(({ index }) => index),
    to,
  );
  for (const { name } of code.live) to.text(name);
  writeTexts(code.statics, to);
}

function readNumbers(from: Reader, below: number): number[] {
  return Array.from({ length: from.count() }, () => {
    const number = from.uint();
    if (number >= below) throw new Damaged("names a variable that is not there");
    return number;
  });
}

function readTexts(from: Reader): string[] {
  return Array.from({ length: from.count() }, () => from.text());
}

export function readCode(from: Reader, into: In): Code {
  const flags = from.byte();
  const form = forms[from.byte()];
  if (form === undefined) throw new Damaged("has a function of an unknown form");
  const text = from.text();
  const body = (flags & EDITED) === 0 ? text : from.text();
  const url = resolved(from.text(), into);
  const [line, column] = [from.uint(), from.uint()];
  const givenName = (flags & NAMED) === 0 ? undefined : from.text();
  const names = readTexts(from);
  const wrappers = from.uint();
  const [boxed, parts, inner] = [names, names, names].map((all) => readNumbers(from, all.length)) as [
    number[],
    number[],
    number[],
  ];
  if (wrappers > names.length) throw new Damaged("names a variable that is not there");
  const live = readNumbers(from, names.length).map((index) => ({ index, name: from.text() }));
  const statics = readTexts(from);
  return {
    ...{ text, body, form, url, line, column, givenName, names, wrappers, boxed, parts, inner, live, statics },
    strict: (flags & STRICT) !== 0,
    usesArguments: (flags & ARGUMENTS) !== 0,
    usesMeta: (flags & META) !== 0,
    imports: (flags & IMPORTS) !== 0,
    derived: (flags & DERIVED) !== 0,
  };
}

export function portableUrl(url: string, out: Out): string {
  return url === "" ? "" : portable(url, out);
}
