// The environment of a worker process, beyond what all of them have: what the session says, and over it what a call says.
import type { RuntimeEnv } from "./options.ts";

/** In its normal form: equal environments look equal, and what is not set is absent. */
export interface Env extends Readonly<RuntimeEnv> {
  /** Bytes that a call may take; for that call alone, and not for those that it submits. */
  readonly memory?: number;
}

export const noEnv: Env = {};

export function normalEnv({ envVars = {}, workingDir, execArgv = [], setup, memory }: Env): Env {
  const vars = Object.entries(envVars).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return {
    ...(vars.length > 0 ? { envVars: Object.fromEntries(vars) } : {}),
    ...(workingDir === undefined ? {} : { workingDir }),
    ...(execArgv.length > 0 ? { execArgv: [...execArgv] } : {}),
    ...(setup === undefined ? {} : { setup }),
    ...(memory === undefined ? {} : { memory }),
  };
}

/** As in Ray: variables are put together, of the rest the inner one wins. */
export function mergedEnv({ memory: _outer, ...outer }: Env, inner: Env): Env {
  return normalEnv({ ...outer, ...inner, envVars: { ...outer.envVars, ...inner.envVars } });
}

/** Which processes can stand in for each other. */
export type EnvKey = string;

const keys = new WeakMap<Env, EnvKey>();

export function keyOfEnv(env: Env): EnvKey {
  let key = keys.get(env);
  if (key === undefined) keys.set(env, (key = JSON.stringify(env)));
  return key;
}
