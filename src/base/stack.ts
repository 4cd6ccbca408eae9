/**
 * Stacks of errors.
 *
 * @module
 */

/**
 * @param error An error.
 * @returns Its stack; `undefined` where there is none that can be read. Engines make stacks when
 * they are first read, and some read the message and the name for that, whose getters may throw.
 */
export function stackOf(error: Error): unknown {
  try {
    return error.stack;
  } catch {
    return undefined;
  }
}
