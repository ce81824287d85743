// Documents that come from tables: whether they stand as the tables say, and whether the public surface has every error.
import { errorTable } from "#src/domain/error-table.js";
import { generated } from "../docs.ts";
import type { Finding, Source } from "./source.ts";

/** `read`: the text of a file of the repository; undefined when there is none. */
export function checkDocuments(read: (file: string) => string | undefined): Finding[] {
  return Object.entries(generated())
    .filter(([file, text]) => read(file) !== text)
    .map(([file]) => ({ rule: "document", file, line: 1, what: "is not as the tables say", instead: "npm run docs" }));
}

export function checkErrorsExported(sources: readonly Source[]): Finding[] {
  const index = sources.find(({ file }) => file === "src/index.ts");
  if (index === undefined) return [];
  const exported = new Set(index.exports.map(({ name }) => name));
  return Object.keys(errorTable)
    .filter((name) => !exported.has(name))
    .map((name) => ({
      rule: "document",
      file: index.file,
      line: 1,
      what: `${name} is not exported`,
      instead: "export every class of the table",
    }));
}
