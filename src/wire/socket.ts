// The only door to node:net. Unix sockets: those that listen in a session's folder, and pairs that a parent shares with its child.
import { Buffer } from "node:buffer";
import net from "node:net";
import { codeOf } from "../std/code-of.ts";
import { handlePart, writeQueueSize } from "../std/stream-handle.ts";
import type { Duplex, DuplexHandler } from "./duplex.ts";

/** Bytes of a socket's path that every Unix takes (Linux 107, macOS 103). */
export const PATH_BYTES_MAX = 103;

/** What all sockets that this process opens are read into: a chunk is dealt with before the next one comes. */
const READ_BYTES = 256 * 1024;
let readBuffer: Buffer | undefined;

/** Who has a descriptor, and whether still. Kept where `guardDescriptors` was called. */
const holders = new Map<number, () => boolean>();
let onStolen: ((descriptor: number) => void) | undefined;

/**
 * Somebody who closes a descriptor that is not his leaves Node believing in it. The next socket gets the number, and its events go to
 * what was there before: it would be deaf for ever, and whoever waits for it with it. `stolen` is told when that happens. `known` are
 * descriptors that Node itself needs.
 */
export function guardDescriptors(known: readonly number[], stolen: (descriptor: number) => void): void {
  onStolen = stolen;
  for (const descriptor of known) holders.set(descriptor, () => true);
}

function claim(owner: net.Socket | net.Server, holds: () => boolean): void {
  if (onStolen === undefined) return;
  const descriptor = handlePart(owner, "fd");
  if (typeof descriptor !== "number" || descriptor < 0) return;
  const before = holders.get(descriptor);
  holders.set(descriptor, holds);
  if (before?.() === true) onStolen(descriptor);
}

class SocketDuplex implements Duplex {
  readonly #socket: net.Socket;
  #handler: DuplexHandler | undefined;
  /** What came before somebody was there to take it. */
  #early: Buffer[] = [];
  #error: Error | undefined;
  /** The last write had to wait. Node's own `drain` is silent about waits that are short. */
  #behind = false;
  /** Of the write that Node is busy with. */
  #writing = 0;

  /** Some sockets come ready-made; those that we make are read without an allocation per chunk. */
  constructor(make: (onread: net.OnReadOpts) => net.Socket) {
    readBuffer ??= Buffer.allocUnsafeSlow(READ_BYTES);
    const buffer = readBuffer;
    const callback = (bytes: number): boolean => {
      this.#lend(buffer.subarray(0, bytes));
      return true;
    };
    const socket = make({ buffer, callback });
    this.#socket = socket;
    claim(socket, () => !socket.destroyed);
    watchWrites(socket, {
      busyWith: (bytes) => (this.#writing = bytes),
      taken: () => this.#taken(),
    });
    this.#socket.on("error", (error) => {
      this.#error = error;
    });
  }

  open(handler: DuplexHandler): void {
    const socket = this.#socket;
    this.#handler = handler;
    for (const chunk of this.#early) handler.data(chunk, false);
    this.#early = [];
    socket.on("data", (chunk: Buffer) => handler.data(chunk, false));
    socket.on("close", () => handler.closed(this.#error));
  }

  #lend(chunk: Buffer): void {
    if (this.#handler === undefined) this.#early.push(Buffer.from(chunk));
    else this.#handler.data(chunk, true);
  }

  write(first: Uint8Array, more: readonly Uint8Array[]): void {
    const socket = this.#socket;
    if (!socket.writable) return;
    if (more.length === 0) {
      socket.write(first);
    } else {
      socket.cork();
      socket.write(first);
      for (const piece of more) socket.write(piece);
      socket.uncork();
    }
    this.#behind = socket.writableLength > 0;
  }

  #taken(): void {
    if (!this.#behind) return;
    this.#behind = this.#socket.writableLength > 0;
    this.#handler?.taken();
  }

  get waiting(): number {
    const { writableLength, connecting } = this.#socket;
    if (writableLength === 0 || connecting) return writableLength;
    // Node counts a write until all of it has been taken, and it may be large. What is left of it, the handle knows.
    const left = writeQueueSize(this.#socket) ?? this.#writing;
    return writableLength - this.#writing + Math.min(left, this.#writing);
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  ref(): void {
    this.#socket.ref();
  }

  unref(): void {
    this.#socket.unref();
  }
}

type Written = (error?: Error | null) => void;

interface WriteWatcher {
  /** Node hands this much to the kernel now; 0 when the kernel has taken it. */
  busyWith(bytes: number): void;
  /** A write has ended, and what was written behind it has begun. */
  taken(): void;
}

/**
 * A process that ends may have sent a last word that is still to be read when we write to it in vain. Node destroys the socket for
 * the failed write, and the last word with it; so the failure is kept from it. The end of the stream comes by reading.
 */
function watchWrites(socket: net.Socket, watcher: WriteWatcher): void {
  const write = socket._write.bind(socket);
  const writev = socket._writev?.bind(socket);
  const watched = (done: Written): Written => {
    return (error) => {
      const code = codeOf(error);
      const gone = code === "EPIPE" || code === "ECONNRESET";
      watcher.busyWith(0);
      done(gone ? null : error);
      watcher.taken();
    };
  };
  socket._write = (chunk: Uint8Array, encoding, done: Written) => {
    watcher.busyWith(chunk.length);
    write(chunk, encoding, watched(done));
  };
  if (writev === undefined) return;
  socket._writev = (chunks: { chunk: Uint8Array; encoding: BufferEncoding }[], done: Written) => {
    watcher.busyWith(chunks.reduce((bytes, { chunk }) => bytes + chunk.length, 0));
    writev(chunks, watched(done));
  };
}

/** The other end of a pair that the parent made; the number is the child's. */
export function inherited(fd: number): Duplex {
  return new SocketDuplex((onread) => {
    // Documented, but not in the declarations for Node 20.
    const options: net.SocketConstructorOpts & { onread: net.OnReadOpts } = {
      fd,
      readable: true,
      writable: true,
      onread,
    };
    return new net.Socket(options);
  });
}

/** Our end of a pair that was made for a child. */
export function toChild(stream: unknown): Duplex {
  if (!(stream instanceof net.Socket)) throw new TypeError("the child has no channel");
  return new SocketDuplex(() => stream);
}

/** May be written to at once; when nobody listens, it closes with the error. */
export function connect(path: string): Duplex {
  return new SocketDuplex((onread) => net.connect({ path, onread }));
}

export interface Listener {
  close(): void;
  unref(): void;
}

/** Resolves when others can connect. */
export function listen(path: string, onConnection: (duplex: Duplex) => void): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const server = net.createServer((socket) => onConnection(new SocketDuplex(() => socket)));
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      claim(server, () => server.listening);
      resolve({ close: () => void server.close(), unref: () => void server.unref() });
    });
  });
}
