// Changes to the text of a function that leave every other character on its line and, where there is room, in its column.

export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** As many blanks and line ends as the text has. */
export function blank(text: string): string {
  return text.replaceAll(/[^\n\r\u2028\u2029]/g, " ");
}

/** `text` in the place of `old`, padded to its length: lines stay where they are. */
export function padded(text: string, old: string): string {
  const lines = old.slice(Math.min(text.length, old.length));
  const lost = old.slice(0, Math.min(text.length, old.length)).replaceAll(/[^\n]/g, "");
  return text + lost + blank(lines);
}

export function applied(text: string, edits: readonly Edit[]): string {
  let result = "";
  let at = 0;
  for (const { start, end, text: replacement } of edits.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (start < at) continue;
    result += text.slice(at, start) + replacement;
    at = end;
  }
  return result + text.slice(at);
}
