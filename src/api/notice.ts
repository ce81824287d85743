// What the library itself has to say to whoever runs the program: a line, and only when something is wrong.
export function notice(text: string): void {
  process.stderr.write(`ray-ts: ${text}\n`);
}
