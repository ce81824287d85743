// Where the object store of a session has what is too large for messages.

/** Folders for what is too large for messages: see local/store. */
export interface StorePlaces {
  /** In shared memory; undefined where there is none. */
  readonly memory: string | undefined;
  readonly disk: string;
}
