// Files of the project travel relative to its folder, so that a machine that has it elsewhere finds them.
import { existsSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { In, Out, Section } from "./graph.ts";
import { workingFolder } from "./modules.ts";

/** Stands for the folder. */
const MARK = "~/";

function here(): string {
  return `${pathToFileURL(workingFolder()).href.replace(/\/$/, "")}/`;
}

/** The folder of whoever wrote the payload. */
export const originSection: Section<string, string> = {
  number: 3,
  begin: here,
  write: (folder, to) => to.text(folder),
  read: (from) => folderFor(from.text()),
};

const folders = new Map<string, string>();

/** On the same machine it is the same folder; elsewhere the worker was started in its own copy. */
function folderFor(origin: string): string {
  let folder = folders.get(origin);
  if (folder === undefined) {
    folder = origin.startsWith("file:///") && existsSync(fileURLToPath(origin)) ? origin : here();
    folders.set(origin, folder);
  }
  return folder;
}

export function portable(url: string, out: Out): string {
  const folder = out.table(originSection);
  return url.startsWith(folder) ? MARK + url.slice(folder.length) : url;
}

export function resolved(url: string, from: In): string {
  return url.startsWith(MARK) ? from.table(originSection) + url.slice(MARK.length) : url;
}
