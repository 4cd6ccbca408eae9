/**
 * The bytes that begin an encoding, and those that begin each value in it.
 * README.md beside this file has the whole table.
 *
 * @module
 */

/** First byte: structured values. */
export const STRUCTURED = 0;
/** First byte: one JSON text. */
export const JSON_TEXT = 1;
/** First byte: strings. */
export const STRINGS = 2;
/** First byte: `Uint8Array`s. */
export const BYTES = 3;
/** Added to the first byte where a table of buffers ends the encoding. */
export const HAS_BUFFERS = 0x80;

/** `undefined` */
export const UNDEFINED = 0;
/** `null` */
export const NULL = 1;
/** `false` */
export const FALSE = 2;
/** `true` */
export const TRUE = 3;
/** A 32-bit integer follows. */
export const INT32 = 4;
/** A double follows. */
export const FLOAT64 = 5;
/** u32 length, then one byte per character. */
export const LATIN1 = 6;
/** u32 length in bytes, then UTF-8. */
export const UTF8 = 7;
/** u32 length in bytes, then UTF-16, little-endian: any string at all. */
export const UTF16 = 8;
/** The number of an object that came before. */
export const REFERENCE = 9;
/** A plain object: an object body follows. */
export const OBJECT = 10;
/** Length, then that many values or holes. */
export const ARRAY = 11;
/** Length, then pairs of key and value: sparse arrays, and those with named properties. */
export const KEYED_ARRAY = 12;
/** In an array: nothing is here. In an object body: the property went away meanwhile. */
export const HOLE = 13;
/** u32 count, then pairs of key and value. */
export const MAP = 14;
/** u32 count, then values. */
export const SET = 15;
/** A double: milliseconds since 1970, or NaN. */
export const DATE = 16;
/** Two strings: source and flags. */
export const REGEXP = 17;
/** A 64-bit signed integer. */
export const BIGINT64 = 18;
/** Sign byte, length in bytes, magnitude, most significant byte first. */
export const BIGINT = 19;
/** A primitive follows: it is boxed. */
export const BOXED = 20;
/** Number of a buffer in the table. */
export const BUFFER = 21;
/** Kind, number of a buffer, offset, length: a typed array or DataView. */
export const VIEW = 22;
/** A registered function or class: an identity follows. */
export const EXPORT = 23;
/** An instance of a registered class: an identity, then an object body. */
export const INSTANCE = 24;
/** A registered subclass of a built-in: an identity, the built-in, then an object body. */
export const DERIVED = 25;
/** An error: see `error_codec`. */
export const ERROR = 26;
/** A container too deep to recurse into: its shell; its contents follow the values. */
export const LATER = 27;
/** A value whose deferred contents follow it at once. */
export const SEALED = 28;

/** Length, kind byte, then numbers without tags: an array of nothing else. */
export const NUMBERS = 29;

/** The number of an object that travels beside the bytes. */
export const HANDLE = 30;
/** Kind, number of a handle, offset, length: a view on a buffer that travels beside the bytes. */
export const HANDLE_VIEW = 31;

/** Tags from here on are short Latin-1 strings; the rest of the tag is their length. */
export const SHORT = 0x40;
/** The longest string of which the length fits in its tag. */
export const SHORT_MAX = 0x3f;
/** Tags from here on are small integers. */
export const SMALL = 0x80;
/** The tag of the integer 0. */
export const SMALL_ZERO = 0x90;
/** The least integer that is its own tag. */
export const SMALL_MIN = -16;
/** The greatest integer that is its own tag. */
export const SMALL_MAX = 111;

/** In the head of an object body: the keys follow the values, at this distance. */
export const INLINE_KEYS = 0x80000000;

/** Containers nested deeper than this are written behind the others, not inside them. */
export const DEPTH = 64;
/** No value is nested deeper than this, errors and derived built-ins included. */
export const DEPTH_LIMIT = 512;

/** Shell of a plain object. */
export const SHELL_OBJECT = 0;
/** Shell of an array. */
export const SHELL_ARRAY = 1;
/** Shell of a Map. */
export const SHELL_MAP = 2;
/** Shell of a Set. */
export const SHELL_SET = 3;
/** Shell of an instance; its identity follows. */
export const SHELL_INSTANCE = 4;
/** Shell of an object that inherits from another plain one. */
export const SHELL_INHERITING = 5;

/** Packed numbers of one byte each, with sign. */
export const PACKED_INT8 = 0;
/** Packed numbers of two bytes. */
export const PACKED_INT16 = 1;
/** Packed numbers of four bytes. */
export const PACKED_INT32 = 2;
/** Packed doubles. */
export const PACKED_FLOAT64 = 3;
