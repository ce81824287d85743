// The text of a class, without what must not happen again: its superclass, worked-out keys and static parts come as values.
import { blank, padded, type Edit } from "./edits.ts";
import type { Source } from "./source.ts";
import type { ClassNode } from "./syntax.ts";

type Member = ClassNode["body"]["body"][number];

/** A key that an expression gives, and what is known of the member that has it. */
export interface WorkedOutKey {
  readonly text: string;
  readonly isStatic: boolean;
  readonly kind: "method" | "get" | "set" | "field";
  /** The text of the member's function, as the engine gives it. */
  readonly functionText: string;
}

export interface ClassText {
  readonly edits: readonly Edit[];
  readonly derived: boolean;
  readonly keys: readonly WorkedOutKey[];
  /** Static private fields, with `#`. */
  readonly statics: readonly string[];
  /** Methods and accessors with a key in plain sight, as `static name kind`, to the text of their functions. */
  readonly members: ReadonlyMap<string, string>;
  /** Private names that each instance has. */
  readonly instancePrivates: readonly string[];
}

const texts = new WeakMap<Source, ClassText>();

export function classTextOf(source: Source): ClassText {
  let found = texts.get(source);
  if (found === undefined) texts.set(source, (found = read(source)));
  return found;
}

export function memberKey(isStatic: boolean, key: PropertyKey, kind: string): string {
  return `${isStatic ? "static" : ""} ${String(key)} ${kind}`;
}

function read(source: Source): ClassText {
  const node = source.node as ClassNode;
  const edits: Edit[] = [];
  const keys: WorkedOutKey[] = [];
  const statics: string[] = [];
  const members = new Map<string, string>();
  const instancePrivates: string[] = [];
  const at = (position: number): number => position - source.offset;
  const slice = (start: number, end: number): string => source.text.slice(at(start), at(end));
  const replace = (start: number, end: number, text: string): void => {
    edits.push({ start: at(start), end: at(end), text });
  };
  if (node.superClass)
    replace(
      node.superClass.start,
      node.superClass.end,
      padded("$rayS", slice(node.superClass.start, node.superClass.end)),
    );
  for (const member of node.body.body) {
    if (member.type === "StaticBlock" || isStaticField(member)) {
      replace(member.start, member.end, blank(slice(member.start, member.end)));
      continue;
    }
    const isPrivate = member.key.type === "PrivateIdentifier";
    const name = member.key.type === "PrivateIdentifier" ? `#${member.key.name}` : "";
    if (isPrivate && !member.static) instancePrivates.push(name);
    if (member.type === "PropertyDefinition" && member.static && isPrivate) {
      statics.push(name);
      // Up to its end, not only the value: there may be parentheses. Without a semicolon it would go on into the next line.
      const ended = slice(member.start, member.end).endsWith(";");
      const end = ended ? member.end - 1 : member.end;
      replace(member.key.end, end, blank(slice(member.key.end, end)) + (ended ? "" : ";"));
      continue;
    }
    const functionText = member.type === "MethodDefinition" ? textOf(member, slice) : "";
    const kind =
      member.type === "MethodDefinition" ? (member.kind === "constructor" ? "method" : member.kind) : "field";
    if (member.computed) {
      const text = slice(member.key.start, member.key.end);
      replace(member.key.start, member.key.end, padded(`$rayK[${keys.length}]`, text));
      keys.push({ text, isStatic: member.static, kind, functionText });
    } else if (!isPrivate && member.type === "MethodDefinition" && member.kind !== "constructor") {
      members.set(memberKey(member.static, plainKey(member), kind), functionText);
    }
  }
  // Decorators of some compilers keep private state of a class in names of another class, which then stamps them on this one.
  const stamped = source.variables.privateNames;
  const declarations = stamped.map((name) => `static ${name};`).join("");
  statics.push(...stamped);
  if (statics.length > 0) {
    const assignments = statics.map((name, index) => `this.${name}=v[${index}];`).join("");
    edits.push({
      start: source.text.length - 1,
      end: source.text.length - 1,
      text: `;${declarations}static{$rayK.s=v=>{${assignments}}}`,
    });
  }
  return {
    edits,
    derived: node.superClass !== null && node.superClass !== undefined,
    keys,
    statics,
    members,
    instancePrivates,
  };
}

function isStaticField(member: Member): boolean {
  return member.type === "PropertyDefinition" && member.static && member.key.type !== "PrivateIdentifier";
}

function plainKey({ key }: Extract<Member, { type: "MethodDefinition" }>): string {
  if (key.type === "Identifier") return key.name;
  return key.type === "Literal" ? String(key.value) : "";
}

/** The engine leaves the word `static` away. */
function textOf(
  { start, end, static: isStatic }: Extract<Member, { type: "MethodDefinition" }>,
  slice: (a: number, b: number) => string,
): string {
  const text = slice(start, end);
  return isStatic ? text.replace(/^static(?:\s|\/\*[^]*?\*\/|\/\/[^\n]*\n)*/, "") : text;
}
