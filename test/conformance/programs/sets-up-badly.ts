// A module for `runtimeEnv.setup` that cannot be imported.
throw new RangeError("no licence found");
