// On what the suite runs.

/** What a backend cannot do, by the name of the behaviour, each with the reason. */
export type Exceptions = Readonly<Partial<Record<"process isolation", string>>>;

export interface Setting {
  readonly address: string;
  readonly exceptions: Exceptions;
}
