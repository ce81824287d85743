// Keeps the process alive while it needs to be: by the channel to the daemon, which is all that its event loop has.

interface Channel {
  ref(): void;
  unref(): void;
}

export class Life {
  readonly #channel: Channel;
  readonly #keepsAlive: boolean;
  #referenced = false;

  /** Of a channel that does not keep it alive yet. `keepsAlive`: whether it ever is to. */
  constructor(channel: Channel, keepsAlive: boolean) {
    this.#channel = channel;
    this.#keepsAlive = keepsAlive;
  }

  settle(needed: boolean): void {
    if (!this.#keepsAlive || needed === this.#referenced) return;
    this.#referenced = needed;
    if (needed) this.#channel.ref();
    else this.#channel.unref();
  }
}
