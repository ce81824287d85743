// Why a value cannot travel: the texts of all refusals that speak of a value, each with what to do instead.
import { nearest } from "../std/nearest.ts";

export interface Problem {
  /** Goes on after the path: "is a Promise". */
  readonly reason: string;
  /** One line more, in parentheses. */
  readonly detail?: string;
  readonly hint: string;
  /** Where there is something else to do about it. */
  readonly hintIn?: { readonly [K in Root]?: string };
}

/** Of values that are no arguments and nothing that a function takes along: what it returns, what it yields, what is put. */
export type Root = "result" | "item" | "put";

const signal =
  "Cancel the call by a signal, options({ signal }): the function sees that in getRuntimeContext().signal.";
const FROM_BYTES =
  "Pass the bytes that it was compiled from, and compile them inside the function, or in a module that it imports.";

/** Objects that stand for data, or for a wish: what to pass instead. */
const insteadOf: ReadonlyMap<string, string> = new Map(
  Object.entries({
    Headers: "Pass its entries: [...headers].",
    FormData: "Pass its entries: [...form].",
    Blob: "Pass its bytes: await blob.arrayBuffer().",
    File: "Pass its bytes: await file.arrayBuffer().",
    Request: "Pass its url, its method and what you read of its body.",
    Response: "Pass what you read of it, such as await response.text().",
    CryptoKey:
      "Pass what crypto.subtle.exportKey() gives of it, and import it inside the function; or pass KeyObject.from(key).",
    MIMEType: "Pass its text, toString(), and make it again inside the function.",
    RecordableHistogram: "Pass what you read of it: histogram.toJSON().",
    ELDHistogram: "Pass what you read of it: histogram.toJSON().",
    Histogram: "Pass what you read of it: histogram.toJSON().",
    Event: "Pass the fields that the function needs.",
    AbortSignal: signal,
    AbortController: signal,
    Intl: "Make it inside the function, of the same options.",
    WebAssembly: FROM_BYTES,
    "WebAssembly.Memory": "Pass a copy of what is in it: new Uint8Array(memory.buffer).slice().",
    Temporal: "Pass its text, toString(), and make it again inside the function, with from(text) of the same class.",
  }),
);

/** `className`: its own, where that is another than what Node has made. */
export function hostObject(what: string, className?: string): Problem {
  const family = /^(?:Intl|Temporal|WebAssembly)(?=\.)/.exec(what)?.[0];
  const name = family === undefined ? what.slice(what.lastIndexOf(".") + 1) : what;
  const shown = insteadOf.has(family ?? name) ? name : what;
  const kind =
    className === undefined
      ? `${article(shown)} ${shown}`
      : `${article(className)} ${className}, and so ${article(shown)} ${shown}`;
  const reason = `is ${kind}: it belongs to this process.`;
  const hint = insteadOf.get(what) ?? insteadOf.get(family ?? name);
  if (hint !== undefined) return { reason, hint };
  const isStream = /^node:stream\b/.test(what);
  const detail = isStream ? "what flows through it, and what it is connected to, is here" : HOLDS;
  return { reason, detail, ...insideOnly };
}

const HOLDS = "it holds a resource of the operating system or of the engine";

const insideOnly = {
  hint: "Create it inside the function, or import it from a module that creates it.",
  hintIn: {
    result: "Use it inside the function, and return what you got from it.",
    item: "Use it inside the function, and yield what you got from it.",
    put: "Put what you got from it.",
  },
};

/** Clients that hold a connection are made so. */
export function mixed(className: string | undefined, name: string): Problem {
  const what = className === undefined ? "of a class that" : `${article(className)} ${className}, a class that`;
  return {
    reason: `is ${what} has taken over all that Node's ${name} has: it belongs to this process.`,
    detail:
      "nobody can tell such a class from one of Node's own, which holds a resource of the operating system or of the engine",
    ...insideOnly,
  };
}

/** By the letter; U is mostly spoken as in URL. */
function article(what: string): string {
  return /^[AEIO]/i.test(what) ? "an" : "a";
}

export const promise: Problem = {
  reason: "is a Promise.",
  hint: "Await it before you submit the call. If it is to give what another task makes, pass that task's ObjectRef instead.",
  hintIn: {
    result: "Await it before you return it.",
    item: "Await it before you yield it: yield await promise.",
    put: "Await it first: put(await promise).",
  },
};

export const generator: Problem = {
  reason: "is a generator: it belongs to the function that makes its values, and cannot be copied.",
  hint: "Ship the generator function and call it in the task.",
  hintIn: {
    result: "Return an array of its values, or make the function a generator function itself.",
    item: "Yield its values instead: yield* values.",
    put: "Put an array of its values: put([...values]).",
  },
};

export const iterator: Problem = {
  reason: "is an iterator, which cannot be copied.",
  hint: "Ship what it iterates over, and iterate in the task.",
  hintIn: {
    result: "Return what it iterates over, or an array: [...iterator].",
    item: "Yield what it gives: yield* iterator.",
    put: "Put what it iterates over, or an array: put([...iterator]).",
  },
};

export function weak(what: "WeakRef" | "FinalizationRegistry"): Problem {
  return {
    reason: `is a ${what}.`,
    hint: what === "WeakRef" ? "Capture the object itself." : "Make it inside the function.",
  };
}

export const sharedMemory: Problem = {
  reason: "is a SharedArrayBuffer, which cannot be shared between processes.",
  hint: "Copy its bytes: new Uint8Array(shared).slice().",
};

const bytesOfView = "new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice()";
/** What makes a view of the same kind with memory of its own: `slice` of a Buffer shares it, and a DataView has none. */
const copyOf = {
  typedArray: "view.slice()",
  buffer: "Buffer.from(view)",
  dataView: `new DataView(${bytesOfView}.buffer)`,
};

export function sharedView(kind: keyof typeof copyOf): Problem {
  return {
    reason: "is a view of a SharedArrayBuffer, which cannot be shared between processes.",
    hint: `Copy the bytes: ${copyOf[kind]} has memory of its own.`,
  };
}

export const detached: Problem = {
  reason: "is an ArrayBuffer whose memory was transferred: it has no contents any more.",
  hint: "Ship a copy that was made before the transfer.",
};

export const changedMeanwhile: Problem = {
  reason: "lost its memory while the value was written: a serializer or a getter in it has transferred or resized it.",
  hint: "Let a serializer give a copy of what it needs, and change nothing: view.slice(), structuredClone(data).",
};

export const outOfBounds: Problem = {
  reason: "is a view of a part that its buffer does not have any more.",
  hint: "Make the view again after the buffer was resized.",
};

export const revokedProxy: Problem = { reason: "is a revoked Proxy.", hint: "Capture what it stood for." };

export const uninspectableProxy: Problem = {
  reason: "is a Proxy, and this process may not look inside it (permission model or no inspector).",
  hint: "Start with --allow-inspector (Node 24+), or capture the target itself.",
};

/** A class without a name, as it is called wherever its source is spoken of. */
const NAMELESS = "(anonymous)";

/** Minified packages have dozens, and one is enough to know what is meant. */
const MEMBERS_SHOWN_MAX = 5;

/** `isOfPackage`: nobody who uses a package can change its classes, or knows what to copy of them. */
export function privateMembers(className: string, members: readonly string[], isOfPackage = false): Problem {
  // A getter and its setter are one.
  const names = [...new Set(members)];
  const more = names.length - MEMBERS_SHOWN_MAX;
  const shown = names.slice(0, MEMBERS_SHOWN_MAX).join(", ") + (more > 0 ? ` and ${more} more` : "");
  const reason = `is an instance of class ${className || NAMELESS}, which has private members (${shown}). They cannot be copied.`;
  if (isOfPackage) return { reason, ...insideOnly };
  const serializer = `Give the class a serializer, with registerSerializer(${className === "" ? "Class" : className}, { serialize, deserialize }), or use TypeScript 'private'.`;
  return {
    reason,
    hint: `${serializer} Or create it inside the function, or in a module that it imports.`,
    hintIn: { result: serializer, item: serializer, put: serializer },
  };
}

export const unknownNamespace: Problem = {
  reason: "is a module object whose file is not known.",
  hint: "Import it inside the function, or use only parts of it, by their names: `name.part`.",
};

export function noValueYet(variable: string): Problem {
  return {
    reason: "has no value yet: the call is submitted before the program gets to the declaration.",
    hint: `Submit the call below the declaration of '${variable}', or move the declaration up.`,
  };
}

export function nativeFunction(name: string): Problem {
  // As the engine names them.
  if (/^\d+$/.test(name))
    return { reason: "is a function of a WebAssembly module: it belongs to this process.", hint: FROM_BYTES };
  return {
    reason: `is the native function '${name}', which no global and no node: module exposes.`,
    hint: "Call the API inside the function instead of capturing it.",
  };
}

export const knot: Problem = {
  reason: "contains itself in a way that cannot be made again: it would have to be there before it is made.",
  hint: "Break the circle where a Proxy, a bound function or a serializer leads back to its own value.",
};

export const tooDeep: Problem = {
  reason: "is nested too deeply in values that must be complete before they are made.",
  hint: "Keep chains of proxies, bound functions and serialized values short.",
};

/** What the user's own code threw while it was asked to serialize a value. */
export function threw(what: string, message: string): Problem {
  return { reason: `could not be encoded: ${what} threw: ${message}`, hint: "Make it give data for every instance." };
}

export function asyncSerializer(what: string): Problem {
  return {
    reason: `could not be encoded: ${what} gave a Promise.`,
    hint: "It must be synchronous: values are written in one go. Wait for what it needs before the call.",
  };
}

/** The words that must hold for an arrow function, by what it uses of the function around it. */
export function lexical(uses: "this" | "super" | "new.target" | "arguments", enclosing: string): Problem {
  const kind = uses === "this" ? "method" : "function";
  const surroundings = enclosing === "the module" ? enclosing : `the enclosing ${kind} ${enclosing}`;
  if (uses === "this" && enclosing.startsWith("class ")) {
    return {
      reason: `is an arrow function in a field of ${enclosing} that uses 'this'.`,
      hint: "Make it a method, and call it on its object: remote(() => object.method()), or remote(object.method.bind(object)).",
    };
  }
  if (uses === "this") {
    return {
      reason: `is an arrow function that uses 'this' of ${surroundings}.`,
      hint: "Write `const self = this` before it and use `self`, or copy the fields it needs into local variables.",
    };
  }
  return {
    reason: `is an arrow function that uses '${uses}' of ${surroundings}.`,
    hint: "Read what it needs into a local variable first.",
  };
}

export function privateName(names: readonly string[], className: string): Problem {
  return {
    reason: `uses the private name ${names.join(", ")} of class ${className} and cannot leave it.`,
    hint: "Pass what it reads as a value, or ship the class.",
  };
}

export const homeless: Problem = {
  reason: "is a method that uses 'super', and the object it belongs to is not captured.",
  hint: "Capture the object or class and call the method on it.",
};

export function noSource(reason: string): Problem {
  return {
    reason: `has a source that is not available or could not be parsed: ${reason}.`,
    hint: "Export the function from a module and import it.",
  };
}

export function mayNotInspect(names: readonly string[]): Problem {
  const list = names.join(", ");
  return {
    reason: `uses outer variables (${list}), and this process may not inspect functions (permission model or no inspector).`,
    hint: `Start with --allow-inspector (Node 24+), export the function from a module, or pass {captures: {${list}}}.`,
  };
}

/** Of what `captures` gives. */
export function noSuchVariable(name: string, variables: readonly string[]): Problem {
  const near = nearest(name, variables);
  const others = variables.length === 0 ? "none" : variables.join(", ");
  return {
    reason: `uses no outer variable '${name}', which the option captures gives it.`,
    hint: near === undefined ? `Its outer variables: ${others}.` : `Did you mean ${near}?`,
  };
}

export function noVariables(names: readonly string[]): Problem {
  return {
    reason: `is a native or bound function, which has no variables: the option captures gives it ${names.join(", ")}.`,
    hint: "Write a function around it.",
  };
}

export function ambiguousCells(names: readonly string[], variable: string): Problem {
  return {
    reason: `: cannot tell which of the closures ${names.join(", ")} share the variable '${variable}' that they change.`,
    hint: `Keep it in an object: \`const state = { ${variable}: … }\`.`,
  };
}

export function lostKey(className: string, text: string): Problem {
  return {
    reason: `cannot be made again: class ${className || NAMELESS}: the key [${text}] could not be recovered.`,
    hint: "Give the key a name that a method also uses, or export the class from a module.",
  };
}
