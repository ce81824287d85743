// A module for `runtimeEnv.setup` that throws what is no error.
// oxlint-disable-next-line typescript/only-throw-error -- as programs may
throw null;
