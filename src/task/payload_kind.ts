/**
 * What the kind word of a slot's arguments or result says: bits 0 to 3 the form,
 * 4 to 7 how many numbers, 8 and up flags.
 *
 * @module
 */

/** Form: encoded, in the slot's inline room. */
export const INLINE = 0;
/** Form: encoded, in a block of the sender's arena. */
export const BLOCK = 1;
/** Form: numbers as they are, in the slot's inline room. */
export const NUMBERS = 2;
/** Form: the value `undefined` (a result). */
export const UNDEFINED = 3;
/** Form: `true` (a result). */
export const TRUE = 4;
/** Form: `false` (a result). */
export const FALSE = 5;
/** Form: `null` (a result). */
export const NULL = 6;
/** In place of a result: the job was not begun, and its owner is to run it itself. */
export const HANDED_BACK = 7;

/** Flag of a result: it is what the task function threw. */
export const FAILED = 1 << 8;
/** Flag of arguments: binary ones come as views on the shared memory, not as copies. */
export const BORROW = 1 << 9;
/** Flag of arguments: the last of them is no argument but the caller's trace. */
export const TRACED = 1 << 10;
/** Bits of arguments from here on: the number of the result's format. */
export const FORMAT_SHIFT = 12;

/** Most arguments that travel as bare numbers. */
export const MOST_NUMBERS = 8;

/** The form in a kind word. */
export const formOf = (kind: number): number => kind & 15;
/** How many numbers, in a kind word of the form NUMBERS. */
export const numbersOf = (kind: number): number => (kind >>> 4) & 15;
/** The kind word of so many numbers. */
export const kindOfNumbers = (count: number): number => NUMBERS | (count << 4);

/** The formats by the numbers that they have in a kind word. */
export const FORMATS = ["structured", "json", "string", "bytes"] as const;
/** A format's number. */
export const formatNumber = (format: (typeof FORMATS)[number]): number => FORMATS.indexOf(format);
