// Part of a file as an ordinary ArrayBuffer, without a copy: the pages of the file are mapped over those that the C library has given to
// a new buffer. The mapping is private: who writes into it changes nothing for others.
//
// Such a buffer is V8's like any other. It can be transferred, sent to a thread and detached, and its memory goes when V8 gives it back,
// with the pages that were mapped over it: nobody has to watch when that is, and nothing that JavaScript can reach is ever unmapped.
//
// So it begins where any large buffer of V8 does, 16 bytes into a page, and not on a multiple of 64: where it begins is the C library's to
// say, not ours. Memory that begins on a page has only a resizable buffer, which stays one (to make it another copies it) and which much of
// the platform refuses; memory of our own would be a foreign buffer of Node, which cannot be transferred, or whose end we would have to guess.
//
// Its first page is read and not mapped, though that makes two mappings of one. The C library has 16 bytes there, by which it gives the memory
// back, and whoever cuts a file off takes from those who have it mapped also the pages that they have written into: it would be the end
// of processes that never look at what they have.
import { Buffer } from "node:buffer";
import { readSync } from "node:fs";
import { createRequire } from "node:module";
import type Koffi from "koffi";
import { HEAD_BYTES, PAGE_BYTES, pagesOf } from "./layout.ts";
import { MapRoom } from "./map-room.ts";

const PROT_READ_WRITE = 3;
/** MAP_PRIVATE, MAP_FIXED, and MAP_NORESERVE: what is only read takes no memory of its own. */
const FLAGS = 0x02 | 0x10 | 0x4000;
/** In the size of a chunk that the C library has mapped for itself, and will unmap as a whole. */
const CHUNK_IS_MAPPED = 2n;
/** What the C library adds to what it was asked for, and to a chunk that it maps for itself. */
const CHUNK_BYTES = 16n;
const WORD_BYTES = 8n;

const F_SETLEASE = 1024;
const F_WRLCK = 1;
const F_UNLCK = 2;
/** What `mallopt` calls them. */
const M_MMAP_THRESHOLD = -3;
const M_TRIM_THRESHOLD = -1;
/** Where the C library comes to by itself in a process that has had large buffers and has let them go. */
const USUAL_BYTES = 32 * 1024 * 1024;
/** Of used memory, between others. */
const PIECES_MAX = 16;

interface Library {
  /** What is allocated meanwhile gets pages of its own where the C library can be moved to it. */
  withPages<T>(allocate: () => T): T;
  malloc(bytes: number): number;
  free(address: number): void;
  /** An address, as a number; nothing is copied. */
  addressOf(buffer: ArrayBuffer): number;
  /** The 16 bytes before it, which the C library has for itself. */
  before(address: number): readonly [bigint, bigint];
  map(address: number, bytes: number, file: number, offset: number): boolean;
  isNobodyElses(file: number): boolean;
}

let library: Library | undefined | "none";
const room = new MapRoom();

/** Whether no other descriptor, and no mapping, of any process, has this file. It is open for writing here. False where nobody knows. */
export function isNobodyElses(file: number): boolean {
  library ??= open() ?? "none";
  return library !== "none" && library.isNobodyElses(file);
}

/** Undefined where a buffer cannot be made so: then it is to be read. `at`: of the head of the part in the file. */
export function mapPart(file: number, at: number, bytes: number): ArrayBuffer | undefined {
  library ??= open() ?? "none";
  if (library === "none" || !room.take()) return undefined;
  const pages = allocatePages(library, bytes);
  if (pages === undefined) return undefined;
  const { memory, address } = pages;
  const first = Buffer.from(memory, 0, PAGE_BYTES - HEAD_BYTES);
  if (readSync(file, first, 0, first.length, at + HEAD_BYTES) !== first.length) return undefined;
  const rest = pagesOf(HEAD_BYTES + bytes) - PAGE_BYTES;
  const from = address - HEAD_BYTES + PAGE_BYTES;
  return library.map(from, rest, file, at + PAGE_BYTES) ? memory : undefined;
}

interface Pages {
  readonly memory: ArrayBuffer;
  readonly address: number;
}

function allocatePages(from: Library, bytes: number): Pages | undefined {
  return from.withPages(() => pagesFor(from, bytes) ?? withoutUsed(from, bytes, () => pagesFor(from, bytes)));
}

function pagesFor(from: Library, bytes: number): Pages | undefined {
  const memory = Buffer.allocUnsafeSlow(bytes).buffer;
  const address = from.addressOf(memory);
  return isOfItsOwn(from, address, bytes) ? { memory, address } : undefined;
}

/**
 * As long as the C library has memory that was used before and is large enough, it gives that. Here it has none: all is taken, first what
 * lies together at its end, by halves, and then what lies in between.
 */
function withoutUsed<T>(from: Library, bytes: number, allocate: () => T): T {
  const taken: number[] = [];
  try {
    for (let size = 2 * USUAL_BYTES; size > bytes; size /= 2) taken.push(from.malloc(size));
    for (let pieces = 0; pieces < PIECES_MAX; pieces += 1) {
      const address = from.malloc(bytes);
      taken.push(address);
      if (address === 0 || (from.before(address)[1] & CHUNK_IS_MAPPED) !== 0n) break;
    }
    return allocate();
  } finally {
    for (const address of taken) from.free(address);
  }
}

/**
 * Whether the C library has mapped these pages for this buffer alone, which is what it does with large ones, mostly. It says so in the
 * two words before it: no bytes of padding, and a whole number of pages.
 */
function isOfItsOwn({ before }: Library, address: number, bytes: number): boolean {
  if (address % PAGE_BYTES !== HEAD_BYTES) return false;
  const asked = roundUp(BigInt(bytes) + WORD_BYTES, CHUNK_BYTES);
  const [padding, size] = before(address);
  return padding === 0n && size === (roundUp(asked + WORD_BYTES, BigInt(PAGE_BYTES)) | CHUNK_IS_MAPPED);
}

function roundUp(value: bigint, step: bigint): bigint {
  return ((value + step - 1n) / step) * step;
}

/** Of GNU's C library on Linux; any other has other habits. */
function open(): Library | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    const koffi = createRequire(import.meta.url)("koffi") as typeof Koffi;
    const c = koffi.load(null);
    c.func("const char *gnu_get_libc_version()");
    if (c.func("int getpagesize()")() !== PAGE_BYTES) return undefined;
    const addressOf = c.func("uintptr_t memmove(void *to, void *from, size_t bytes)");
    const copyFrom = c.func("void *memcpy(void *to, uintptr_t from, size_t bytes)");
    const mmap = c.func("intptr_t mmap(uintptr_t at, size_t bytes, int access, int flags, int file, int64_t offset)");
    const malloc = c.func("uintptr_t malloc(size_t bytes)");
    const free = c.func("void free(uintptr_t at)");
    const mallopt = c.func("int mallopt(int what, int value)");
    const fcntl = c.func("int fcntl(int file, int what, ...)");
    const words = new BigUint64Array(2);
    // Once it was told, it learns no more.
    mallopt(M_TRIM_THRESHOLD, 2 * USUAL_BYTES);
    return {
      withPages: (allocate) => {
        mallopt(M_MMAP_THRESHOLD, PAGE_BYTES);
        try {
          return allocate();
        } finally {
          mallopt(M_MMAP_THRESHOLD, USUAL_BYTES);
        }
      },
      malloc: (bytes) => Number(malloc(bytes)),
      free: (address) => void free(address),
      addressOf: (buffer) => Number(addressOf(buffer, buffer, 0)),
      before: (address) => {
        copyFrom(words, address - HEAD_BYTES, HEAD_BYTES);
        return [words[0] as bigint, words[1] as bigint];
      },
      isNobodyElses: (file) => {
        // A lease to write is given to the only one who has the file.
        const given = fcntl(file, F_SETLEASE, "int", F_WRLCK) === 0;
        if (given) fcntl(file, F_SETLEASE, "int", F_UNLCK);
        return given;
      },
      map: (address, bytes, file, offset) =>
        Number(mmap(address, bytes, PROT_READ_WRITE, FLAGS, file, offset)) === address,
    };
  } catch {
    return undefined;
  }
}
