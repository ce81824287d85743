// Bounds of the wire format, each with its reason, and the fixed part of a frame.

export const HEADER_BYTES = 12;

/** "RAYT". The first bytes of every frame: what does not begin with them was not written by us. */
export const MAGIC = 0x54594152;

/** Up to this size bytes are copied into the frame; above it a copy costs more than one more piece for the kernel to gather. */
export const INLINE_BYTES_MAX: number = 16 * 1024;
/** In a frame that is larger than this already, only tiny ones are: a message may have very many of them. */
export const CROWDED_BYTES: number = 1024 * 1024;
export const INLINE_CROWDED_BYTES_MAX = 512;

/** A turn's messages leave together, but after so many the receiver should begin (measured: 128–512 was best). */
export const BATCH_MESSAGES_MAX: number = 128;
/** … or after so many bytes: about what the kernel takes at once. */
export const BATCH_BYTES_MAX: number = 64 * 1024;

/** A body is a batch and one message more, and no message comes near this without what goes beside the body. More is damage. */
export const BODY_BYTES_MAX: number = 256 * 1024 * 1024;

/** From a stranger: his greeting, which has no attachments. Else whoever can connect makes us set memory aside for what never comes. */
export const GREETING_BYTES_MAX: number = 4 * 1024;

/** What one connection remembers of names; beyond, they are sent in full. */
export const WORDS_MAX = 4096;
export const WORD_LENGTH_MAX = 256;
