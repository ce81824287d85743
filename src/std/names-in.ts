// What is in a folder; nothing is in one that is not there, or not for this user.
import { readdirSync } from "node:fs";

export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
