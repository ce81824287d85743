// A module for `runtimeEnv.setup`: notes that it ran, and what was there before it.
const noted = globalThis as { setUps?: number };
noted.setUps = (noted.setUps ?? 0) + 1;
