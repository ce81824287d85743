// The option with which a process can resolve as if it stood in any module.

/** Workers are started with it: then `import.meta.resolve` takes the URL of a module as a second argument. */
export const RESOLVES_FOR_OTHERS = "--experimental-import-meta-resolve";
