/**
 * Numbers that engines know to be integers.
 *
 * Which of two forms a whole number has is not to be seen from JavaScript, but it is felt:
 * a loop whose index began as a double takes ten times as long in JavaScriptCore, since
 * optimized code leaves off where it is used as an index, again and again, and in V8
 * remainders and the like take many times as long.
 *
 * `isInt32(x) ? x | 0 : x` does not help: of what may be an integer or a double, optimized
 * code makes a double. Each has to be returned, or put into a list that keeps both, by a
 * statement of its own.
 *
 * @module
 */

/** @returns Whether a number can be an integer of the engine's, as `value | 0`; -0 cannot. */
export function isInt32(value: number): boolean {
  const integer = value | 0;
  return integer === value && (integer !== 0 || 1 / value > 0);
}

/**
 * An empty list that keeps integers beside doubles, for 17 ns more than `[]` takes in
 * JavaScriptCore. For that, once a list that was made there has had a fraction, engines make
 * lists of nothing but doubles. What is taken out again is no number, which decides it, and
 * not `undefined`, which V8 keeps among doubles; other ways to empty the list cost more.
 */
export function emptyList(): unknown[] {
  const list: unknown[] = [null];
  list.pop();
  return list;
}
