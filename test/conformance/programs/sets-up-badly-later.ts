// A module for `runtimeEnv.setup` that throws where nobody catches, and would not come to an end: in a program of its own it would end that.
setTimeout(() => {
  throw new RangeError("the licence has run out");
}, 1);
await new Promise(() => {});
