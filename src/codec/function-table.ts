// The functions of a payload, written at its end: only then is it known which of their variables need boxes.
import type { Facts } from "./capture.ts";
import { Cells, isBoxed, type Cell } from "./cells.ts";
import type { ClassVariable } from "./class-state.ts";
import { classTextOf } from "./class-text.ts";
import { portableUrl, readCode, writeCode, type Code } from "./code.ts";
import { applied, padded, type Edit } from "./edits.ts";
import type { Out, Section } from "./graph.ts";
import { memberText } from "./live.ts";
import { originSection } from "./origin.ts";
import { Damaged, type Reader } from "./reader.ts";
import type { Use } from "./variables.ts";
import type { Writer } from "./writer.ts";

/** One of the variables whose values travel. */
export interface Slot {
  readonly name: string;
  readonly cell: Cell | undefined;
  readonly isParts: boolean;
  readonly isInner: boolean;
  /** It is read from its module each time: the name under which that exports it. */
  readonly live: string | undefined;
}

/** A function as the encoder met it. */
export interface Met {
  readonly facts: Facts;
  readonly givenName: string | undefined;
  readonly wrappers: readonly string[];
  readonly slots: readonly Slot[];
  readonly usesArguments: boolean;
}

export interface FunctionTable {
  readonly out: Out;
  readonly cells: Cells;
  readonly met: Met[];
  /** Weak collections that classes close over, by their numbers. */
  readonly weak: Map<number, ClassVariable>;
}

export interface ReadFunctions {
  readonly codes: readonly Code[];
  /** The code of each function. */
  readonly functions: readonly number[];
  readonly weak: ReadonlyMap<number, ClassVariable>;
  /** By the number of the cell; those that a class has here already are shared with it. */
  readonly boxes: ReadonlyMap<number, ClassVariable | undefined>;
}

export const functionSection: Section<FunctionTable, ReadFunctions> = {
  number: 5,
  begin(out) {
    // The places of functions are told by it, when it is too late to begin it.
    out.table(originSection);
    return { out, cells: new Cells(), met: [], weak: new Map() };
  },
  write: writeTable,
  read(from, into) {
    const codes = Array.from({ length: from.count() }, () => readCode(from, into));
    const functions = Array.from({ length: from.count() }, () => {
      const code = from.uint();
      if (code >= codes.length) throw new Damaged("has a function without code");
      return code;
    });
    return { codes, functions, boxes: readBoxes(from), weak: readWeak(from) };
  },
};

function writeTable({ out, cells, met, weak }: FunctionTable, to: Writer): void {
  const codes: Code[] = [];
  const numbers = new Map<string, number>();
  const functions = met.map((each) => {
    const code = codeOf(each, out);
    const key = JSON.stringify([
      code.body,
      code.url,
      code.line,
      code.column,
      code.strict,
      code.givenName,
      code.names,
      code.boxed,
      code.parts,
      code.live,
    ]);
    let number = numbers.get(key);
    if (number === undefined) numbers.set(key, (number = codes.push(code) - 1));
    return number;
  });
  to.uint(codes.length);
  for (const code of codes) writeCode(code, to);
  to.uint(functions.length);
  for (const number of functions) to.uint(number);
  writeBoxes(cells, to);
  to.uint(weak.size);
  for (const [number, { cid, variable }] of weak) {
    to.uint(number);
    to.text(cid);
    to.text(variable);
  }
}

function readWeak(from: Reader): Map<number, ClassVariable> {
  return new Map(
    Array.from({ length: from.count() }, () => [from.uint(), { cid: from.text(), variable: from.text() }]),
  );
}

function writeBoxes(cells: Cells, to: Writer): void {
  const boxed = cells.list.filter(isBoxed);
  to.uint(boxed.length);
  for (const { number, variable, uses } of boxed) {
    to.uint(number);
    const cid = uses.find((use) => use.cid !== undefined && use.writes)?.cid;
    to.text(cid ?? "");
    if (cid !== undefined) to.text(variable);
  }
}

function readBoxes(from: Reader): Map<number, ClassVariable | undefined> {
  const boxes = new Map<number, ClassVariable | undefined>();
  for (let left = from.count(); left > 0; left--) {
    const number = from.uint();
    const cid = from.text();
    boxes.set(number, cid === "" ? undefined : { cid, variable: from.text() });
  }
  return boxes;
}

/** What a variable in a box, or in a module, is called inside the text. */
export function boxName(name: string): string {
  return `$ray_${name}`;
}

function codeOf({ facts, givenName, wrappers, slots, usesArguments }: Met, out: Out): Code {
  const { source, strict, url, line, column } = facts;
  const isBox = (slot: Slot): boolean => slot.cell !== undefined && isBoxed(slot.cell);
  const places = new Map<string, string>();
  for (const slot of slots) {
    if (isBox(slot)) places.set(slot.name, `${boxName(slot.name)}.v`);
    else if (slot.live !== undefined) places.set(slot.name, boxName(slot.name) + memberText(slot.live));
  }
  const indexes = (test: (slot: Slot) => boolean): number[] =>
    slots.flatMap((slot, index) => (test(slot) ? [index + wrappers.length] : []));
  const classText = source.form === "class" ? classTextOf(source) : undefined;
  const edits: Edit[] = [...(classText?.edits ?? []), ...editsOf(facts, places)];
  return {
    text: source.text,
    body: edits.length === 0 ? source.text : applied(source.text, edits),
    form: source.form === "classMember" ? "member" : source.form,
    strict,
    url: portableUrl(url, out),
    line,
    column,
    givenName: source.ownName === undefined ? givenName : undefined,
    names: [...wrappers, ...slots.map(({ name }) => name)],
    wrappers: wrappers.length,
    boxed: indexes(isBox),
    parts: indexes(({ isParts }) => isParts),
    inner: indexes(({ isInner }) => isInner),
    live: slots.flatMap(({ live }, index) =>
      live === undefined ? [] : [{ index: index + wrappers.length, name: live }],
    ),
    usesArguments,
    usesMeta: source.variables.metas.length > 0,
    imports: importsLater(source.text),
    derived: classText?.derived === true,
    statics: classText?.statics ?? [],
  };
}

export function importsLater(text: string): boolean {
  return /\b(import|require)\s*\(/.test(text) || text.includes("__vite_ssr_dynamic_import__");
}

/** `places`: where variables are found that are no longer variables. */
function editsOf({ source }: Facts, places: ReadonlyMap<string, string>): Edit[] {
  const { text, offset, variables, key } = source;
  const edits: Edit[] = [];
  for (const { start, end } of variables.metas) {
    edits.push({
      start: start - offset,
      end: end - offset,
      text: padded("$rayM", text.slice(start - offset, end - offset)),
    });
  }
  // A key that is an expression was worked out where the member was made; here it only has to be one.
  if (key?.computed === true)
    edits.push({ start: key.start, end: key.end, text: padded("0", text.slice(key.start, key.end)) });
  if (key?.isPrivate === true) edits.push({ start: key.start, end: key.start + 1, text: " " });
  for (const [name, place] of places)
    for (const use of variables.free.get(name)?.uses ?? []) edits.push(...placeEdits(name, place, use, offset));
  return edits;
}

function placeEdits(name: string, place: string, { start, end, as, names, begins }: Use, offset: number): Edit[] {
  // Without a semicolon before it, a parenthesis would go on with the line above.
  const called = begins === true ? `;(0,${place})` : `(0,${place})`;
  const text = as === "shorthand" ? `${name}:${place}` : as === "callee" ? called : place;
  const edits: Edit[] = [{ start: start - offset, end: end - offset, text }];
  if (names === undefined) return edits;
  // Only an assignment to a variable gives a function its name.
  edits.push({ start: names.start - offset, end: names.start - offset, text: `({${JSON.stringify(name)}:` });
  edits.push({ start: names.end - offset, end: names.end - offset, text: `})[${JSON.stringify(name)}]` });
  return edits;
}
