// The daemon's process: one per private cluster, spawned by its driver, ends with it.
//
//   Start:  1. settings   2. claim the folder   3. spawn workers   4. listen to the driver   5. sweep after killed sessions
//   Stop:   1. actors clean up, when the driver said `leave`   2. SIGKILL to workers, last output read   3. `left`
//           4. folder removed   5. process group killed, this process with it
//   It stops when the driver says `leave` or its channel closes, on SIGTERM, and when workers cannot be started. Each step is bounded.
import { cleaningMs } from "../../domain/limits.ts";
import { claimFolders, removeFolders, sweepStaleFolders } from "../folder.ts";
import { DAEMON_SETTINGS, type DaemonSettings } from "../../protocol/hello.ts";
import { inNextTurn } from "../../std/turns.ts";
import { inherited } from "../../wire/socket.ts";
import { Daemon } from "./daemon.ts";

/** The driver's end of the channel. */
const DRIVER_FD = 3;
/** For the kernel to end processes, and for their pipes to be read, between one and the next: when nobody listens any more. */
const WORKERS_MS = 1_500;
/** For the same, and for the driver to take some of the last output. It ends this process when it has no more patience itself. */
const LISTENED_MS = 60_000;

async function main(): Promise<void> {
  const text = process.env[DAEMON_SETTINGS];
  if (text === undefined) throw new Error("The daemon of a session is started by init(), not by hand.");
  const settings = JSON.parse(text) as DaemonSettings;
  const env: NodeJS.ProcessEnv = { ...process.env, ...settings.env };
  delete env[DAEMON_SETTINGS];
  claimFolders(settings);

  const daemon = new Daemon(settings, env, inherited(DRIVER_FD));
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const)
    process.on(signal, () => daemon.end(`its daemon (pid ${process.pid}) was ended by ${signal}`));
  daemon.start();
  inNextTurn(() => sweepStaleFolders(settings));

  const driverListens = await daemon.over.promise;
  if (driverListens) await daemon.endActors(cleaningMs);
  await daemon.endWorkers(driverListens ? LISTENED_MS : WORKERS_MS);
  if (driverListens) await daemon.sayLeft(LISTENED_MS);
  removeFolders(settings);
  endGroup();
}

/** Whatever workers have started and left behind ends too, unless it has left the group on purpose. */
function endGroup(): void {
  try {
    process.kill(-process.pid, "SIGKILL");
  } finally {
    process.exit(0);
  }
}

void main();
