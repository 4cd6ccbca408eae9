/**
 * What arrays have besides their elements. The language has no cheap question
 * for that; which one is cheapest depends on the engine.
 *
 * @module
 */
import type { Natives } from "../base/natives.ts";
import { isV8 } from "./engine.ts";

/** Up to this length a list of keys is cheaper than one of values. */
const KEYS_MAX = 4;
/** From this length on `for in` is cheaper than a list of keys, in the other engines. */
const LOOP_MIN = 16;
/** Up to this length: there `for in` tries each index, of which few may be taken. */
const LOOP_MAX = 1 << 16;
/** From this length on the runtime knows faster whether there are named properties. */
const NATIVE_MIN = isV8 ? 128 : 24;
/** With more holes than this an array may be sparse. */
const HOLES_MAX = 1024;

const { getPrototypeOf } = Object;
const includes = Array.prototype.includes;

/**
 * @param array Any array.
 * @param natives The fast ways of the runtime.
 * @returns Whether it is best written element by element: it has no named
 * properties, and not too many holes.
 */
export function isDense(array: readonly unknown[], natives: Natives): boolean {
  const length = array.length;
  if (length >= NATIVE_MIN && natives.isBare?.(array) === true) {
    if (length <= HOLES_MAX || !includes.call(array, undefined)) return true;
  }
  const count = length === 0 ? Object.keys(array).length : countProperties(array);
  // As many named properties as holes would only look dense.
  return count === length
    ? !includes.call(array, undefined) || !isNamed(array)
    : count < length && !isSparse(count, length) && !isNamed(array);
}

/**
 * @param array An array without holes.
 * @param natives The fast ways of the runtime.
 * @returns Whether it has no named properties.
 */
export function isUnnamed(array: readonly unknown[], natives: Natives): boolean {
  if (array.length >= NATIVE_MIN && natives.isBare?.(array) === true) return true;
  return countProperties(array) === array.length;
}

/**
 * @param array Any array.
 * @returns Whether nothing but `Object.prototype` could give it elements that show
 * through its holes.
 */
export function isOrdinary(array: readonly unknown[]): boolean {
  // `Array.prototype` is an array itself: elements of it would count in its length.
  return getPrototypeOf(array) === Array.prototype && Array.prototype.length === 0 &&
    getPrototypeOf(Array.prototype) === Object.prototype;
}

function isSparse(count: number, length: number): boolean {
  return length - count > HOLES_MAX && count < length / 8;
}

function isNamed(array: readonly unknown[]): boolean {
  const keys = Object.keys(array);
  const last = keys[keys.length - 1];
  // Names come after all indices, which are below 2^32 - 1.
  return last !== undefined && (String(Number(last) >>> 0) !== last || last === "4294967295");
}

/**
 * @param array Any array.
 * @returns How many enumerable properties it has: elements and named ones. It may
 * be too many where `Array.prototype` has enumerable properties.
 */
function countProperties(array: readonly unknown[]): number {
  if (isV8) {
    // `Object.values` makes no string of each index, but it boxes doubles.
    const first = array[0];
    const isDouble = typeof first === "number" && (first | 0) !== first;
    if (isDouble || array.length < KEYS_MAX) return Object.keys(array).length;
    return Object.values(array).length;
  }
  if (array.length < LOOP_MIN || array.length > LOOP_MAX) return Object.keys(array).length;
  let count = 0;
  for (const _key in array) count++;
  return count;
}
