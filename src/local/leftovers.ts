// The processes of a session whose driver and daemon were both killed: nobody was left to end what workers had started.
import { markedBy, system, type ProcessTable } from "./processes.ts";

export interface Member {
  readonly pid: number;
}

/**
 * `members`: the driver and the daemon that had the folder, all of them dead. The group that the daemon led is the session's still as long
 * as one is in it that a worker of the session has started: until then nobody else can be given its number. Who has left it is on his own.
 */
export function endLeftovers(folder: string, members: readonly Member[], table: ProcessTable = system): void {
  const groups = new Set<number>();
  const user = process.getuid?.();
  for (const pid of table.pids()) {
    if (pid === process.pid) continue;
    const group = table.groupOf(pid);
    const isOfGroup = members.some((member) => member.pid === group) && table.userOf(pid) === user;
    if (isOfGroup && markedBy(table.environmentOf(pid))?.folder === folder) groups.add(group);
    // A worker that no signal of its parent's death has reached, or a daemon: the folder is an argument of every process of a session.
    if (table.argumentsOf(pid).includes(folder)) table.kill(pid);
  }
  for (const group of groups) if (!spared(table).has(group)) table.kill(-group);
}

/** This process may come from a task of the dead session itself: a program that has begun a session of its own. */
function spared(table: ProcessTable): ReadonlySet<number> {
  const groups = new Set<number>();
  for (let pid = process.pid; pid > 1; pid = table.parentOf(pid)) groups.add(table.groupOf(pid));
  return groups;
}
