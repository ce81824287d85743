// What a contender must be able to do, and how one that only knows promises does it.
import { fileURLToPath } from "node:url";
import type { TaskName } from "./tasks.ts";

/** An open pool with its workers. */
export interface Pool {
  /** One call, waited for. */
  call(task: TaskName, x: number): Promise<number>;
  /** Calls with 0, 1, 2 … submitted at once; the sum of the results. */
  callAll(task: TaskName, count: number): Promise<number>;
  /** Each call of `addOne` takes the result of the one before; the last result. */
  chain(length: number): Promise<number>;
  /** Calls that each wait for one further call of `addOne`; the sum. Undefined where tasks cannot start tasks. */
  nested?(count: number): Promise<number>;
  /** Calls of one worker that keeps its state. Undefined where there is no such thing. */
  readonly actor?: ActorWork;
  /** Work with large arrays, where that is compared. */
  readonly large?: LargeWork;
  close(): Promise<void>;
}

export interface ActorWork {
  /** One call, waited for. */
  call(): Promise<number>;
  /** So many submitted at once; the last result. Each adds one to what the worker has, beginning at nothing. */
  callAll(count: number): Promise<number>;
  /** A worker is made, called once, and let go. */
  make(): Promise<number>;
  /** So many are made at once, called once each, and let go when all have answered; the sum. */
  makeAll(count: number): Promise<number>;
}

/** Arrays of bytes. What takes milliseconds is measured inside, so that making the arrays is not. */
export interface LargeWork {
  /** Stores an array where others can have it; milliseconds. Undefined where there is no such thing. */
  put?(bytes: number): number;
  /** Makes a stored array one's own, without a look into it; milliseconds. */
  get?(bytes: number): Promise<number>;
  /** So many calls at once take the same array and look at each page of it; milliseconds. */
  pass(bytes: number, calls: number): Promise<number>;
  /** A call gives an array, and each page of it is looked at; milliseconds. */
  give(bytes: number): Promise<number>;
}

export interface Contender {
  readonly name: string;
  /** How it is set up, where that is not its default. */
  readonly settings: string;
  /** Loads the library; what it gives opens a pool. Apart, so that opening can be timed alone. */
  load(): Promise<(workers: number) => Promise<Pool>>;
}

type Call = Pool["call"];

export function poolOfPromises(call: Call, close: () => Promise<void>, large?: LargeWork): Pool {
  return {
    ...(large === undefined ? {} : { large }),
    call,
    async callAll(task, count) {
      const results = await Promise.all(Array.from({ length: count }, (_, index) => call(task, index)));
      return results.reduce((sum, each) => sum + each, 0);
    },
    async chain(length) {
      let x = 0;
      for (let link = 0; link < length; link++) x = await call("addOne", x);
      return x;
    },
    close,
  };
}

/** The compiled file of a worker, named from this folder. */
export function workerFile(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
