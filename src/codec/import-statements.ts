// What a script imports by statements that run when it does, found without parsing it.

/** Statements at the beginning of a line, or after another as minifiers write them; `import()` runs nothing before it is called. */
const statements =
  /(?:^|[;}])[ \t]*(?:((?:import|export)\b[^;'"()]*?from\s*|import\s*)|(?:const|let|var)\b[^;'"]*=[^;'"]*\brequire\(|require\()["']([^"'\n]+)["']/gm;

export interface ImportStatement {
  readonly how: "import" | "require";
  readonly specifier: string;
}

export function importsIn(source: string): ImportStatement[] {
  return Array.from(source.matchAll(statements), ([, imported, specifier]) => ({
    how: imported === undefined ? "require" : "import",
    specifier: specifier as string,
  }));
}
