/**
 * Whether arrays have more than their elements. The language has no cheap
 * question for that; which one is cheapest depends on the engine.
 *
 * @module
 */
import { isV8 } from "./engine.ts";

/** Up to this length a list of keys is cheaper than one of values. */
const KEYS_MAX = 4;
/** From this length on `for in` is cheaper than a list of keys, in the other engines. */
const LOOP_MIN = 16;
/** Up to this length: there `for in` tries each index, of which few may be taken. */
const LOOP_MAX = 1 << 16;

/**
 * @param array Any array.
 * @returns How many enumerable properties it has: elements and named ones. It may
 * be too many where `Array.prototype` has enumerable properties.
 */
export function countProperties(array: readonly unknown[]): number {
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
