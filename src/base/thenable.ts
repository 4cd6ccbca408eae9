/**
 * What `await` would wait for, and waiting for it as that does.
 *
 * @module
 */

/** Taken at the start, as what programs put in its place may throw. */
const { then } = Promise.prototype;

/** @returns Whether a value has a method `then`. Throws what its getter throws. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null &&
    typeof (value as { then?: unknown }).then === "function";
}

/**
 * Calls back when a value has settled, whatever properties a promise was given: one of the
 * callbacks, once, unless a `then` that is no promise's own breaks the rules.
 */
export function whenSettled(
  value: PromiseLike<unknown>,
  onValue: (value: unknown) => void,
  onError: (error: unknown) => void,
): void {
  try {
    void then.call(Promise.resolve(value), onValue, onError);
  } catch (error) {
    // A getter of its constructor's.
    onError(error);
  }
}
