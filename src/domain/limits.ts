// Every bound that a user or another process can run into, with its reason. Units stand last in the names.

/** A function that carries more than this gets a warning: it is sent once to each worker, and nearly always by mistake. */
export const capturedBytesWarn: number = 10_000_000;

/** A function that carries more than this is refused: the same bytes in `put` are stored once and mapped by all. */
export const capturedBytesMax: number = 100_000_000;

/** From so many bytes on the large parts of a value go to the object store, and not inside messages: what both cost there is about the same. */
export const storedBytesMin: number = 100_000;

/** When so much of the memory of the object store is taken, what was not used for longest goes to the disk. As in Ray. */
export const spillShare: number = 0.8;

/** What is kept to make large results again when they are lost: a tenth of what Ray keeps, which is enough for some 10,000 calls with small arguments. */
export const lineageBytesMax: number = 100 * 1024 * 1024;

/** Results of one call: each has a record and a ref of its own, and a task that returns more wants one array. */
export const returnsMax: number = 10_000;

/** Bundles of a placement group: every call that runs in it carries a list of them. */
export const bundlesMax: number = 1_000;

/** A call that has waited so long for what others hold is told of: most calls are shorter, and nobody looks at a terminal much longer. */
export const starvedMs: number = 10_000;

/** A process that is not ready by then, because what `runtimeEnv.setup` names does not come to an end, never will be. Ray: `setup_timeout_seconds`. */
export const setupMs: number = 600_000;

/** Pending values that a timeout names: enough to see a pattern, few enough for a terminal. */
export const pendingShownMax: number = 5;

/** Of the memory of the machine: more is so near to the end that the system may begin to end processes, whichever it finds. As in Ray. */
export const memoryShareMax: number = 0.95;

/** A process that has just been started, generously: with a small actor it has 13 MB of its own, and 25 MB for moments while it starts. */
export const processBytes: number = 32_000_000;

/** So long an actor that ends in order may take for the calls that run and for what its object does last. As in Ray. */
export const leavingMs: number = 30_000;

/** What actors have to end in order when their session ends: half of it for calls that run, and the rest to clean up. */
export const cleaningMs: number = 1_000;
