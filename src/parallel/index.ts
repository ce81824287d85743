// Patterns made of nothing but the public surface: what programs write again and again. Imported as "ray-ts/parallel".
export { map, type MapOptions, type MapStream } from "./map.ts";
export { ActorPool, type ActorPoolOptions } from "./pool.ts";
export { Queue, type QueueWait } from "./queue.ts";
export { Barrier, Event, Semaphore } from "./gates.ts";
export type { WaitLimit } from "./given.ts";
export { ProgressBar, type ProgressOptions } from "./progress.ts";
