// How a worker takes part in a session that a driver began. Before any user code is imported.
import type { Backend } from "../backend.ts";
import { markWorker } from "./is-worker.ts";
// oxlint-disable-next-line import/no-unassigned-import -- teaches the codec handles and refs, before the first call brings one
import "./remote.ts";
// oxlint-disable-next-line import/no-unassigned-import -- and placement groups
import "./placement.ts";
import { createSession, slot, type Session } from "./slot.ts";

/** From now on everything in this process uses this backend; neither init nor shutdown here changes that. */
export function adopt(backend: Backend): void {
  markWorker();
  const session: Session = createSession({
    backend,
    ready: Promise.resolve(),
    adopted: true,
    begunBy: "the driver",
    settings: {},
    hints: undefined,
    stuck: undefined,
    tellers: undefined,
    leaks: undefined,
  });
  slot.session = session;
}
