/**
 * Errors that are not a single call's: a signal's reason, or what ends a whole task or pool.
 *
 * @module
 */
const shared = new WeakSet<object>();

/** Says of an error that its stack is to stay as it is, since several calls may fail with it. */
export function shareError(error: unknown): void {
  if (typeof error === "object" && error !== null) shared.add(error);
}

/** @returns Whether several calls may fail with an error. */
export function isShared(error: object): boolean {
  return shared.has(error);
}
