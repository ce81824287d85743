// How the texts of errors are laid out.

/** What happened; then a line for each detail that there is; then what to do. */
export function told(message: string, details: readonly string[], advice = ""): string {
  const lines = [message, ...details.filter((detail) => detail !== "").map((detail) => `    ${detail}`)];
  if (advice !== "") lines.push(`  ${advice}`);
  return lines.join("\n");
}
