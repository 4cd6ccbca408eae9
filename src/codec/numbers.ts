/**
 * Arrays of numbers, packed: each in the same few bytes, without tags.
 *
 * @module
 */
import type { Reader } from "./reader.ts";
import * as tags from "./tags.ts";
import type { Writer } from "./writer.ts";

/**
 * How many bytes a number takes, by kind. As a power of two it would be a double to
 * JavaScriptCore, and so would be the position behind the numbers, and all after that.
 */
const SIZES = [1, 2, 4, 8];
/** What `kindOfNumbers` returns for an array with anything else in it. */
export const NO_NUMBERS = -1;

/**
 * Finds the smallest way to pack an array. Integers and doubles are read at places
 * of their own in the code: where an engine sees both kinds, it boxes doubles.
 *
 * @param array An array of at least one element.
 * @returns The kind of the packed numbers, or `NO_NUMBERS`.
 * @throws What getters throw.
 */
export function kindOfNumbers(array: readonly unknown[]): number {
  const first = array[0];
  if (typeof first !== "number") return NO_NUMBERS;
  if ((first | 0) !== first) return areNumbers(array) ? tags.PACKED_FLOAT64 : NO_NUMBERS;
  const length = array.length;
  let bits = 0;
  for (let i = 0; i < length; i++) {
    const item = array[i];
    if (typeof item !== "number") return NO_NUMBERS;
    const integer = item | 0;
    if (integer !== item || (integer === 0 && Object.is(item, -0))) {
      return areNumbers(array) ? tags.PACKED_FLOAT64 : NO_NUMBERS;
    }
    bits |= integer ^ (integer >> 31);
  }
  if (bits < 0x80) return tags.PACKED_INT8;
  return bits < 0x8000 ? tags.PACKED_INT16 : tags.PACKED_INT32;
}

function areNumbers(array: readonly unknown[]): boolean {
  const length = array.length;
  for (let i = 0; i < length; i++) if (typeof array[i] !== "number") return false;
  return true;
}

/**
 * Writes an array of numbers, tag included.
 *
 * @param writer Where to.
 * @param array The array.
 * @param kind What `kindOfNumbers` said of it.
 * @returns False where getters said something else this time: anything was written.
 * @throws What `grow` and getters throw.
 */
export function writeNumbers(writer: Writer, array: readonly unknown[], kind: number): boolean {
  const length = array.length;
  const size = length * SIZES[kind]!;
  // The length takes up to five bytes, and the padding up to seven.
  if (writer.position + 14 + size > writer.limit) writer.room(14 + size);
  writer.byte(tags.NUMBERS);
  writer.length(length);
  writer.byte(kind);
  writer.align();
  const { bytes, position } = writer;
  writer.position = position + size;
  const offset = bytes.byteOffset + position;
  // The memory may lie at an odd place, though the encoding in it does not.
  const direct = offset % 8 === 0;
  const target = packed(
    kind,
    direct ? bytes.buffer : new ArrayBuffer(size),
    direct ? offset : 0,
    length,
  );
  const done = kind === tags.PACKED_FLOAT64
    ? writeDoubles(target as Float64Array, array)
    : kind === tags.PACKED_INT32
    ? writeInt32(target as Int32Array, array)
    : kind === tags.PACKED_INT16
    ? writeInt16(target as Int16Array, array)
    : writeInt8(target as Int8Array, array);
  if (!direct) bytes.set(new Uint8Array(target.buffer), position);
  return done;
}

type Packed = Int8Array | Int16Array | Int32Array | Float64Array;

function packed(kind: number, buffer: ArrayBufferLike, offset: number, length: number): Packed {
  if (kind === tags.PACKED_FLOAT64) return new Float64Array(buffer, offset, length);
  if (kind === tags.PACKED_INT32) return new Int32Array(buffer, offset, length);
  if (kind === tags.PACKED_INT16) return new Int16Array(buffer, offset, length);
  return new Int8Array(buffer, offset, length);
}

// One function for each kind: engines compile one that meets several kinds badly.

function writeDoubles(target: Float64Array, array: readonly unknown[]): boolean {
  for (let i = 0; i < target.length; i++) {
    const item = array[i];
    if (typeof item !== "number") return false;
    target[i] = item;
  }
  return true;
}

function writeInt32(target: Int32Array, array: readonly unknown[]): boolean {
  for (let i = 0; i < target.length; i++) {
    const item = array[i];
    if (typeof item !== "number") return false;
    const integer = item | 0;
    if (integer !== item || (integer === 0 && Object.is(item, -0))) return false;
    target[i] = integer;
  }
  return true;
}

function writeInt16(target: Int16Array, array: readonly unknown[]): boolean {
  for (let i = 0; i < target.length; i++) {
    const item = array[i];
    if (typeof item !== "number") return false;
    const integer = item << 16 >> 16;
    if (integer !== item || (integer === 0 && Object.is(item, -0))) return false;
    target[i] = integer;
  }
  return true;
}

function writeInt8(target: Int8Array, array: readonly unknown[]): boolean {
  for (let i = 0; i < target.length; i++) {
    const item = array[i];
    if (typeof item !== "number") return false;
    const integer = item << 24 >> 24;
    if (integer !== item || (integer === 0 && Object.is(item, -0))) return false;
    target[i] = integer;
  }
  return true;
}

/** So many elements are overwritten in a copy of a template; more are appended. */
const TEMPLATE = 4096;
let integers: readonly number[] | undefined;
let doubles: readonly number[] | undefined;

/**
 * Reads packed numbers, behind their tag.
 *
 * An array that is given its length beforehand is one with holes to V8, for ever,
 * and to append each number takes three times as long as to overwrite one. A copy
 * of a full array has no holes.
 *
 * @param reader Where from.
 * @returns The array.
 */
export function readNumbers(reader: Reader): number[] {
  const length = reader.length();
  const kind = reader.byte();
  if (kind > tags.PACKED_FLOAT64) reader.corrupt(`${kind} is no kind of packed numbers`);
  const size = length * SIZES[kind]!;
  reader.align();
  reader.need(size);
  const { bytes, position } = reader;
  reader.position = position + size;
  const offset = bytes.byteOffset + position;
  const direct = offset % 8 === 0;
  const buffer = direct ? bytes.buffer : bytes.slice(position, position + size).buffer;
  const source = packed(kind, buffer, direct ? offset : 0, length);
  if (kind === tags.PACKED_FLOAT64) return readDoubles(source as Float64Array);
  if (kind === tags.PACKED_INT32) return readInt32(source as Int32Array);
  if (kind === tags.PACKED_INT16) return readInt16(source as Int16Array);
  return readInt8(source as Int8Array);
}

function readDoubles(source: Float64Array): number[] {
  const array = (doubles ??= filled(0.5)).slice(0, source.length);
  const known = array.length;
  for (let i = 0; i < known; i++) array[i] = source[i]!;
  for (let i = known; i < source.length; i++) array.push(source[i]!);
  return array;
}

function readInt32(source: Int32Array): number[] {
  const array = (integers ??= filled(0)).slice(0, source.length);
  const known = array.length;
  for (let i = 0; i < known; i++) array[i] = source[i]!;
  for (let i = known; i < source.length; i++) array.push(source[i]!);
  return array;
}

function readInt16(source: Int16Array): number[] {
  const array = (integers ??= filled(0)).slice(0, source.length);
  const known = array.length;
  for (let i = 0; i < known; i++) array[i] = source[i]!;
  for (let i = known; i < source.length; i++) array.push(source[i]!);
  return array;
}

function readInt8(source: Int8Array): number[] {
  const array = (integers ??= filled(0)).slice(0, source.length);
  const known = array.length;
  for (let i = 0; i < known; i++) array[i] = source[i]!;
  for (let i = known; i < source.length; i++) array.push(source[i]!);
  return array;
}

function filled(value: number): number[] {
  const array: number[] = [];
  for (let i = 0; i < TEMPLATE; i++) array.push(value);
  return array;
}
