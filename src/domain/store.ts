// Where the object store of a session has what is too large for messages.

/** Folders for the two kinds of files. */
export interface StorePlaces {
  /** In shared memory; undefined where there is none. */
  readonly memory: string | undefined;
  /** There is no shared memory, or too little: `memory` is a folder of files as any other. */
  readonly isSlow: boolean;
  /** No more than that is put there. */
  readonly memoryBytesMax: number;
  readonly disk: string;
}

export type Medium = "memory" | "disk";
