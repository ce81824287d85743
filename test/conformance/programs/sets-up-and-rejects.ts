// A module for `runtimeEnv.setup` with a rejection that nobody handles, and which would not come to an end.
void Promise.reject(new RangeError("nobody took the licence"));
await new Promise(() => {});
