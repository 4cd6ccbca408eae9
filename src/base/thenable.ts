/**
 * What `await` would wait for.
 *
 * @module
 */

/** @returns Whether a value has a method `then`. Throws what its getter throws. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null &&
    typeof (value as { then?: unknown }).then === "function";
}
