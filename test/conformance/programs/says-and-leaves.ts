// A module for `runtimeEnv.setup` that says on its standard output why it ends the process.
console.log("no licence server");
process.exit(3);
