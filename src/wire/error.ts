// What is wrong with bytes that came from another process. A connection on which it happens is closed: nothing after it can be trusted.

export class WireError extends Error {
  constructor(what: string, options?: ErrorOptions) {
    super(`Broken frame: ${what}.`, options);
  }
}
WireError.prototype.name = "WireError";
