// What of a text belongs together: the pipe of a worker does not say which lines were written at once, but objects, JSON, tables and
// stacks can be seen. A line that is indented, or closes a bracket, goes on with the one above it.

/** Each with its lines, without the last newline. */
export function blocksOf(text: string): string[] {
  const blocks: string[] = [];
  let begin = 0;
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", end + 1)) {
    if (goesOn(text, begin, end)) continue;
    blocks.push(text.slice(begin, end));
    begin = end + 1;
  }
  blocks.push(text.slice(begin));
  return blocks;
}

/** Space, tab, closing brackets, and of tables all but the corners that begin one. */
const GOES_ON = new Set(Array.from(" \t)]}│├└┤┘", (letter) => letter.charCodeAt(0)));

/** A block that begins at `begin` with the line after `end`. An empty line is no part of any. */
function goesOn(text: string, begin: number, end: number): boolean {
  return GOES_ON.has(text.charCodeAt(end + 1)) && end > begin;
}
