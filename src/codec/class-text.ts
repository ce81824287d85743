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
  const text = new Reading(source);
  if (node.superClass) text.replace(node.superClass, padded("$rayS", text.of(node.superClass)));
  for (const member of node.body.body) text.member(member);
  const statics = text.finish();
  const { edits, keys, members, instancePrivates } = text;
  return {
    edits,
    derived: node.superClass !== null && node.superClass !== undefined,
    keys,
    statics,
    members,
    instancePrivates,
  };
}

interface Range {
  readonly start: number;
  readonly end: number;
}

class Reading {
  readonly edits: Edit[] = [];
  readonly keys: WorkedOutKey[] = [];
  readonly members = new Map<string, string>();
  readonly instancePrivates: string[] = [];
  readonly #statics: string[] = [];
  readonly #source: Source;

  constructor(source: Source) {
    this.#source = source;
  }

  of({ start, end }: Range): string {
    const { text, offset } = this.#source;
    return text.slice(start - offset, end - offset);
  }

  replace({ start, end }: Range, text: string): void {
    const { offset } = this.#source;
    this.edits.push({ start: start - offset, end: end - offset, text });
  }

  member(member: Member): void {
    if (member.type === "StaticBlock" || isStaticField(member)) return this.replace(member, blank(this.of(member)));
    if (member.key.type === "PrivateIdentifier") return this.#private(member, `#${member.key.name}`);
    const isMethod = member.type === "MethodDefinition";
    const kind = isMethod ? (member.kind === "constructor" ? "method" : member.kind) : "field";
    const functionText = isMethod ? this.#functionText(member) : "";
    if (member.computed) {
      const text = this.of(member.key);
      this.replace(member.key, padded(`$rayK[${this.keys.length}]`, text));
      this.keys.push({ text, isStatic: member.static, kind, functionText });
    } else if (isMethod && member.kind !== "constructor") {
      this.members.set(memberKey(member.static, plainKey(member), kind), functionText);
    }
  }

  #private(member: Exclude<Member, { type: "StaticBlock" }>, name: string): void {
    if (!member.static) this.instancePrivates.push(name);
    if (member.type !== "PropertyDefinition" || !member.static) return;
    this.#statics.push(name);
    // Up to its end, not only the value: there may be parentheses. Without a semicolon it would go on into the next line.
    const ended = this.of(member).endsWith(";");
    const rest = { start: member.key.end, end: ended ? member.end - 1 : member.end };
    this.replace(rest, blank(this.of(rest)) + (ended ? "" : ";"));
  }

  /** The engine leaves the word `static` away, also where it is the name of the method. */
  #functionText(member: Extract<Member, { type: "MethodDefinition" }>): string {
    const text = this.of(member);
    return member.static || plainKey(member) === "static"
      ? text.replace(/^static(?:\s|\/\*[^]*?\*\/|\/\/[^\n]*\n)*/, "")
      : text;
  }

  /** Adds what sets the static private fields; gives their names. */
  finish(): readonly string[] {
    const { text, variables } = this.#source;
    // Decorators of some compilers keep private state of a class in names of another class, which then stamps them on this one.
    const stamped = variables.privateNames;
    const declarations = stamped.map((name) => `static ${name};`).join("");
    const statics = [...this.#statics, ...stamped];
    if (statics.length === 0) return statics;
    const assignments = statics.map((name, index) => `this.${name}=v[${index}];`).join("");
    const end = text.length - 1;
    this.edits.push({ start: end, end, text: `;${declarations}static{$rayK.s=v=>{${assignments}}}` });
    return statics;
  }
}

function isStaticField(member: Member): boolean {
  return member.type === "PropertyDefinition" && member.static && member.key.type !== "PrivateIdentifier";
}

function plainKey({ key }: Extract<Member, { type: "MethodDefinition" }>): string {
  if (key.type === "Identifier") return key.name;
  return key.type === "Literal" ? String(key.value) : "";
}
