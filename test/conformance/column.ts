/** A class that workers import, whose instances hold what does not go inside messages. */
export class Column {
  readonly name: string;
  readonly values: Uint8Array;

  constructor(name: string, values: Uint8Array) {
    this.name = name;
    this.values = values;
  }
}
