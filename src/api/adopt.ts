// How a worker takes part in a session that a driver began. Before any user code is imported.
import type { Backend } from "../backend.ts";
import { markWorker } from "./is-worker.ts";
// For what they teach the codec: refs and handles that arrive in calls must be known before the first one comes.
import "./ref-kind.ts";
import "./remote.ts";
import { createSession, slot, type Session } from "./slot.ts";

/** From now on everything in this process uses this backend; neither init nor shutdown here changes that. */
export function adopt(backend: Backend): void {
  markWorker();
  const session: Session = createSession({ backend, ready: Promise.resolve(), adopted: true, settings: {} });
  slot.session = session;
}
