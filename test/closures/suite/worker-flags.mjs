// Which of the driver's own flags a worker of the suite is started with: what it may do, not what it loads or runs.
//
// Loaders are told to the codec, which loads them when a module first needs them.
export const workerFlags = (flags) => [
  ...flags.filter((flag) => /^--(allow|permission|experimental-permission)/.test(flag)),
  "--disable-warning=ExperimentalWarning",
  "--experimental-import-meta-resolve",
];
