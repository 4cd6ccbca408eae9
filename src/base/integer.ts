/**
 * Numbers that engines know to be integers.
 *
 * Which of two forms a whole number has is not to be seen from JavaScript, but it is felt:
 * a loop whose index began as a double takes ten times as long in JavaScriptCore, since
 * optimized code leaves off where it is used as an index, again and again, and in V8
 * remainders and the like take many times as long. Where an integer and a double may come
 * from, engines also make doubles of both: they are told apart where they are stored.
 *
 * @module
 */

/** @returns Whether a number can be an integer of the engine's, as `value | 0`; -0 cannot. */
export function isInteger(value: number): boolean {
  const integer = value | 0;
  return integer === value && (integer !== 0 || 1 / value > 0);
}

/**
 * An empty list that keeps integers beside doubles. What engines make for `[]` has nothing but
 * doubles from the beginning, once a list from there has had one; V8 takes `undefined` for one.
 */
export function emptyList(): unknown[] {
  const list: unknown[] = [null];
  list.pop();
  return list;
}
