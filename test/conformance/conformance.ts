// The one suite that every backend must pass, at the public surface and at the seam below it.
import { after, before, describe } from "node:test";
import { init, shutdown, type InitOptions } from "ray-ts";
import { actorCalls } from "./actor-calls.ts";
import { actorLifecycle } from "./actor-lifecycle.ts";
import { actorMistakes } from "./actor-mistakes.ts";
import { actorNames } from "./actor-names.ts";
import { actors } from "./actors.ts";
import { calls } from "./calls.ts";
import { cancels } from "./cancel.ts";
import { columns } from "./columns.ts";
import { contexts } from "./contexts.ts";
import { dropped } from "./dropped.ts";
import { environments } from "./environments.ts";
import { exits } from "./exits.ts";
import { failures } from "./failures.ts";
import { gpus } from "./gpus.ts";
import { interrupts } from "./interrupts.ts";
import { large } from "./large.ts";
import { lifecycle } from "./lifecycle.ts";
import { many } from "./many.ts";
import { maxCalls } from "./max-calls.ts";
import { memory } from "./memory.ts";
import { mistakes } from "./mistakes.ts";
import { nesting } from "./nesting.ts";
import { placement } from "./placement.ts";
import { placementMakers } from "./placement-makers.ts";
import { placementMistakes } from "./placement-mistakes.ts";
import { placementTurns } from "./placement-turns.ts";
import { places } from "./places.ts";
import { resources } from "./resources.ts";
import { retries } from "./retries.ts";
import { seam } from "./seam.ts";
import type { Setting } from "./setting.ts";
import { streamEnds } from "./stream-ends.ts";
import { streams } from "./streams.ts";
import { thenables } from "./thenables.ts";
import { travel } from "./travel.ts";
import { waiting } from "./waiting.ts";

const groups = {
  calls,
  waiting,
  nesting,
  failures,
  retries,
  cancels,
  interrupts,
  thenables,
  travel,
  large,
  columns,
  contexts,
  resources,
  gpus,
  places,
  placement,
  placementMakers,
  placementMistakes,
  placementTurns,
  environments,
  memory,
  maxCalls,
  mistakes,
  many,
  streams,
  streamEnds,
  actors,
  actorCalls,
  actorLifecycle,
  actorNames,
  actorMistakes,
  dropped,
  seam,
};

export function conformance(setting: Setting): void {
  const options: InitOptions = {
    address: setting.address,
    numCpus: 2,
    numGpus: 2,
    resources: { license: 1 },
    labels: { zone: "test" },
    logToDriver: false,
    hints: false,
  };
  for (const [name, group] of Object.entries(groups)) {
    describe(`${setting.address}: ${name}`, () => {
      before(() => init(options));
      group(setting);
      after(shutdown);
    });
  }
  // These begin and end sessions themselves.
  describe(`${setting.address}: lifecycle`, () => lifecycle(setting));
  describe(`${setting.address}: exits`, () => exits(setting));
}
