// A module for `runtimeEnv.setup` that comes to its end, with a rejection that nobody handles.
void Promise.reject(new RangeError("the licence was refused"));
