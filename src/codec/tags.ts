// The first byte of every value in the graph. The numbers are only known to one installation: both ends run the same code.
//
//   0x00…0x3f  a string of so many ASCII characters
//   0x40…0x7f  an integer from 0 to 63
//   0x80…0xaf  what is below
//   0xb0…      a node of the table in nodes.ts

export const SHORT_TEXT = 0x00;
export const SHORT_TEXT_MAX = 63;
export const SMALL_INT = 0x40;
export const SMALL_INT_MAX = 63;

export const UNDEFINED = 0x80;
export const NULL = 0x81;
export const TRUE = 0x82;
export const FALSE = 0x83;
export const INT = 0x84;
export const DOUBLE = 0x85;
export const LATIN_TEXT = 0x86;
export const WIDE_TEXT = 0x87;
export const POSITIVE_BIGINT = 0x88;
export const NEGATIVE_BIGINT = 0x89;
export const REGISTERED_SYMBOL = 0x8a;
export const KNOWN_SYMBOL = 0x8b;
export const UNIQUE_SYMBOL = 0x8c;
/** An object that came before, by its number. */
export const BACK = 0x8d;
/** A plain object: its shape, then its values. */
export const OBJECT = 0x8e;
/** A dense array: its length, then its elements. */
export const ARRAY = 0x8f;
/** Dense arrays of numbers. */
export const BYTES_OF_INTS = 0x90;
export const WORDS_OF_INTS = 0x91;
export const DOUBLES = 0x92;

export const NODE = 0xb0;

/** Bits of the first byte of a payload. */
export const HAS_TRAILER = 1;
/** Modules that cannot be imported are no failure: whoever decodes it knows how to do without. */
export const IS_LENIENT = 4;
/** It is a function that was made to be called again and again: what it brings along is the latest state of its classes. */
export const IS_DEFINITION = 2;

/** A value nested deeper than this is put off, so that no depth can overflow the stack. */
export const DEPTH_MAX = 200;
