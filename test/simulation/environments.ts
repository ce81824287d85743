// The environments that calls ask for, and whether they run in them.
import { ownerOf, type ProcessId } from "#src/domain/id.js";
import { envFor } from "#src/domain/request.js";
import { keyOfEnv, noEnv, normalEnv, type Env } from "#src/domain/runtime-env.js";
import type { TaskTruth } from "./truth.ts";
import { must } from "./violation.ts";

/** The last two have no process that ever gets ready. */
export const ENVS = {
  one: normalEnv({ envVars: { A: "1" } }),
  other: normalEnv({ envVars: { A: "2", B: "1" }, execArgv: ["--flag"] }),
  broken: normalEnv({ setup: "broken" }),
  endless: normalEnv({ setup: "endless" }),
};

export function isBroken(env: Env | undefined): boolean {
  return env?.setup === ENVS.broken.setup;
}

export function isEndless(env: Env | undefined): boolean {
  return env?.setup === ENVS.endless.setup;
}

export function checkEnvironment(envs: ReadonlyMap<ProcessId, Env>, { id, spec }: TaskTruth, where: ProcessId): void {
  const wanted = envFor(spec.request, envs.get(ownerOf(id)) ?? noEnv);
  const has = envs.get(where) ?? noEnv;
  must(
    keyOfEnv(has) === keyOfEnv(wanted),
    "a call runs in the environment that it asks for",
    () => `${id} in ${keyOfEnv(has)}`,
  );
}
