// What cannot pass in some environment, and why. An excuse covers a case only there, and only while it fails.

export interface Excuse {
  readonly cases: RegExp;
  readonly why: string;
  /** What the failure must say; any failure is covered when it is not there. */
  readonly says?: string;
  /** Only on these versions of Node; on all when it is not there. */
  readonly nodes?: readonly number[];
}

const partOfEntry = "what was imported is part of the entry now, and the entry goes by value";
const loadedByRunner = "only the test runner can load the user's modules, so they go by value";
const noPrivateNames = "the compiler made WeakMaps of private names, and WeakMaps can travel";

/** The cases that prove that an import was not copied. */
const byReference =
  /^(56|57 (the class goes by|a class that a factory)|58|59 an (imported function|alias)|61|63 CommonJS|64 dynamic import inside)/;

/** Needs the statements of the program, in a file. */
const beside = /^60 a class of a package is what/;
const noStatements = "this form of program has no statements that import: it awaits import()";
const oneStatement = "the minifier made one statement of all that is required";

export const excuses = {
  bundled: [
    { cases: byReference, why: partOfEntry },
    { cases: /^67 /, why: partOfEntry },
  ],
  framework: [
    { cases: byReference, why: loadedByRunner },
    { cases: /^60 (such a class of a library|a class that is found through)/, why: loadedByRunner },
    { cases: /^67 /, why: loadedByRunner },
  ],
  vitest: [{ cases: beside, why: "the test runner rewrites the statements that import" }],
  ownPackages: [
    {
      cases: /^57 an instance of such a class comes back/,
      why: "the test runner has a package of its own, and what comes back is of the one that Node loads",
    },
  ],
  lowered: [
    { cases: /^80 E[35] /, why: noPrivateNames },
    { cases: /^80 E8 a running async/, why: "the compiler made an ordinary object of an async generator" },
    { cases: /^80 E20 /, why: "the compiler made fields into assignments, and their keys into variables of a closure" },
  ],
  minified: [
    { cases: /^75 explicit captures/, why: "explicit captures are given by the names that the minifier took away" },
  ],
  minifiedCommonJs: [
    {
      cases: /^56 live/,
      why: "the minifier renamed the helper around require: what an unknown function makes of a module is copied",
    },
    { cases: beside, why: oneStatement },
  ],
  swcMangle: [
    { cases: beside, why: oneStatement },
    {
      cases: /^60 (an instance of a class that its module|the class itself)/,
      why: "the minifier gave parameters the names of variables of the module: the class seems to use them, and is copied",
    },
    {
      cases: /^56 live/,
      why: "the minifier takes what is imported for constant: it reads once what the source reads twice",
    },
    {
      cases: /^18 (a class from eval|the result of a direct eval)/,
      why: "the minifier renamed a variable that a direct eval reads",
    },
  ],
  tsxCommonJs: [
    {
      cases: /^(64 dynamic import inside|66 )/,
      why: "without tsx's ESM hooks, which Node 20 cannot have here, import() cannot load a .cts file",
      nodes: [20],
    },
  ],
  withoutFile: [{ cases: beside, why: noStatements }],
  repl: [{ cases: beside, why: noStatements }],
} as const satisfies Readonly<Record<string, readonly Excuse[]>>;
