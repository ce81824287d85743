// How far a call has come, as its owner sees it; for messages.
//
//   waiting   for arguments          delayed   for the time of its next attempt
//   ready     for a worker           settingUp for one in which its `runtimeEnv.setup` has run
//   actor     for its actor to be there      grouped   for its placement group to be there, or for others in it
//   queued    on a worker, behind others       running   on a worker, and the first there
//   behind    at its actor, behind others of this owner
//   paused    the same, and the one that runs is a stream of this owner that has paused: only who reads it helps
//   there     at its actor, and the first of this owner: only the actor knows whether it runs calls of others before

export type Progress =
  | "actor"
  | "waiting"
  | "delayed"
  | "ready"
  | "grouped"
  | "settingUp"
  | "queued"
  | "behind"
  | "paused"
  | "there"
  | "running";

/** As in "it was …". */
export const progressWords: Readonly<Record<Progress, string>> = {
  waiting: "waiting for its arguments",
  delayed: "waiting to be tried again",
  ready: "waiting for a free worker",
  grouped: "waiting for its placement group, or for room in it",
  actor: "waiting for its actor to be there",
  settingUp: "waiting for a process in which its runtimeEnv.setup has run",
  queued: "next on a worker that runs another call",
  behind: "waiting at its actor, behind other calls",
  paused: "waiting at its actor, behind a stream that has paused until more of its items are read (backpressure)",
  there: "running, or next at its actor, behind calls of others",
  running: "running",
};
